package io.github.jdropout.parity;

import org.apache.commons.statistics.distribution.BinomialDistribution;
import org.apache.commons.statistics.distribution.ChiSquaredDistribution;
import org.apache.commons.statistics.distribution.NormalDistribution;

/** How likely numbers as far from what is expected are. */
final class PValues {
  private static final NormalDistribution NORMAL = NormalDistribution.of(0, 1);

  /** Expected numbers below which the law of chi-square is not near enough. */
  private static final double MIN_EXPECTED = 10;

  private PValues() {}

  /** Returns the exact one of so many successes, on both sides. */
  static double ofBinomial(long successes, int trials, double probability) {
    BinomialDistribution law = BinomialDistribution.of(trials, probability);
    int observed = Math.toIntExact(successes);
    double tail =
        Math.min(law.cumulativeProbability(observed), law.survivalProbability(observed - 1));
    return Math.min(1, 2 * tail);
  }

  /** Returns that of a sum of very many small terms, on both sides. */
  static double ofNormal(double sum, double mean, double variance) {
    return Math.min(1, 2 * NORMAL.survivalProbability(Math.abs(sum - mean) / Math.sqrt(variance)));
  }

  /** Returns that of groups of as many trials each, with a probability that is known. */
  static double ofGroups(long[] successes, long trials, double probability) {
    double sum = 0;
    for (long observed : successes) {
      double distance = observed - trials * probability;
      sum += distance * distance / (trials * probability * (1 - probability));
    }
    return ChiSquaredDistribution.of(successes.length).survivalProbability(sum);
  }

  /** Returns that of frequencies; rare outcomes are taken together. */
  static double ofFrequencies(long[] observed, double[] expected) {
    double sum = 0;
    int classes = 0;
    double rareExpected = 0;
    long rareObserved = 0;
    for (int i = 0; i < observed.length; i++) {
      if (expected[i] < MIN_EXPECTED) {
        rareExpected += expected[i];
        rareObserved += observed[i];
      } else {
        sum += square(observed[i] - expected[i]) / expected[i];
        classes++;
      }
    }
    if (rareExpected >= MIN_EXPECTED) {
      sum += square(rareObserved - rareExpected) / rareExpected;
      classes++;
    }
    return ChiSquaredDistribution.of(classes - 1).survivalProbability(sum);
  }

  private static double square(double x) {
    return x * x;
  }
}
