package io.github.jdropout.cli.train;

import java.util.List;

/**
 * What to train.
 *
 * @param p probability of dropping a hidden unit, in [0, 1); pixels are dropped a third as often
 * @param hidden sizes of the hidden layers, each in [1, 65536]
 * @param epochs passes over the training digits, at least 1
 * @param batch digits of a step, at least 1
 * @param trainSize training digits; at least one digit must be left for validation
 * @param seed seed of the first run; the next runs count on from it
 * @param seeds number of seeds, at least 1
 * @param samples stochastic passes of Monte-Carlo dropout, at least 2
 */
public record TrainingPlan(
    double p,
    List<Integer> hidden,
    int epochs,
    int batch,
    int trainSize,
    long seed,
    int seeds,
    int samples) {
  /** Evaluations of a run; each costs about as much as an epoch. */
  private static final int EVALUATIONS = 20;

  /** Digits in the bundled set. */
  static final int DIGITS = 1797;

  /**
   * Checks the arguments.
   *
   * @throws IllegalArgumentException if one is outside its range
   */
  public TrainingPlan {
    if (!(p >= 0 && p < 1)) {
      throw new IllegalArgumentException("p must be in [0, 1) to train but is " + p);
    }
    hidden = List.copyOf(hidden);
    if (hidden.isEmpty()) {
      throw new IllegalArgumentException("hidden must name at least one layer");
    }
    for (int size : hidden) {
      check("hidden", size, 1, 1 << 16);
    }
    check("epochs", epochs, 1, 1_000_000);
    check("batch", batch, 1, DIGITS);
    check("train-size", trainSize, 1, DIGITS - 1);
    check("seeds", seeds, 1, 1000);
    check("samples", samples, 2, 1_000_000);
  }

  private static void check(String name, int value, int least, int most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          name + " must be in [" + least + ", " + most + "] but is " + value);
    }
  }

  /** Returns whether the network is evaluated after an epoch, counted from 1. */
  boolean isEvaluated(int epoch) {
    int every = (epochs + EVALUATIONS - 1) / EVALUATIONS;
    return epoch % every == 0 || epoch == epochs;
  }

  /** Returns the number of optimiser steps of a run. */
  int steps() {
    return epochs * ((trainSize + batch - 1) / batch);
  }
}
