package io.github.jdropout.bench.training;

import io.github.jdropout.backend.cuda.CudaEpilogue;
import io.github.jdropout.backend.cuda.CudaStream;
import io.github.jdropout.backend.cuda.DeviceBuffer;
import io.github.jdropout.bench.gpu.Gpu;
import io.github.jdropout.gemm.layers.Engine;
import io.github.jdropout.spec.Bytes;
import io.github.jdropout.spec.DeviceMatrix;
import io.github.jdropout.spec.Epilogue;
import io.github.jdropout.spec.HostMatrix;
import io.github.jdropout.spec.Matrix;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Steps on the first GPU, in its memory and by its clock. */
final class DevicePlace extends StepPlace {
  /** Every byte of a result before a step: a NaN in all types. */
  private static final byte POISON = (byte) 0xFF;

  private final Gpu gpu = Gpu.open();
  private final CudaStream stream = CudaStream.create(gpu.device());
  private final Engine engine;
  private final CudaEpilogue epilogues;
  private final long start;
  private final long end;
  private final Map<Long, DeviceBuffer> buffers = new HashMap<>();
  private final List<DeviceBuffer> results = new ArrayList<>();

  /** Opens it; throws {@code BackendUnavailableException} if there is no GPU or no cuBLAS. */
  DevicePlace() {
    try {
      engine = Engine.cuda(gpu.device(), stream.handle());
      epilogues = CudaEpilogue.of(gpu.device());
    } catch (RuntimeException e) {
      stream.close();
      throw e;
    }
    start = gpu.createEvent();
    end = gpu.createEvent();
  }

  private DeviceBuffer allocate(long bytes) {
    DeviceBuffer buffer = DeviceBuffer.allocate(gpu.device(), bytes);
    buffers.put(buffer.address(), buffer);
    return buffer;
  }

  @Override
  Engine engine() {
    return engine;
  }

  @Override
  String name() {
    return "device";
  }

  @Override
  Matrix given(HostMatrix numbers) {
    MemorySegment contents = numbers.span().segment();
    DeviceBuffer buffer = allocate(contents.byteSize());
    buffer.copyFrom(contents);
    return Matrix.onDevice(
        numbers.type(), buffer.address(), numbers.rowCount(), numbers.columnCount());
  }

  @Override
  Matrix result(StepShape shape, long rows, long columns) {
    DeviceBuffer buffer = allocate(rows * columns * shape.type().bytes());
    results.add(buffer);
    return Matrix.onDevice(shape.type(), buffer.address(), rows, columns);
  }

  @Override
  Bytes bytes(long size) {
    return new Bytes.OfDevice(allocate(Math.max(size, 1)).address(), size);
  }

  @Override
  void poisonResults() {
    stream.synchronize();
    for (DeviceBuffer buffer : results) {
      try (Arena arena = Arena.ofConfined()) {
        buffer.copyFrom(arena.allocate(buffer.byteSize()).fill(POISON));
      }
    }
  }

  @Override
  HostMatrix read(Matrix matrix, Arena arena) {
    stream.synchronize();
    HostMatrix numbers =
        Numbers.zeros(matrix.type(), matrix.rowCount(), matrix.columnCount(), arena);
    buffers.get(((DeviceMatrix) matrix).span().address()).copyTo(numbers.span().segment());
    return numbers;
  }

  @Override
  void apply(Epilogue epilogue, Matrix product, Matrix output) {
    epilogues.epilogue(
        epilogue, (DeviceMatrix) product, null, null, (DeviceMatrix) output, null, stream.handle());
  }

  @Override
  void applyGradient(Epilogue epilogue, Matrix gradOutput, Matrix product, Matrix gradProduct) {
    epilogues.epilogueGradient(
        epilogue,
        (DeviceMatrix) gradOutput,
        (DeviceMatrix) product,
        null,
        null,
        (DeviceMatrix) gradProduct,
        null,
        stream.handle());
  }

  @Override
  double nanosPerStep(Runnable step, int calls) {
    step.run(); // Keeps the device busy while the host queues the rest.
    gpu.record(start, stream.handle());
    for (int call = 0; call < calls; call++) {
      step.run();
    }
    gpu.record(end, stream.handle());
    return gpu.nanosBetween(start, end) / calls;
  }

  @Override
  public void close() {
    stream.synchronize();
    gpu.destroyEvent(start);
    gpu.destroyEvent(end);
    engine.close();
    buffers.values().forEach(DeviceBuffer::close);
    stream.close();
  }
}
