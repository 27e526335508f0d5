package io.github.jdropout.cli.train;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Digits divided at random.
 *
 * @param training what the network learns from
 * @param validation all others
 */
record Split(Digits training, Digits validation) {
  /** Returns a division that depends on the seed alone. */
  static Split of(Digits digits, int trainingCount, long seed) {
    int[] rows = shuffled(digits.count(), new Random(seed));
    return new Split(
        digits.select(Arrays.copyOf(rows, trainingCount)),
        digits.select(Arrays.copyOfRange(rows, trainingCount, rows.length)));
  }

  /** Returns 0 to {@code count - 1} in random order. */
  static int[] shuffled(int count, Random random) {
    int[] rows = IntStream.range(0, count).toArray();
    for (int last = count - 1; last > 0; last--) {
      int other = random.nextInt(last + 1);
      int row = rows[last];
      rows[last] = rows[other];
      rows[other] = row;
    }
    return rows;
  }
}
