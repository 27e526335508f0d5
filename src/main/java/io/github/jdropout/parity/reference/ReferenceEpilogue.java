package io.github.jdropout.parity.reference;

import io.github.jdropout.spec.Activation;
import io.github.jdropout.spec.ElementType;

/**
 * The epilogue of one element after the other, from the contract's text.
 *
 * @param type of all matrices
 * @param activation applied to each element
 * @param factor of kept elements
 */
public record ReferenceEpilogue(ElementType type, Activation activation, float factor) {
  /** Returns the activation's argument; a missing bias is null. */
  public float argument(long product, Long bias) {
    float z = ReferenceArithmetic.widen(type, product);
    return bias == null ? z : (float) ((double) z + ReferenceArithmetic.widen(type, bias));
  }

  /** Returns the output's bits; a missing residual is null. */
  public long output(float z, boolean isKept, Long residual) {
    float d = dropped(z, isKept);
    if (residual != null) {
      d = (float) ((double) ReferenceArithmetic.widen(type, residual) + d);
    }
    return ReferenceArithmetic.narrow(type, d);
  }

  /** Returns what is added to the residual. */
  float dropped(float z, boolean isKept) {
    return isKept ? (float) ((double) ReferenceActivation.value(activation, z) * factor) : 0;
  }

  /** Returns whether the derivative of ReLU is 1. */
  public static boolean sign(float z) {
    return ReferenceActivation.derivative(Activation.RELU, z) == 1;
  }

  /** Returns the gradient with respect to the product, not yet rounded to the type. */
  public float gradient(float z, boolean isKept, long gradOutput) {
    return gradientOf(z, isKept, ReferenceArithmetic.widen(type, gradOutput));
  }

  /** Returns the same for a gradient that is widened. */
  float gradientOf(float z, boolean isKept, float gradOutput) {
    if (!isKept) {
      return 0;
    }
    float scaled = (float) ((double) gradOutput * factor);
    return switch (activation) {
      case IDENTITY -> scaled;
      case RELU -> sign(z) ? scaled : 0;
      default -> (float) ((double) scaled * ReferenceActivation.derivative(activation, z));
    };
  }

  /** Returns sums over each 32 rows, the first step of the bias's gradient. */
  public static float[][] groupSums(float[][] rows, int columns) {
    float[][] sums = new float[(rows.length + 31) / 32][columns];
    for (int row = 0; row < rows.length; row++) {
      for (int column = 0; column < columns; column++) {
        double sum = sums[row / 32][column];
        sums[row / 32][column] = (float) (sum + rows[row][column]);
      }
    }
    return sums;
  }
}
