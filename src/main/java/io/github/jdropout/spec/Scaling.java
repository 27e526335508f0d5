package io.github.jdropout.spec;

/** Where the factor that keeps the expected value is applied. */
public enum Scaling {
  /**
   * Kept elements are multiplied by {@code 65536 / T} while training; inference is the identity.
   *
   * <p>This is what current frameworks call dropout.
   */
  INVERTED,
  /**
   * Kept elements pass unscaled while training; inference multiplies by {@code T / 65536}.
   *
   * <p>Source: Srivastava et al., "Dropout", JMLR 15 (2014), section 4.
   */
  CLASSICAL
}
