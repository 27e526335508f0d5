package io.github.jdropout.bench.training;

import io.github.jdropout.DropoutBackends;
import io.github.jdropout.backend.BackendId;
import io.github.jdropout.backend.DropoutBackend;
import io.github.jdropout.backend.EpilogueBackend;
import io.github.jdropout.backend.ffm.FfmSupport;
import io.github.jdropout.backend.scalar.ScalarKernels;
import io.github.jdropout.backend.vector.VectorKernels;
import io.github.jdropout.gemm.layers.Engine;
import io.github.jdropout.spec.Bytes;
import io.github.jdropout.spec.Epilogue;
import io.github.jdropout.spec.HostMatrix;
import io.github.jdropout.spec.Matrix;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;

/** Steps on the CPU, by the system's clock. */
final class HostPlace extends StepPlace {
  /** Of a page: as no step leaves a number. */
  private static final byte POISON = (byte) 0xFF;

  private final Engine engine;
  private final EpilogueBackend epilogues;
  private final Arena arena = Arena.ofShared();
  private final List<HostMatrix> results = new ArrayList<>();

  HostPlace() {
    BackendId id = backend();
    engine = Engine.host(id);
    epilogues =
        switch (id) {
          case SCALAR -> ScalarKernels.epilogues();
          case VECTOR -> VectorKernels.epilogues();
          default -> FfmSupport.epilogues();
        };
  }

  /** Returns the chosen backend; the fastest of the CPU if that is a GPU. */
  private static BackendId backend() {
    BackendId selected = DropoutBackends.select().id();
    return selected != BackendId.CUDA
        ? selected
        : DropoutBackends.available().stream()
            .map(DropoutBackend::id)
            .filter(id -> id != BackendId.CUDA)
            .reduce(BackendId.SCALAR, (slower, faster) -> faster);
  }

  @Override
  Engine engine() {
    return engine;
  }

  @Override
  String name() {
    return "cpu";
  }

  @Override
  Matrix given(HostMatrix numbers) {
    HostMatrix matrix =
        Numbers.zeros(numbers.type(), numbers.rowCount(), numbers.columnCount(), arena);
    matrix.span().segment().copyFrom(numbers.span().segment());
    return matrix;
  }

  @Override
  Matrix result(StepShape shape, long rows, long columns) {
    HostMatrix matrix = Numbers.zeros(shape.type(), rows, columns, arena);
    results.add(matrix);
    return matrix;
  }

  @Override
  Bytes bytes(long size) {
    return new Bytes.OfHost(arena.allocate(size, 64));
  }

  @Override
  void poisonResults() {
    results.forEach(matrix -> matrix.span().segment().fill(POISON));
  }

  @Override
  HostMatrix read(Matrix matrix, Arena unused) {
    return (HostMatrix) matrix;
  }

  @Override
  void apply(Epilogue epilogue, Matrix product, Matrix output) {
    epilogues.epilogue(epilogue, (HostMatrix) product, null, null, (HostMatrix) output, null);
  }

  @Override
  void applyGradient(Epilogue epilogue, Matrix gradOutput, Matrix product, Matrix gradProduct) {
    epilogues.epilogueGradient(
        epilogue,
        (HostMatrix) gradOutput,
        (HostMatrix) product,
        null,
        null,
        (HostMatrix) gradProduct,
        null);
  }

  @Override
  double nanosPerStep(Runnable step, int calls) {
    long start = System.nanoTime();
    for (int call = 0; call < calls; call++) {
      step.run();
    }
    return (double) (System.nanoTime() - start) / calls;
  }

  @Override
  public void close() {
    engine.close();
    arena.close();
  }
}
