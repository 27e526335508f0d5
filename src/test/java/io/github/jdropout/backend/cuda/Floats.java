package io.github.jdropout.backend.cuda;

import io.github.jdropout.Dropout;
import io.github.jdropout.backend.BackendId;
import io.github.jdropout.spec.DeviceElements;
import io.github.jdropout.spec.DropoutSpec;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.MaskKey;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/** Floats in device memory, and what the scalar backend makes of them. */
final class Floats implements AutoCloseable {
  /** A float that no result has. */
  static final float POISON = Float.intBitsToFloat(0x5A5A5A5A);

  private final DeviceBuffer buffer;
  private final int count;

  private Floats(CudaDevice device, float[] values) {
    count = values.length;
    buffer = DeviceBuffer.allocate(device, 4L * Math.max(count, 1));
    buffer.copyFrom(MemorySegment.ofArray(values));
  }

  /** Returns 1, 2, 3 … in the memory of a device. */
  static Floats counting(CudaDevice device, int count) {
    return new Floats(device, counting(count));
  }

  static Floats poisoned(CudaDevice device, int count) {
    float[] values = new float[count];
    Arrays.fill(values, POISON);
    return new Floats(device, values);
  }

  static float[] counting(int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = i + 1;
    }
    return values;
  }

  /** Returns what dropout makes of 1, 2, 3 … */
  static float[] dropped(DropoutSpec spec, MaskKey key, int count) {
    float[] output = new float[count];
    Dropout.of(spec, BackendId.SCALAR).forward(counting(count), output, key);
    return output;
  }

  DeviceElements elements() {
    return buffer.elements(ElementType.F32, count);
  }

  DeviceElements elements(ElementType type) {
    return buffer.elements(type, 4L * count / type.bytes());
  }

  long address() {
    return buffer.address();
  }

  /** Copies them back, after the work of the default stream. */
  float[] values() {
    float[] values = new float[count];
    buffer.copyTo(MemorySegment.ofArray(values));
    return values;
  }

  boolean isPoisoned() {
    return isPoison(values());
  }

  /** Looks without a copy, which would wait; only the driver on the host allows that. */
  @SuppressWarnings("restricted") // The driver on the host has device memory in the host's.
  boolean isPoisonedSoFar() {
    MemorySegment memory = MemorySegment.ofAddress(buffer.address()).reinterpret(4L * count);
    return isPoison(memory.toArray(ValueLayout.JAVA_FLOAT));
  }

  private static boolean isPoison(float[] values) {
    for (float value : values) {
      if (Float.floatToRawIntBits(value) != Float.floatToRawIntBits(POISON)) {
        return false;
      }
    }
    return true;
  }

  @Override
  public void close() {
    buffer.close();
  }
}
