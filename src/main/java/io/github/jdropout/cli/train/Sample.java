package io.github.jdropout.cli.train;

import java.util.Collection;

/**
 * Mean and spread of numbers.
 *
 * @param count how many
 * @param mean their mean
 * @param sd their standard deviation, with divisor {@code count - 1}; NaN for one number
 */
public record Sample(int count, double mean, double sd) {
  /** The 0.975 quantiles of Student's t with 1 to 30 degrees of freedom. */
  private static final double[] T = {
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, //
    2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086, //
    2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042
  };

  /** Returns the mean and spread of at least one number. */
  static Sample of(Collection<Double> values) {
    int count = values.size();
    double mean = values.stream().mapToDouble(value -> value).sum() / count;
    double squares = values.stream().mapToDouble(value -> (value - mean) * (value - mean)).sum();
    return new Sample(count, mean, Math.sqrt(squares / (count - 1)));
  }

  /** Returns half the width of the 95 % confidence interval of the mean; NaN for one number. */
  public double margin() {
    // Beyond the table its last entry, which is on the safe side.
    return count < 2 ? Double.NaN : T[Math.min(count - 1, T.length) - 1] * sd / Math.sqrt(count);
  }

  /** Returns whether the 95 % confidence interval of the mean excludes 0; false for one number. */
  public boolean isClear() {
    return Math.abs(mean) > margin();
  }
}
