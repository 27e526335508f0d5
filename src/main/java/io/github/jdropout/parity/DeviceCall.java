package io.github.jdropout.parity;

import io.github.jdropout.backend.cuda.CudaDevice;
import io.github.jdropout.backend.cuda.CudaStream;
import io.github.jdropout.backend.cuda.DeviceBuffer;
import io.github.jdropout.backend.cuda.DeviceKey;
import io.github.jdropout.spec.Bytes;
import io.github.jdropout.spec.DeviceElements;
import io.github.jdropout.spec.DeviceMask;
import io.github.jdropout.spec.DeviceMatrix;
import io.github.jdropout.spec.Elements;
import io.github.jdropout.spec.HostMatrix;
import io.github.jdropout.spec.MaskKey;
import io.github.jdropout.spec.PackedMask;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Operands of a call in a GPU's memory, between canaries; what is one place in the host's memory is
 * one there.
 *
 * <p>Addresses are as odd as those of the host, as far as the type allows; so the kernels' aligned
 * path and the other one both meet every operation.
 */
final class DeviceCall implements AutoCloseable {
  private static final int CANARY_BYTES = 256;

  private static final int ALIGNMENT = 64;

  private final CudaDevice device;
  private final CudaStream stream;
  private final Map<MemorySegment, Copy> copies = new HashMap<>();
  private final List<AutoCloseable> others = new ArrayList<>();

  /**
   * One operand.
   *
   * @param start bytes of canaries before it
   */
  private record Copy(DeviceBuffer buffer, int start) {}

  DeviceCall(CudaDevice device) {
    this.device = device;
    this.stream = CudaStream.create(device);
  }

  long stream() {
    return stream.handle();
  }

  /** Returns the key in device memory; it lives as long as the call. */
  DeviceKey key(MaskKey key) {
    DeviceKey copy = DeviceKey.of(device, key);
    others.add(copy);
    return copy;
  }

  /** Returns whether the key should be in device memory: where the operand is at an odd place. */
  static boolean hasDeviceKey(MemorySegment operand) {
    return (operand.address() & 1) != 0;
  }

  /** Returns elements of the device; null for none. */
  DeviceElements elements(Elements elements) {
    if (elements == null) {
      return null;
    }
    long address = address(elements.segment(), elements.type().bytes());
    return new DeviceElements(elements.type(), address, elements.count());
  }

  /** Returns a matrix of the device; null for none. */
  DeviceMatrix matrix(HostMatrix matrix) {
    return matrix == null ? null : new DeviceMatrix(elements(matrix.elements()), matrix.shape());
  }

  DeviceMask mask(PackedMask mask) {
    return new DeviceMask(address(mask.bytes(), 1), mask.count());
  }

  /** Returns bytes of the device, at a multiple of 8; null for none. */
  Bytes.OfDevice bytes(MemorySegment segment) {
    return segment == null
        ? null
        : new Bytes.OfDevice(address(segment, Long.BYTES), segment.byteSize());
  }

  /** Returns memory to work in; null for none. */
  Bytes.OfDevice workspace(long byteSize) {
    if (byteSize == 0) {
      return null;
    }
    DeviceBuffer buffer = DeviceBuffer.allocate(device, byteSize);
    others.add(buffer);
    return new Bytes.OfDevice(buffer.address(), byteSize);
  }

  private long address(MemorySegment segment, int alignment) {
    Copy copy = copies.computeIfAbsent(segment, operand -> copy(operand, alignment));
    return copy.buffer.address() + copy.start;
  }

  private Copy copy(MemorySegment segment, int alignment) {
    int odd = (int) (segment.address() & (ALIGNMENT - 1));
    int start = CANARY_BYTES + odd / alignment * alignment;
    int size = Math.toIntExact(segment.byteSize());
    byte[] bytes = new byte[start + size + CANARY_BYTES];
    Arrays.fill(bytes, Guarded.CANARY);
    MemorySegment.copy(segment, ValueLayout.JAVA_BYTE, 0, bytes, start, size);
    DeviceBuffer buffer = DeviceBuffer.allocate(device, bytes.length);
    buffer.copyFrom(MemorySegment.ofArray(bytes));
    return new Copy(buffer, start);
  }

  /**
   * Waits for the work and copies all operands back.
   *
   * @throws IllegalStateException if memory around one was written
   */
  void finish() {
    stream.synchronize();
    copies.forEach(DeviceCall::copyBack);
  }

  private static void copyBack(MemorySegment segment, Copy copy) {
    byte[] bytes = new byte[(int) copy.buffer.byteSize()];
    copy.buffer.copyTo(MemorySegment.ofArray(bytes));
    int end = copy.start + (int) segment.byteSize();
    for (int i = 0; i < bytes.length; i++) {
      if (i == copy.start) {
        i = end;
      }
      if (bytes[i] != Guarded.CANARY) {
        throw new IllegalStateException(
            "byte "
                + (i - copy.start)
                + " from an operand of "
                + segment.byteSize()
                + " bytes was written on the device");
      }
    }
    if (!segment.isReadOnly()) {
      MemorySegment.copy(
          bytes, copy.start, segment, ValueLayout.JAVA_BYTE, 0, (int) segment.byteSize());
    }
  }

  @Override
  public void close() {
    try (stream) {
      copies.values().forEach(copy -> copy.buffer.close());
      for (AutoCloseable other : others) {
        closeQuietly(other);
      }
    }
  }

  private static void closeQuietly(AutoCloseable other) {
    try {
      other.close();
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
