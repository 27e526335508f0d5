package io.github.jdropout.gemm.layers;

import io.github.jdropout.spec.Matrix;
import java.util.Objects;

/**
 * Where {@link DropoutLinear#backward} writes. The gradient of the residual is {@code gradOutput}
 * itself.
 *
 * @param gradProduct [tokens x outputs], in the type of the layer: gradient of the product, which
 *     the others are made of; may be the place of {@code gradOutput}
 * @param gradInput [tokens x inputs], in the type of the layer; null if it is not wanted
 * @param gradWeight [outputs x inputs], in the type of the layer or f32; null if it is not wanted
 * @param gradBias [1 x outputs], in the type of the layer or f32; null if it is not wanted
 * @param accumulates whether the gradients of weight and bias are added to what is there
 */
public record LinearGradients(
    Matrix gradProduct, Matrix gradInput, Matrix gradWeight, Matrix gradBias, boolean accumulates) {
  /** Checks that the gradient of the product has a place. */
  public LinearGradients {
    Objects.requireNonNull(gradProduct, "gradProduct");
  }
}
