package io.github.jdropout.parity;

import io.github.jdropout.backend.EpilogueBackend;
import io.github.jdropout.gemm.GemmCall;
import io.github.jdropout.spec.DropoutSpec;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.Elements;
import io.github.jdropout.spec.HostMatrix;
import io.github.jdropout.spec.MaskKey;
import io.github.jdropout.spec.MaskShape;
import io.github.jdropout.spec.PackedMask;
import java.util.Set;

/**
 * What an implementation can be asked to do, with operands in the host's memory; nobody asks for an
 * operation that is not among {@link #operations}.
 */
interface Subject {
  Set<Operation> operations();

  Set<ElementType> types();

  /** Returns the same with fewer types, for what draws masks by way of elements. */
  default Subject only(Set<ElementType> fewer) {
    return this;
  }

  void forward(DropoutSpec spec, MaskKey key, long firstIndex, Elements input, Elements output);

  default void backward(
      DropoutSpec spec, MaskKey key, long firstIndex, Elements gradOutput, Elements gradInput) {
    throw unasked();
  }

  default void forwardShared(
      DropoutSpec spec,
      MaskKey key,
      MaskShape shape,
      long firstIndex,
      Elements input,
      Elements output) {
    throw unasked();
  }

  void mask(DropoutSpec spec, MaskKey key, long firstIndex, PackedMask output);

  default void applyMask(DropoutSpec spec, PackedMask mask, Elements input, Elements output) {
    throw unasked();
  }

  default void infer(DropoutSpec spec, Elements input, Elements output) {
    throw unasked();
  }

  default EpilogueBackend epilogues() {
    throw unasked();
  }

  default void columnSums(HostMatrix groupSums, Elements gradBias, boolean accumulates) {
    throw unasked();
  }

  default void multiply(GemmCall call) {
    throw unasked();
  }

  private static UnsupportedOperationException unasked() {
    return new UnsupportedOperationException("not among the operations");
  }
}
