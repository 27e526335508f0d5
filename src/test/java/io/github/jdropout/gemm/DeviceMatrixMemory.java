package io.github.jdropout.gemm;

import io.github.jdropout.backend.cuda.CudaDevice;
import io.github.jdropout.backend.cuda.CudaStream;
import io.github.jdropout.backend.cuda.DeviceBuffer;
import io.github.jdropout.spec.Bytes;
import io.github.jdropout.spec.DeviceElements;
import io.github.jdropout.spec.DeviceMatrix;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.Matrix;
import io.github.jdropout.spec.MatrixShape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Map;
import java.util.TreeMap;

/** Operands in the memory of a GPU, which are read when a stream's work is done. */
public final class DeviceMatrixMemory extends MatrixMemory implements AutoCloseable {
  private final CudaDevice device;
  private final CudaStream stream;
  private final TreeMap<Long, DeviceBuffer> buffers = new TreeMap<>();

  /** Uses memory of a device, and a stream that stays the caller's. */
  public DeviceMatrixMemory(CudaDevice device, CudaStream stream) {
    this.device = device;
    this.stream = stream;
  }

  private DeviceBuffer allocate(MemorySegment contents) {
    DeviceBuffer buffer = DeviceBuffer.allocate(device, Math.max(16, contents.byteSize()));
    buffers.put(buffer.address(), buffer);
    MemorySegment whole = Arena.ofAuto().allocate(buffer.byteSize(), 16);
    buffer.copyFrom(whole.copyFrom(contents));
    return buffer;
  }

  @Override
  protected Matrix place(ElementType type, MatrixShape shape, MemorySegment contents) {
    return new DeviceMatrix(allocate(contents).elements(type, shape.span()), shape);
  }

  @Override
  protected MemorySegment contents(Matrix matrix) {
    DeviceElements span = ((DeviceMatrix) matrix).span();
    return contents(span.address(), span.byteSize());
  }

  @Override
  public Bytes bytes(long size) {
    DeviceBuffer buffer = allocate(MemorySegment.ofArray(new byte[(int) size]));
    return new Bytes.OfDevice(buffer.address(), size);
  }

  @Override
  public byte[] contents(Bytes bytes) {
    Bytes.OfDevice memory = (Bytes.OfDevice) bytes;
    return contents(memory.address(), memory.byteSize()).toArray(ValueLayout.JAVA_BYTE);
  }

  private MemorySegment contents(long address, long byteSize) {
    stream.synchronize();
    Map.Entry<Long, DeviceBuffer> entry = buffers.floorEntry(address);
    MemorySegment whole = Arena.ofAuto().allocate(entry.getValue().byteSize(), 16);
    entry.getValue().copyTo(whole);
    return whole.asSlice(address - entry.getKey(), byteSize);
  }

  @Override
  public void close() {
    buffers.values().forEach(DeviceBuffer::close);
  }
}
