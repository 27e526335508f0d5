package io.github.jdropout.contract;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/** Combinations of several axes' values in which each two values of two axes meet. */
final class Pairs {
  private static final int CANDIDATES = 40;

  private Pairs() {}

  private record Pair(int axis, int value, int otherAxis, int otherValue) {}

  /**
   * Returns combinations, always the same, few for what they cover.
   *
   * @param sizes number of values of each axis
   */
  static List<int[]> covering(int... sizes) {
    Set<Pair> open = new HashSet<>();
    List<Pair> all = new ArrayList<>();
    for (int axis = 0; axis < sizes.length; axis++) {
      for (int other = axis + 1; other < sizes.length; other++) {
        for (int i = 0; i < sizes[axis] * sizes[other]; i++) {
          all.add(new Pair(axis, i % sizes[axis], other, i / sizes[axis]));
        }
      }
    }
    open.addAll(all);
    SplittableRandom random = new SplittableRandom(1);
    List<int[]> combinations = new ArrayList<>();
    for (Pair next : all) {
      if (open.contains(next)) {
        int[] best = best(next, sizes, open, random);
        open.removeAll(pairsOf(best));
        combinations.add(best);
      }
    }
    return combinations;
  }

  /** Returns, of random combinations with a pair, the one that covers most. */
  private static int[] best(Pair pair, int[] sizes, Set<Pair> open, SplittableRandom random) {
    int[] best = null;
    long mostCovered = -1;
    for (int candidate = 0; candidate < CANDIDATES; candidate++) {
      int[] values = new int[sizes.length];
      for (int axis = 0; axis < sizes.length; axis++) {
        values[axis] = random.nextInt(sizes[axis]);
      }
      values[pair.axis()] = pair.value();
      values[pair.otherAxis()] = pair.otherValue();
      long covered = pairsOf(values).stream().filter(open::contains).count();
      if (covered > mostCovered) {
        mostCovered = covered;
        best = values;
      }
    }
    return best;
  }

  private static Set<Pair> pairsOf(int[] values) {
    Set<Pair> pairs = new HashSet<>();
    for (int axis = 0; axis < values.length; axis++) {
      for (int other = axis + 1; other < values.length; other++) {
        pairs.add(new Pair(axis, values[axis], other, values[other]));
      }
    }
    return pairs;
  }
}
