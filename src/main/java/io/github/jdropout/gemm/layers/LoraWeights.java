package io.github.jdropout.gemm.layers;

import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.Matrix;
import java.util.Objects;

/**
 * The weights of a linear layer with a low-rank adapter (Hu et al., 2021), with O outputs, I inputs
 * and rank r.
 *
 * @param weight [O x I], frozen
 * @param a [r x I], the adapter's down-projection
 * @param b [O x r], the adapter's up-projection
 */
public record LoraWeights(Matrix weight, Matrix a, Matrix b) {
  /** Checks that nothing is missing; shapes are checked by the calls, with all other operands. */
  public LoraWeights {
    Objects.requireNonNull(weight, "weight");
    Objects.requireNonNull(a, "a");
    Objects.requireNonNull(b, "b");
  }

  /** Returns the rank of the adapter. */
  public long rank() {
    return a.rowCount();
  }

  Operands addTo(Operands operands) {
    return operands.reads("weight", weight).reads("a", a).reads("b", b);
  }

  /** Checks shapes and types among each other and with the input's. */
  void check(Operands operands, ElementType type, long inputs) {
    operands
        .atLeastOneRow("a", a)
        .size("weight", weight, b.rowCount(), inputs)
        .type("weight", weight, type)
        .size("a", a, rank(), inputs)
        .type("a", a, type)
        .size("b", b, weight.rowCount(), rank())
        .type("b", b, type);
  }
}
