/** Training steps of layers, with dropout and without, timed in turns. */
package io.github.jdropout.bench.training;
