package io.github.jdropout.gemm.cublas;

import java.util.Locale;

/**
 * The ways of calling cuBLAS, the preferred first.
 *
 * <p>Java's own comes first because it takes every version of cuBLAS, needs nothing else on the
 * class path, and calls in less time; JCublas is linked to version 12 alone.
 */
public enum CublasBinding {
  /** Through {@code java.lang.foreign}. */
  FFM,
  /** Through JCublas2. */
  JCUBLAS;

  /** Returns the name used in properties: the constant in lower case. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
