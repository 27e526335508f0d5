package io.github.jdropout.gemm.layers;

import io.github.jdropout.DropoutBackends;
import io.github.jdropout.backend.BackendId;
import io.github.jdropout.backend.DropoutBackend;
import io.github.jdropout.backend.EpilogueBackend;
import io.github.jdropout.backend.ffm.FfmSupport;
import io.github.jdropout.backend.scalar.ScalarKernels;
import io.github.jdropout.backend.tiled.ColumnSums;
import io.github.jdropout.backend.vector.VectorKernels;
import io.github.jdropout.gemm.Gemm;
import io.github.jdropout.gemm.cpu.CpuGemm;
import io.github.jdropout.spec.Bytes;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.Elements;
import io.github.jdropout.spec.Epilogue;
import io.github.jdropout.spec.HostMatrix;
import io.github.jdropout.spec.Matrix;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** Layers on the CPU. */
final class HostEngine extends Engine {
  private final BackendId id;
  private final EpilogueBackend backend;
  private final Gemm gemm = CpuGemm.open();

  private HostEngine(BackendId id, EpilogueBackend backend) {
    this.id = id;
    this.backend = backend;
  }

  static HostEngine ofBest() {
    BackendId selected = DropoutBackends.select().id();
    if (selected != BackendId.CUDA) {
      return of(selected);
    }
    return of(
        DropoutBackends.available().stream()
            .map(DropoutBackend::id)
            .filter(id -> id != BackendId.CUDA)
            .reduce(BackendId.SCALAR, (slower, faster) -> faster));
  }

  static HostEngine of(BackendId id) {
    if (id == BackendId.CUDA) {
      throw new IllegalArgumentException("id must be a backend of the CPU but is " + id.label());
    }
    DropoutBackends.get(id); // Throws if it cannot run.
    return new HostEngine(
        id,
        switch (id) {
          case SCALAR -> ScalarKernels.epilogues();
          case VECTOR -> VectorKernels.epilogues();
          default -> FfmSupport.epilogues();
        });
  }

  @Override
  public String description() {
    return id.label() + " on the CPU, " + gemm.description();
  }

  @Override
  public Gemm gemm() {
    return gemm;
  }

  @Override
  void load(ElementType type) {
    // Nothing is loaded later.
  }

  @Override
  void checkPlace(String name, Bytes bytes) {
    if (!(bytes instanceof Bytes.OfHost)) {
      throw new IllegalArgumentException(
          name + " must be in the host's memory but is on a device: " + bytes);
    }
  }

  @Override
  void checkUsable(List<Operands.Operand> operands) {
    for (Operands.Operand operand : operands) {
      Bytes.OfHost memory = (Bytes.OfHost) operand.bytes();
      if (operand.isWritten()) {
        memory.checkWritable(operand.name());
      } else {
        memory.checkReadable(operand.name());
      }
    }
  }

  @Override
  Matrix matrixIn(Bytes bytes, ElementType type, long rows, long columns) {
    MemorySegment segment = bytes == null ? MemorySegment.NULL : segment(bytes);
    return Matrix.of(type, segment, rows, columns);
  }

  @Override
  void epilogue(
      Epilogue epilogue, Matrix product, Matrix bias, Matrix residual, Matrix output, Bytes signs) {
    backend.epilogue(
        epilogue,
        (HostMatrix) product,
        elements(bias),
        (HostMatrix) residual,
        (HostMatrix) output,
        segment(signs));
  }

  @Override
  void epilogueGradient(
      Epilogue epilogue,
      Matrix gradOutput,
      Matrix product,
      Matrix bias,
      Bytes signs,
      Matrix gradProduct,
      Matrix groupSums) {
    backend.epilogueGradient(
        epilogue,
        (HostMatrix) gradOutput,
        (HostMatrix) product,
        elements(bias),
        segment(signs),
        (HostMatrix) gradProduct,
        (HostMatrix) groupSums);
  }

  @Override
  void columnSums(Matrix groupSums, Matrix sums, boolean accumulates, Bytes workspace) {
    ColumnSums.finish((HostMatrix) groupSums, elements(sums), accumulates);
  }

  @Override
  long columnSumsBytes(long groups, long columns) {
    return 0;
  }

  private static Elements elements(Matrix vector) {
    return vector == null ? null : ((HostMatrix) vector).span();
  }

  private static MemorySegment segment(Bytes bytes) {
    return bytes == null ? null : ((Bytes.OfHost) bytes).segment();
  }
}
