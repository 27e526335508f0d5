package io.github.jdropout.bench.training;

/**
 * A step that takes turns with others.
 *
 * @param name for people
 * @param p probability of dropping; 0 in the step that the others are compared with
 * @param step one training step
 * @param check runs a step and throws {@link IllegalStateException} if it computes wrong numbers
 */
record Variant(String name, double p, Runnable step, Runnable check) {}
