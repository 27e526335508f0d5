package io.github.jdropout.contract;

import io.github.jdropout.backend.cuda.CudaDevice;
import io.github.jdropout.backend.cuda.DeviceBuffer;
import io.github.jdropout.spec.DeviceElements;
import io.github.jdropout.spec.ElementType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Elements in device memory, as the bits that the tests' expectations are made of. */
final class DeviceBits implements AutoCloseable {
  private final ElementType type;
  private final int count;
  private final DeviceBuffer buffer;

  DeviceBits(CudaDevice device, ElementType type, long... bits) {
    this.type = type;
    this.count = bits.length;
    this.buffer = DeviceBuffer.allocate(device, (long) count * type.bytes());
    MemorySegment host = MemorySegment.ofArray(new byte[count * type.bytes()]);
    for (int i = 0; i < count; i++) {
      switch (type.bytes()) {
        case 2 -> host.set(ValueLayout.JAVA_SHORT_UNALIGNED, 2L * i, (short) bits[i]);
        case 4 -> host.set(ValueLayout.JAVA_INT_UNALIGNED, 4L * i, (int) bits[i]);
        default -> host.set(ValueLayout.JAVA_LONG_UNALIGNED, 8L * i, bits[i]);
      }
    }
    buffer.copyFrom(host);
  }

  DeviceElements elements() {
    return buffer.elements(type, count);
  }

  long[] read() {
    MemorySegment host = MemorySegment.ofArray(new byte[count * type.bytes()]);
    buffer.copyTo(host);
    long[] bits = new long[count];
    for (int i = 0; i < count; i++) {
      bits[i] =
          switch (type.bytes()) {
            case 2 -> host.get(ValueLayout.JAVA_SHORT_UNALIGNED, 2L * i) & 0xFFFFL;
            case 4 -> host.get(ValueLayout.JAVA_INT_UNALIGNED, 4L * i) & 0xFFFFFFFFL;
            default -> host.get(ValueLayout.JAVA_LONG_UNALIGNED, 8L * i);
          };
    }
    return bits;
  }

  @Override
  public void close() {
    buffer.close();
  }
}
