package io.github.jdropout.parity;

import io.github.jdropout.Dropout;
import io.github.jdropout.backend.DropoutBackend;
import io.github.jdropout.backend.EpilogueBackend;
import io.github.jdropout.backend.tiled.ColumnSums;
import io.github.jdropout.gemm.Gemm;
import io.github.jdropout.gemm.GemmCall;
import io.github.jdropout.spec.DropoutSpec;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.Elements;
import io.github.jdropout.spec.HostMatrix;
import io.github.jdropout.spec.MaskKey;
import io.github.jdropout.spec.MaskShape;
import io.github.jdropout.spec.PackedMask;
import java.util.EnumSet;
import java.util.Set;

/**
 * A backend behind the library's face.
 *
 * @param epilogues null if it has none
 * @param gemm null if there is none
 */
record BackendSubject(DropoutBackend backend, EpilogueBackend epilogues, Gemm gemm)
    implements Subject {
  @Override
  public Set<Operation> operations() {
    Set<Operation> operations = EnumSet.range(Operation.FORWARD, Operation.SHARED_MASK);
    if (epilogues != null) {
      operations.addAll(EnumSet.range(Operation.EPILOGUE, Operation.BIAS_GRADIENT));
    }
    if (gemm != null) {
      operations.add(Operation.PRODUCT);
    }
    return operations;
  }

  @Override
  public Set<ElementType> types() {
    return EnumSet.allOf(ElementType.class);
  }

  @Override
  public void forward(
      DropoutSpec spec, MaskKey key, long firstIndex, Elements input, Elements output) {
    if (firstIndex == 0 && isWholeArray(input) && isWholeArray(output)) {
      forwardArrays(spec, key, input.array(), output.array());
    } else {
      Dropout.on(spec, backend).forward(input, output, key, firstIndex);
    }
  }

  /** Arrays of float and double have methods of their own. */
  private static boolean isWholeArray(Elements elements) {
    return switch (elements.array()) {
      case float[] floats -> floats.length == elements.count();
      case double[] doubles -> doubles.length == elements.count();
      case null, default -> false;
    };
  }

  private void forwardArrays(DropoutSpec spec, MaskKey key, Object input, Object output) {
    if (input instanceof float[] floats) {
      Dropout.on(spec, backend).forward(floats, (float[]) output, key);
    } else {
      Dropout.on(spec, backend).forward((double[]) input, (double[]) output, key);
    }
  }

  @Override
  public void backward(
      DropoutSpec spec, MaskKey key, long firstIndex, Elements gradOutput, Elements gradInput) {
    Dropout.on(spec, backend).backward(gradOutput, gradInput, key, firstIndex);
  }

  @Override
  public void forwardShared(
      DropoutSpec spec,
      MaskKey key,
      MaskShape shape,
      long firstIndex,
      Elements input,
      Elements output) {
    Dropout.on(spec, backend).forward(input, output, key, shape, firstIndex);
  }

  @Override
  public void mask(DropoutSpec spec, MaskKey key, long firstIndex, PackedMask output) {
    Dropout.on(spec, backend).mask(output, key, firstIndex);
  }

  @Override
  public void applyMask(DropoutSpec spec, PackedMask mask, Elements input, Elements output) {
    Dropout.on(spec, backend).applyMask(mask, input, output);
  }

  @Override
  public void infer(DropoutSpec spec, Elements input, Elements output) {
    Dropout.on(spec, backend).infer(input, output);
  }

  @Override
  public void columnSums(HostMatrix groupSums, Elements gradBias, boolean accumulates) {
    ColumnSums.finish(groupSums, gradBias, accumulates);
  }

  @Override
  public void multiply(GemmCall call) {
    gemm.multiply(call);
  }
}
