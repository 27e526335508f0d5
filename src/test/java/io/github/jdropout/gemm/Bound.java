package io.github.jdropout.gemm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jdropout.spec.ElementType;

/**
 * How far a computed matrix may be from the exact one.
 *
 * <p>Each number is a sum of products. Let M be the same sum of absolute values. With u the unit
 * roundoff of the storage type and v = 2^-24 that of f32, whatever is rounded to the storage type
 * on the way adds at most u M, and a sum of n products in f32, in any order, at most n v M / (1 - n
 * v).
 */
public final class Bound {
  private static final double V = 0x1p-24;

  /** Of the quotient of differences: its truncation, and rounding in binary64. */
  private static final double DIFFERENCE = 1e-7;

  private final double relative;
  private final double absolute;

  private Bound(ElementType type, int storageRoundings, int roundings, double difference) {
    double u =
        switch (type) {
          case F16 -> 0x1p-11;
          case BF16 -> 0x1p-8;
          default -> V;
        };
    // The second factor has the products of errors.
    relative = (storageRoundings * u + roundings * V) * (1 + 0x1p-6) + difference;
    // Numbers below the normal ones of f16 are rounded by up to half of the smallest.
    absolute = (type == ElementType.F16 ? storageRoundings * 0x1p-25 : 0) + difference;
  }

  /**
   * Returns the bound of a matrix that the model computes.
   *
   * @param storageRoundings how often a term is rounded to the storage type
   * @param roundings how often it is rounded to f32, sums included
   */
  public static Bound ofValues(ElementType type, int storageRoundings, int roundings) {
    return new Bound(type, storageRoundings, roundings, 0);
  }

  /** Returns the bound of a gradient, which is compared with quotients of differences. */
  public static Bound ofGradient(ElementType type, int storageRoundings, int roundings) {
    return new Bound(type, storageRoundings, roundings, DIFFERENCE);
  }

  /**
   * Checks every number.
   *
   * @param magnitudes the sums of absolute values
   */
  public void check(String name, double[] expected, double[] actual, double[] magnitudes) {
    assertEquals(expected.length, actual.length, name);
    for (int i = 0; i < expected.length; i++) {
      double error = Math.abs(actual[i] - expected[i]);
      double allowed = magnitudes[i] * relative + absolute;
      int index = i;
      // Written so that a NaN fails.
      assertTrue(
          error <= allowed,
          () ->
              name
                  + "["
                  + index
                  + "] is "
                  + actual[index]
                  + " but should be "
                  + expected[index]
                  + ", within "
                  + allowed);
    }
  }
}
