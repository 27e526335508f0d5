package io.github.jdropout.gemm.layers;

import io.github.jdropout.spec.Matrix;
import java.util.Objects;

/**
 * Where {@link LoraLinear#backward} writes.
 *
 * @param gradHidden [tokens x rank], in the type of the layer: gradient of what the down-projection
 *     yields, which two of the others are made of
 * @param gradInput [tokens x inputs], in the type of the layer; null if it is not wanted
 * @param gradA [rank x inputs], in the type of the layer or f32; null if it is not wanted
 * @param gradB [outputs x rank], in the type of the layer or f32; null if it is not wanted
 * @param accumulates whether the gradients of a and b are added to what is there
 */
public record LoraGradients(
    Matrix gradHidden, Matrix gradInput, Matrix gradA, Matrix gradB, boolean accumulates) {
  /** Checks that the gradient of the hidden matrix has a place. */
  public LoraGradients {
    Objects.requireNonNull(gradHidden, "gradHidden");
  }
}
