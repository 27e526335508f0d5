package io.github.jdropout.parity;

import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.MaskKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * A range of a mask whose answers a golden file has.
 *
 * @param key selects the mask
 * @param p probability of dropping, in [0, 1]
 * @param firstIndex global index of the first element, in [0, 2^63 - count]
 * @param count of elements, in [1, 2^24]
 * @param types on which forward passes are written besides the mask
 */
public record GoldenCase(
    MaskKey key, double p, long firstIndex, int count, Set<ElementType> types) {
  private static final int USUAL_COUNT = 100;

  private static final int LIMIT = 1 << 24;

  /**
   * Checks the arguments.
   *
   * @throws IllegalArgumentException if one is outside its range
   */
  public GoldenCase {
    if (!(p >= 0 && p <= 1)) {
      throw new IllegalArgumentException("p must be in [0, 1] but is " + p);
    }
    checkCount(count);
    if (firstIndex < 0 || firstIndex > Long.MAX_VALUE - count) {
      throw new IllegalArgumentException(
          "firstIndex must be in [0, " + (Long.MAX_VALUE - count) + "] but is " + firstIndex);
    }
    types = Set.copyOf(types);
  }

  /**
   * Checks a number of elements before it becomes an int.
   *
   * @return the number
   * @throws IllegalArgumentException if no case has so many
   */
  public static int checkCount(long count) {
    if (count < 1 || count > LIMIT) {
      throw new IllegalArgumentException(
          "count of a golden file's case must be in [1, " + LIMIT + "] but is " + count);
    }
    return (int) count;
  }

  /** Returns cases at every kind of probability, key and index, some with forward passes. */
  public static List<GoldenCase> standard() {
    double[] probabilities = {0, 1e-9, 0.1, 0.2, 0.3, 0.5, 0.9, 0.999999999, 1};
    long[] firsts = {0, 3, (1L << 32) - 5, (1L << 35) - 29, 1L << 40, Long.MAX_VALUE - USUAL_COUNT};
    MaskKey[] keys = {
      new MaskKey(0, 0),
      new MaskKey(42, 7),
      new MaskKey(-1, -1),
      new MaskKey(1L << 32, 1L << 63),
      new MaskKey(0x299F31D0A4093822L, 0x0370734413198A2EL)
    };
    List<GoldenCase> cases = new ArrayList<>();
    for (int i = 0; i < probabilities.length; i++) {
      for (int j = 0; j < 3; j++) {
        int at = 3 * i + j;
        Set<ElementType> types = j == 0 ? Set.of(ElementType.values()) : Set.of();
        // Lengths that end inside of a byte, of a word and of neither.
        int count = USUAL_COUNT - j * 18;
        MaskKey key = keys[at % keys.length];
        cases.add(new GoldenCase(key, probabilities[i], firsts[at % firsts.length], count, types));
      }
    }
    return cases;
  }
}
