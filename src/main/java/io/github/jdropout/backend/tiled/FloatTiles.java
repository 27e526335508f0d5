package io.github.jdropout.backend.tiled;

import io.github.jdropout.spec.Elements;
import io.github.jdropout.spec.HostMatrix;

/**
 * Elements of f32, f16 and bf16, read and written as binary32.
 *
 * <p>The loops go from an array of one type to one of another, so that C2 knows that the two do not
 * overlap, and vectorises them.
 */
final class FloatTiles {
  private FloatTiles() {}

  /**
   * Reads a part of a row.
   *
   * @param stage as long as {@code values}
   */
  static void read(
      HostMatrix matrix, long row, long column, float[] values, int count, short[] stage) {
    read(matrix.elements(), matrix.rowStart(row) + column, values, count, stage);
  }

  /** Writes a part of a row, rounded to nearest, ties to even; see {@link #read}. */
  static void write(
      float[] values, HostMatrix matrix, long row, long column, int count, short[] stage) {
    write(values, matrix.elements(), matrix.rowStart(row) + column, count, stage);
  }

  /**
   * Reads elements.
   *
   * @param from index of the first
   * @param stage as long as {@code values}
   */
  static void read(Elements elements, long from, float[] values, int count, short[] stage) {
    switch (elements.type()) {
      case F32 -> {
        if (elements.array() instanceof float[] floats) {
          System.arraycopy(floats, elements.arrayOffset() + (int) from, values, 0, count);
        } else {
          elements.read(from, values, count);
        }
      }
      case F16 -> {
        copyToStage(elements, from, count, stage);
        for (int i = 0; i < count; i++) {
          values[i] = Float.float16ToFloat(stage[i]);
        }
      }
      case BF16 -> {
        copyToStage(elements, from, count, stage);
        for (int i = 0; i < count; i++) {
          values[i] = Bfloat16.toFloat(stage[i]);
        }
      }
      case F64 -> throw new IllegalArgumentException("f64");
    }
  }

  private static void copyToStage(Elements elements, long from, int count, short[] stage) {
    if (elements.array() instanceof short[] shorts) {
      System.arraycopy(shorts, elements.arrayOffset() + (int) from, stage, 0, count);
    } else {
      elements.read(from, stage, count);
    }
  }

  /** Writes elements, rounded to nearest, ties to even; see {@link #read}. */
  static void write(float[] values, Elements elements, long from, int count, short[] stage) {
    switch (elements.type()) {
      case F32 -> {
        if (elements.array() instanceof float[] floats) {
          System.arraycopy(values, 0, floats, elements.arrayOffset() + (int) from, count);
        } else {
          elements.write(from, values, count);
        }
      }
      case F16 -> {
        for (int i = 0; i < count; i++) {
          stage[i] = Float.floatToFloat16(values[i]);
        }
        copyFromStage(elements, from, count, stage);
      }
      case BF16 -> {
        for (int i = 0; i < count; i++) {
          stage[i] = Bfloat16.fromFloat(values[i]);
        }
        copyFromStage(elements, from, count, stage);
      }
      case F64 -> throw new IllegalArgumentException("f64");
    }
  }

  private static void copyFromStage(Elements elements, long from, int count, short[] stage) {
    if (elements.array() instanceof short[] shorts) {
      System.arraycopy(stage, 0, shorts, elements.arrayOffset() + (int) from, count);
    } else {
      elements.write(from, stage, count);
    }
  }
}
