package io.github.jdropout.spec;

import java.util.Locale;

/**
 * What a layer applies to each element before dropout.
 *
 * <p>{@code docs/contract.md} defines each to the bit, in binary32.
 */
public enum Activation {
  /** Nothing. */
  IDENTITY,
  /** Zero where the element is negative; a NaN stays. */
  RELU,
  /** x times the normal distribution at x (Hendrycks and Gimpel, 2016). */
  GELU,
  /** The same with a tanh in place of the normal distribution; within 5e-4 of it. */
  GELU_TANH,
  /** x times the logistic function of x, also called swish. */
  SILU;

  /** Returns the name used in messages and file formats: the constant in lower case. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Returns whether the gradient needs the product; that of ReLU needs one bit of each element. */
  public boolean needsProduct() {
    return this != IDENTITY && this != RELU;
  }
}
