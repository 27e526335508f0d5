package io.github.jdropout.bench.compare;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** Holm's correction of p-values for their number (1979). */
final class Holm {
  private Holm() {}

  /**
   * Returns the corrected p-values: of those below a level, the probability that even one is there
   * by chance is at most the level, however they depend on each other.
   */
  static double[] correct(double... pValues) {
    List<Integer> order =
        IntStream.range(0, pValues.length)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> pValues[i]))
            .toList();
    double[] corrected = new double[pValues.length];
    double largest = 0;
    for (int rank = 0; rank < order.size(); rank++) {
      int index = order.get(rank);
      largest = Math.max(largest, Math.min(1, pValues[index] * (pValues.length - rank)));
      corrected[index] = largest;
    }
    return corrected;
  }
}
