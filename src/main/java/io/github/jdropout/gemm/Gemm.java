package io.github.jdropout.gemm;

import io.github.jdropout.spec.Matrix;

/**
 * Products of row-major matrices: {@code c = alpha * a * b + beta * c}.
 *
 * <p>Factors are f32, f16 or bf16, both of one type; the result is of that type or f32. Sums are
 * f32, in an order that is the implementation's own; the result is rounded once. Where {@code beta}
 * is 0, the old result is not read, so that a NaN in it does no harm. A product without terms is 0.
 *
 * <p>On a GPU a call queues its work on the stream that this was opened with, and returns: nothing
 * is waited for, nothing copied. On the CPU it returns when the result is complete.
 *
 * <p>Safe for use by several threads.
 */
public interface Gemm extends AutoCloseable {
  /** Returns one line for people: what multiplies. */
  String description();

  /**
   * Multiplies.
   *
   * @throws IllegalArgumentException if the matrices are not in the memory that this multiplies in
   * @throws IllegalStateException if this is closed
   */
  void multiply(GemmCall call);

  /**
   * Multiplies two matrices: {@code c = alpha * a * b + beta * c}.
   *
   * @param a m rows, k columns, after the transposition
   * @param b k rows, n columns, after the transposition
   * @param c m rows, n columns; overlaps no factor
   * @throws IllegalArgumentException if shapes or types do not go together, the result overlaps a
   *     factor, or the matrices are not in the memory that this multiplies in
   * @throws IllegalStateException if this is closed
   */
  default void multiply(
      float alpha,
      Matrix a,
      Transpose transposeA,
      Matrix b,
      Transpose transposeB,
      float beta,
      Matrix c) {
    multiply(new GemmCall(Batches.ONE, alpha, a, transposeA, b, transposeB, beta, c));
  }

  /** Gives back what this holds; work that is queued still runs. */
  @Override
  void close();
}
