package io.github.jdropout.rng;

/**
 * The integer threshold that decides between keeping and dropping, and what follows from it.
 *
 * <p>A 16-bit lane {@code l} keeps its element if and only if {@code l < T}. The scale is computed
 * from T, not from p, so that the expected value of the output is the input, up to the one rounding
 * of the scale.
 */
public final class KeepThreshold {
  /** The number of values of a lane; the threshold that keeps everything. */
  public static final int KEEP_ALL = 1 << 16;

  /** The threshold that keeps nothing. */
  public static final int KEEP_NONE = 0;

  private KeepThreshold() {}

  /**
   * Returns the threshold for a drop probability.
   *
   * <p>Only {@code p == 0} keeps everything and only {@code p == 1} drops everything; every other p
   * gives {@code rint((1 - p) * 65536)} clamped to [1, 65535].
   *
   * @param p probability of dropping, in [0, 1]
   * @return T, in [0, 65536]
   * @throws IllegalArgumentException if {@code p} is NaN or outside [0, 1]
   */
  public static int of(double p) {
    checkProbability(p);
    if (p == 0) {
      return KEEP_ALL;
    }
    if (p == 1) {
      return KEEP_NONE;
    }
    return Math.clamp((long) Math.rint((1 - p) * KEEP_ALL), 1, KEEP_ALL - 1);
  }

  /**
   * Checks a drop probability.
   *
   * @throws IllegalArgumentException if {@code p} is NaN or outside [0, 1]
   */
  public static void checkProbability(double p) {
    if (!(p >= 0 && p <= 1)) {
      throw new IllegalArgumentException("p must be in [0, 1] but is " + p);
    }
  }

  /** Returns {@code T / 65536}, exact in binary32 and binary64. */
  public static double keepProbability(int threshold) {
    return threshold / (double) KEEP_ALL;
  }

  /** Returns {@code 1 - T / 65536}, the drop probability that T realises. */
  public static double effectiveP(int threshold) {
    return 1 - keepProbability(threshold);
  }

  /** Returns {@code 65536 / T} rounded to binary64, or 0 for T = 0, where nothing is kept. */
  public static double scale(int threshold) {
    return threshold == KEEP_NONE ? 0 : KEEP_ALL / (double) threshold;
  }

  /** Returns {@code 65536 / T} rounded once to binary32, or 0 for T = 0. */
  public static float scaleF32(int threshold) {
    // Both operands are exact floats, so this division is the one rounding.
    return threshold == KEEP_NONE ? 0 : KEEP_ALL / (float) threshold;
  }
}
