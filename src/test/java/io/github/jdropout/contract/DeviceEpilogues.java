package io.github.jdropout.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.jdropout.backend.EpilogueBackend;
import io.github.jdropout.backend.cuda.CudaDevice;
import io.github.jdropout.backend.cuda.CudaEpilogue;
import io.github.jdropout.backend.cuda.CudaStream;
import io.github.jdropout.backend.cuda.DeviceBuffer;
import io.github.jdropout.backend.cuda.DeviceKey;
import io.github.jdropout.spec.Bytes;
import io.github.jdropout.spec.DeviceElements;
import io.github.jdropout.spec.DeviceMatrix;
import io.github.jdropout.spec.Elements;
import io.github.jdropout.spec.Epilogue;
import io.github.jdropout.spec.HostMatrix;
import io.github.jdropout.spec.MaskKey;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Epilogues in the memory of a GPU as if they were a CPU's: each call copies its arguments there
 * and back.
 *
 * <p>Arguments that are one place stay one. Places are those of the aligned path in one call, and
 * others in the next; keys are in the launch in two calls, and in device memory in the next two.
 */
final class DeviceEpilogues implements EpilogueBackend {
  private static final int CANARY_BYTES = 64;

  private static final byte CANARY = 0x5A;

  private final CudaDevice device;
  private int calls;

  DeviceEpilogues(CudaDevice device) {
    this.device = device;
  }

  @Override
  public void epilogue(
      Epilogue epilogue,
      HostMatrix product,
      Elements bias,
      HostMatrix residual,
      HostMatrix output,
      MemorySegment signs) {
    try (Call call = new Call(epilogue)) {
      if (call.hasDeviceKey) {
        call.subject.epilogue(
            call.withoutKey(epilogue),
            call.key,
            call.matrix(product),
            call.elements(bias),
            call.matrix(residual),
            call.matrix(output),
            call.bytes(signs),
            call.stream.handle());
      } else {
        call.subject.epilogue(
            epilogue,
            call.matrix(product),
            call.elements(bias),
            call.matrix(residual),
            call.matrix(output),
            call.bytes(signs),
            call.stream.handle());
      }
    }
  }

  @Override
  public void epilogueGradient(
      Epilogue epilogue,
      HostMatrix gradOutput,
      HostMatrix product,
      Elements bias,
      MemorySegment signs,
      HostMatrix gradProduct,
      HostMatrix groupSums) {
    try (Call call = new Call(epilogue)) {
      if (call.hasDeviceKey) {
        call.subject.epilogueGradient(
            call.withoutKey(epilogue),
            call.key,
            call.matrix(gradOutput),
            call.matrix(product),
            call.elements(bias),
            call.bytes(signs),
            call.matrix(gradProduct),
            call.matrix(groupSums),
            call.stream.handle());
      } else {
        call.subject.epilogueGradient(
            epilogue,
            call.matrix(gradOutput),
            call.matrix(product),
            call.elements(bias),
            call.bytes(signs),
            call.matrix(gradProduct),
            call.matrix(groupSums),
            call.stream.handle());
      }
    }
  }

  /** A call's arguments on the device; closing it waits, and copies them back. */
  private final class Call implements AutoCloseable {
    final CudaEpilogue subject = CudaEpilogue.of(device);
    final boolean hasDeviceKey = (calls & 2) != 0;
    final CudaStream stream = CudaStream.create(device);
    final DeviceKey key;

    /** Bytes from a multiple of 256 to what is copied. */
    private final int start = CANARY_BYTES + ((calls & 1) == 0 ? 0 : 8);

    private final Map<MemorySegment, DeviceBuffer> copies = new HashMap<>();

    Call(Epilogue epilogue) {
      key = DeviceKey.of(device, epilogue.key());
      calls++;
    }

    Epilogue withoutKey(Epilogue epilogue) {
      return new Epilogue(
          epilogue.activation(),
          epilogue.threshold(),
          epilogue.factor(),
          new MaskKey(-1, -1),
          epilogue.firstIndex(),
          epilogue.indexStride());
    }

    DeviceMatrix matrix(HostMatrix matrix) {
      return matrix == null ? null : new DeviceMatrix(elements(matrix.elements()), matrix.shape());
    }

    DeviceElements elements(Elements elements) {
      return elements == null
          ? null
          : new DeviceElements(elements.type(), address(elements.segment()), elements.count());
    }

    Bytes.OfDevice bytes(MemorySegment segment) {
      return segment == null ? null : new Bytes.OfDevice(address(segment), segment.byteSize());
    }

    private long address(MemorySegment segment) {
      return copies.computeIfAbsent(segment, this::copy).address() + start;
    }

    private DeviceBuffer copy(MemorySegment segment) {
      byte[] bytes = new byte[Math.toIntExact(segment.byteSize()) + 2 * CANARY_BYTES];
      Arrays.fill(bytes, CANARY);
      MemorySegment.copy(segment, ValueLayout.JAVA_BYTE, 0, bytes, start, (int) segment.byteSize());
      DeviceBuffer buffer = DeviceBuffer.allocate(device, bytes.length);
      buffer.copyFrom(MemorySegment.ofArray(bytes));
      return buffer;
    }

    private void copyBack(MemorySegment segment, DeviceBuffer buffer) {
      byte[] bytes = new byte[(int) buffer.byteSize()];
      buffer.copyTo(MemorySegment.ofArray(bytes));
      int size = (int) segment.byteSize();
      for (int i = 0; i < bytes.length; i++) {
        if (i < start || i >= start + size) {
          assertEquals(CANARY, bytes[i], "byte " + (i - start) + " of " + size);
        }
      }
      MemorySegment.copy(bytes, start, segment, ValueLayout.JAVA_BYTE, 0, size);
    }

    @Override
    public void close() {
      try (stream;
          key) {
        stream.synchronize();
        copies.forEach(this::copyBack);
      } finally {
        copies.values().forEach(DeviceBuffer::close);
      }
    }
  }
}
