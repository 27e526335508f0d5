package io.github.jdropout.parity;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** Combinations of several axes' values in which each two values of two axes meet. */
public final class Pairs {
  private static final int CANDIDATES = 20;

  private Pairs() {}

  /**
   * Returns combinations, always the same, few for what they cover.
   *
   * @param sizes number of values of each axis
   */
  public static List<int[]> covering(int... sizes) {
    boolean[][] open = new boolean[Arrays.stream(sizes).sum()][Arrays.stream(sizes).sum()];
    int[] starts = starts(sizes);
    for (boolean[] row : open) {
      Arrays.fill(row, true);
    }
    SplittableRandom random = new SplittableRandom(1);
    List<int[]> combinations = new ArrayList<>();
    for (int axis = 0; axis < sizes.length; axis++) {
      for (int other = axis + 1; other < sizes.length; other++) {
        for (int i = 0; i < sizes[axis] * sizes[other]; i++) {
          int[] pair = {axis, i % sizes[axis], other, i / sizes[axis]};
          if (open[starts[axis] + pair[1]][starts[other] + pair[3]]) {
            int[] best = best(pair, sizes, starts, open, random);
            cover(best, starts, open);
            combinations.add(best);
          }
        }
      }
    }
    return combinations;
  }

  /** Returns where the values of each axis begin among those of all. */
  private static int[] starts(int[] sizes) {
    int[] starts = new int[sizes.length];
    for (int axis = 1; axis < sizes.length; axis++) {
      starts[axis] = starts[axis - 1] + sizes[axis - 1];
    }
    return starts;
  }

  /** Returns, of random combinations with a pair, the one that covers most. */
  private static int[] best(
      int[] pair, int[] sizes, int[] starts, boolean[][] open, SplittableRandom random) {
    int[] best = null;
    int mostCovered = -1;
    for (int candidate = 0; candidate < CANDIDATES; candidate++) {
      int[] values = new int[sizes.length];
      for (int axis = 0; axis < sizes.length; axis++) {
        values[axis] = random.nextInt(sizes[axis]);
      }
      values[pair[0]] = pair[1];
      values[pair[2]] = pair[3];
      int covered = openPairs(values, starts, open);
      if (covered > mostCovered) {
        mostCovered = covered;
        best = values;
      }
    }
    return best;
  }

  private static int openPairs(int[] values, int[] starts, boolean[][] open) {
    int count = 0;
    for (int axis = 0; axis < values.length; axis++) {
      for (int other = axis + 1; other < values.length; other++) {
        count += open[starts[axis] + values[axis]][starts[other] + values[other]] ? 1 : 0;
      }
    }
    return count;
  }

  private static void cover(int[] values, int[] starts, boolean[][] open) {
    for (int axis = 0; axis < values.length; axis++) {
      for (int other = axis + 1; other < values.length; other++) {
        open[starts[axis] + values[axis]][starts[other] + values[other]] = false;
      }
    }
  }
}
