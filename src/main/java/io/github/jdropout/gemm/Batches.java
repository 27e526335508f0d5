package io.github.jdropout.gemm;

/**
 * Several products in one call, of matrices at even distances.
 *
 * @param count how many products, at least 1
 * @param strideA elements from one left factor to the next; 0 for the same one
 * @param strideB elements from one right factor to the next; 0 for the same one
 * @param strideC elements from one result to the next, at least the result's span where there are
 *     several
 */
public record Batches(int count, long strideA, long strideB, long strideC) {
  /** A single product. */
  public static final Batches ONE = new Batches(1, 0, 0, 0);

  /**
   * Checks the arguments.
   *
   * @throws IllegalArgumentException if the count is below 1 or a stride negative
   */
  public Batches {
    if (count < 1) {
      throw new IllegalArgumentException("count must be at least 1 but is " + count);
    }
    if (strideA < 0 || strideB < 0 || strideC < 0) {
      throw new IllegalArgumentException(
          "strides must be at least 0 but are " + strideA + ", " + strideB + " and " + strideC);
    }
  }
}
