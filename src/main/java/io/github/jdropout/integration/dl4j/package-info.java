/** Dropout for Deeplearning4j on the CPU; the only package of the library that refers to it. */
package io.github.jdropout.integration.dl4j;
