package io.github.jdropout.bench.result;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Medians and quantiles of samples. */
public final class Samples {
  private Samples() {}

  /**
   * Returns the middle value, or the mean of the two in the middle.
   *
   * @throws IllegalArgumentException if there are none
   */
  public static double median(List<Double> samples) {
    return quantile(samples, 0.5);
  }

  /**
   * Returns a quantile, between neighbours by linear interpolation.
   *
   * @param fraction in [0, 1]: 0 is the smallest value, 1 the largest
   * @throws IllegalArgumentException if there are no samples
   */
  public static double quantile(List<Double> samples, double fraction) {
    if (samples.isEmpty()) {
      throw new IllegalArgumentException("there are no samples");
    }
    double[] sorted = samples.stream().mapToDouble(Double::doubleValue).toArray();
    Arrays.sort(sorted);
    double at = fraction * (sorted.length - 1);
    int below = (int) at;
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
  }

  /**
   * Returns the median of the ratios of samples that were taken side by side.
   *
   * @throws IllegalArgumentException if the numbers of samples differ
   */
  public static double medianRatio(List<Double> over, List<Double> under) {
    if (over.size() != under.size()) {
      throw new IllegalArgumentException(
          "over has " + over.size() + " samples but under has " + under.size());
    }
    return median(
        IntStream.range(0, over.size()).mapToObj(i -> over.get(i) / under.get(i)).toList());
  }
}
