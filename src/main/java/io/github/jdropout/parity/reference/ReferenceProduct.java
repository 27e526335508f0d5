package io.github.jdropout.parity.reference;

import io.github.jdropout.spec.ElementType;

/**
 * A product of matrices, {@code alpha a b + beta c}, in binary64.
 *
 * <p>A computed one may differ. Let M be the same sum of absolute values, k the number of terms, u
 * the unit roundoff of the result's type and v = 2^-24 that of binary32. Each term is rounded once,
 * as a product, and added up to k times, in any order; the sum is multiplied, and added to what was
 * there, whose product is rounded too: at most (k + 4) v M, and the rounding to the result's type
 * at most u M, each but for products of errors, for which an error is 2^-6 larger. Below the normal
 * numbers of f16, rounding adds up to half of the smallest one.
 */
public final class ReferenceProduct {
  private static final double V = 0x1p-24;

  private static final double PRODUCTS_OF_ERRORS = 1 + 0x1p-6;

  private final float alpha;
  private final float[] a;
  private final boolean isTransposedA;
  private final float[] b;
  private final boolean isTransposedB;
  private final float beta;
  private final float[] c;
  private final int m;
  private final int n;
  private final int k;

  /**
   * Creates one.
   *
   * @param a m x k numbers, or k x m if transposed; rows have no gaps
   * @param b k x n numbers, or n x k if transposed
   * @param c m x n numbers, ignored if beta is 0
   */
  public ReferenceProduct(
      float alpha,
      float[] a,
      boolean isTransposedA,
      float[] b,
      boolean isTransposedB,
      float beta,
      float[] c,
      int m,
      int n,
      int k) {
    this.alpha = alpha;
    this.a = a;
    this.isTransposedA = isTransposedA;
    this.b = b;
    this.isTransposedB = isTransposedB;
    this.beta = beta;
    this.c = c;
    this.m = m;
    this.n = n;
    this.k = k;
  }

  /** Returns a row of the result. */
  public double[] row(int row) {
    return row(row, false);
  }

  /**
   * Returns by how much each number of a row may be wrong.
   *
   * @param result type that the result is rounded to
   */
  public double[] bounds(int row, ElementType result) {
    double storage =
        switch (result) {
          case F16 -> 0x1p-11;
          case BF16 -> 0x1p-8;
          default -> V;
        };
    double relative = (storage + (k + 4) * V) * PRODUCTS_OF_ERRORS;
    double absolute = result == ElementType.F16 ? 0x1p-25 : 0;
    double[] bounds = row(row, true);
    for (int i = 0; i < n; i++) {
      bounds[i] = bounds[i] * relative + absolute;
    }
    return bounds;
  }

  /** Returns a row of the result, or of the same with all numbers made positive. */
  private double[] row(int row, boolean isAbsolute) {
    double[] sums = new double[n];
    for (int term = 0; term < k; term++) {
      double left = a[isTransposedA ? term * m + row : row * k + term];
      for (int column = 0; column < n; column++) {
        double product = left * b[isTransposedB ? column * k + term : term * n + column];
        sums[column] += isAbsolute ? Math.abs(product) : product;
      }
    }
    for (int column = 0; column < n; column++) {
      double product = alpha * sums[column];
      double old = beta == 0 ? 0 : (double) beta * c[row * n + column];
      sums[column] = isAbsolute ? Math.abs(product) + Math.abs(old) : product + old;
    }
    return sums;
  }
}
