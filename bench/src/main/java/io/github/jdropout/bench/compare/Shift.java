package io.github.jdropout.bench.compare;

import java.util.Arrays;
import java.util.List;
import org.apache.commons.statistics.distribution.NormalDistribution;
import org.apache.commons.statistics.inference.MannWhitneyUTest;

/**
 * How the samples of B are to those of A, without a word about how either is distributed.
 *
 * <p>The ratio is the median over all pairs of a sample of each (Hodges and Lehmann, 1963, of
 * logarithms). Its interval is that of the pairs' ratios which the test of Mann and Whitney (1947)
 * would not reject, so both tell the same. Few disturbed samples move neither.
 *
 * @param ratio of B to A, 1 for equal
 * @param low lower end of the ratio's interval of 95 % confidence; the smallest ratio of all if
 *     there are too few samples for that
 * @param high its upper end; or the largest
 * @param pValue how probable a difference as large as this one is if there is none, two-sided
 */
public record Shift(double ratio, double low, double high, double pValue) {
  private static final double QUANTILE =
      NormalDistribution.of(0, 1).inverseSurvivalProbability(0.025);

  /** Returns how samples of B are to samples of A, all positive. */
  static Shift of(List<Double> a, List<Double> b) {
    double[] ratios = new double[Math.multiplyExact(a.size(), b.size())];
    int at = 0;
    for (double ofB : b) {
      for (double ofA : a) {
        ratios[at++] = ofB / ofA;
      }
    }
    Arrays.sort(ratios);
    int count = ratios.length;
    double deviation = Math.sqrt(count * (a.size() + b.size() + 1.0) / 12);
    int outside = Math.max(0, (int) Math.floor(count / 2.0 - QUANTILE * deviation) - 1);
    return new Shift(
        (ratios[(count - 1) / 2] + ratios[count / 2]) / 2,
        ratios[outside],
        ratios[count - 1 - outside],
        pValue(a, b));
  }

  private static double pValue(List<Double> a, List<Double> b) {
    double p = MannWhitneyUTest.withDefaults().test(array(a), array(b)).getPValue();
    // Samples that are all the same number leave nothing to compute it from.
    return Double.isNaN(p) ? 1 : p;
  }

  /** Returns the smallest p-value that so many samples can have. */
  static double smallestPValue(int ofA, int ofB) {
    double arrangements = 1;
    for (int i = 1; i <= ofB; i++) {
      arrangements *= (double) (ofA + i) / i;
    }
    return Math.min(1, 2 / arrangements);
  }

  /** Returns by how many percent B is more than A. */
  public double percent() {
    return 100 * (ratio - 1);
  }

  /**
   * Returns whether B differs from A by more than a factor, and the interval has no 1.
   *
   * @param smallest factor, above 1
   */
  boolean isClear(double smallest) {
    return Math.max(ratio, 1 / ratio) >= smallest && (low > 1 || high < 1);
  }

  private static double[] array(List<Double> samples) {
    return samples.stream().mapToDouble(Double::doubleValue).toArray();
  }
}
