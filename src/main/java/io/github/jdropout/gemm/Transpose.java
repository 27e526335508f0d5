package io.github.jdropout.gemm;

/** Whether a factor of a product is taken as it is or transposed. */
public enum Transpose {
  /** As it is. */
  NO,
  /** Rows and columns exchanged; nothing is copied. */
  YES
}
