package io.github.jdropout.bench.training;

import io.github.jdropout.gemm.layers.Engine;
import io.github.jdropout.spec.Bytes;
import io.github.jdropout.spec.Epilogue;
import io.github.jdropout.spec.HostMatrix;
import io.github.jdropout.spec.Matrix;
import java.lang.foreign.Arena;

/** Where a training step runs: an engine, memory for it, and a clock. */
abstract sealed class StepPlace implements AutoCloseable permits HostPlace, DevicePlace {
  /** Returns a place on the CPU or the first GPU, which the caller closes. */
  static StepPlace open(boolean isOnDevice) {
    return isOnDevice ? new DevicePlace() : new HostPlace();
  }

  /** Returns what the layers run on. */
  abstract Engine engine();

  /** Returns {@code cpu} or {@code device}. */
  abstract String name();

  /** Returns memory of the engine's with the same numbers. */
  abstract Matrix given(HostMatrix numbers);

  /** Returns memory for something to be computed, of any contents. */
  abstract Matrix result(StepShape shape, long rows, long columns);

  /** Returns memory to work in. */
  abstract Bytes bytes(long size);

  /** Fills all results with what no step computes, so that one that is skipped is seen. */
  abstract void poisonResults();

  /** Waits for the work and returns a matrix's numbers, in the arena's memory or in place. */
  abstract HostMatrix read(Matrix matrix, Arena arena);

  /** Evaluates an epilogue on a product alone, in a pass of its own. */
  abstract void apply(Epilogue epilogue, Matrix product, Matrix output);

  /** Evaluates the gradient of {@link #apply}. */
  abstract void applyGradient(
      Epilogue epilogue, Matrix gradOutput, Matrix product, Matrix gradProduct);

  /** Returns the nanoseconds of one step, of some in a row. */
  abstract double nanosPerStep(Runnable step, int calls);

  @Override
  public abstract void close();
}
