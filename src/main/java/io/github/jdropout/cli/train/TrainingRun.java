package io.github.jdropout.cli.train;

import java.util.List;

/**
 * One trained network.
 *
 * @param variant which dropout
 * @param seed of the split, the initial weights, the order of the digits and the masks
 * @param epochMillis time of each epoch without evaluation, in milliseconds
 * @param points evaluations, the last of them after the last epoch
 */
public record TrainingRun(
    Variant variant, long seed, List<Double> epochMillis, List<Point> points) {
  private static final double PERCENT = 100;

  /**
   * An evaluation, without dropout.
   *
   * @param epoch finished epochs
   * @param training on the training digits
   * @param validation on the validation digits
   */
  public record Point(int epoch, Scores training, Scores validation) {}

  /**
   * How good a network is.
   *
   * @param accuracy part of the digits that are recognised, in [0, 1]
   * @param loss mean cross-entropy, in nats
   */
  public record Scores(double accuracy, double loss) {}

  /** Returns the part of the training digits that are recognised at the end, in percent. */
  double trainingPercent() {
    return PERCENT * points.getLast().training().accuracy();
  }

  /** Returns the loss on the training digits at the end. */
  double trainingLoss() {
    return points.getLast().training().loss();
  }

  /** Returns the part of the validation digits that are recognised at the end, in percent. */
  double validationPercent() {
    return PERCENT * points.getLast().validation().accuracy();
  }

  /** Returns the loss on the validation digits at the end. */
  double validationLoss() {
    return points.getLast().validation().loss();
  }

  /** Returns the median time of an epoch, in milliseconds. */
  double medianEpochMillis() {
    List<Double> sorted = epochMillis.stream().sorted().toList();
    int middle = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(middle)
        : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
  }
}
