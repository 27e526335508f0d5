/** Result files: reading them, comparing two, and the table over all. */
package io.github.jdropout.bench.compare;
