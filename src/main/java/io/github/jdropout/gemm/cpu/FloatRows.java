package io.github.jdropout.gemm.cpu;

import io.github.jdropout.backend.tiled.Bfloat16;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.Elements;
import java.lang.foreign.MemorySegment;

/** Reads and writes short runs of elements of any type as f32; for one thread. */
final class FloatRows {
  private final float[] floats;
  private final short[] shorts;

  /**
   * Creates one.
   *
   * @param limit the longest run, in elements
   */
  FloatRows(int limit) {
    floats = new float[limit];
    shorts = new short[limit];
  }

  /** Reads a run to consecutive places. */
  void read(Elements elements, long from, int count, float[] target, int at) {
    ElementType type = elements.type();
    if (type == ElementType.F32) {
      MemorySegment.copy(elements.segment(), type.layout(), from * Float.BYTES, target, at, count);
      return;
    }
    elements.read(from, shorts, count);
    if (type == ElementType.F16) {
      for (int i = 0; i < count; i++) {
        target[at + i] = Float.float16ToFloat(shorts[i]);
      }
    } else {
      for (int i = 0; i < count; i++) {
        target[at + i] = Bfloat16.toFloat(shorts[i]);
      }
    }
  }

  /** Reads a run to places at a distance. */
  void readSpread(Elements elements, long from, int count, float[] target, int at, int distance) {
    read(elements, from, count, floats, 0);
    for (int i = 0; i < count; i++) {
      target[at + i * distance] = floats[i];
    }
  }

  /** Writes {@code alpha * sum + beta * old}; old values are not read where beta is 0. */
  void writeScaled(
      float alpha, float[] sums, int from, float beta, Elements elements, long at, int count) {
    if (beta == 0) {
      for (int i = 0; i < count; i++) {
        floats[i] = alpha * sums[from + i];
      }
    } else {
      read(elements, at, count, floats, 0);
      for (int i = 0; i < count; i++) {
        floats[i] = alpha * sums[from + i] + beta * floats[i];
      }
    }
    write(elements, at, count);
  }

  private void write(Elements elements, long at, int count) {
    switch (elements.type()) {
      case F16 -> {
        for (int i = 0; i < count; i++) {
          shorts[i] = Float.floatToFloat16(floats[i]);
        }
        elements.write(at, shorts, count);
      }
      case BF16 -> {
        for (int i = 0; i < count; i++) {
          shorts[i] = Bfloat16.fromFloat(floats[i]);
        }
        elements.write(at, shorts, count);
      }
      default -> elements.write(at, floats, count);
    }
  }
}
