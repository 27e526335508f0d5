package io.github.jdropout.gemm.cublas;

import io.github.jdropout.backend.cuda.CudaDevice;
import io.github.jdropout.backend.cuda.DeviceBuffer;
import io.github.jdropout.spec.DeviceMatrix;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.MatrixShape;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.SplittableRandom;

/** Matrices of one shape in device memory, at even distances, and what they hold. */
final class DeviceMatrices implements AutoCloseable {
  private final ElementType type;
  private final MatrixShape shape;
  private final long stride;
  private final DeviceBuffer buffer;

  /** All the memory, gaps included, as it was written. */
  private final float[] values;

  private DeviceMatrices(
      CudaDevice device, ElementType type, MatrixShape shape, long stride, float[] values) {
    this.type = type;
    this.shape = shape;
    this.stride = stride;
    this.values = values;
    this.buffer = DeviceBuffer.allocate(device, Math.max(1, values.length) * (long) type.bytes());
    write(values);
  }

  /**
   * Returns matrices of numbers in [-1, 1] that the type has, and of such numbers in the gaps too.
   *
   * @param stride elements from one to the next, at least the shape's span if there are several
   */
  static DeviceMatrices random(
      CudaDevice device,
      ElementType type,
      MatrixShape shape,
      long stride,
      int count,
      SplittableRandom random) {
    float[] values = new float[(int) ((count - 1) * stride + shape.span())];
    for (int i = 0; i < values.length; i++) {
      // As many bits as bf16 has.
      values[i] = (random.nextInt(511) - 255 & ~1) / 256f;
    }
    return new DeviceMatrices(device, type, shape, stride, values);
  }

  /** Returns one matrix without gaps, all of whose elements are {@code value}. */
  static DeviceMatrices filled(
      CudaDevice device, ElementType type, long rows, long columns, float value) {
    float[] values = new float[Math.toIntExact(rows * columns)];
    Arrays.fill(values, value);
    return new DeviceMatrices(device, type, MatrixShape.of(rows, columns), 0, values);
  }

  DeviceMatrix matrix() {
    return new DeviceMatrix(buffer.elements(type, values.length), shape);
  }

  ElementType type() {
    return type;
  }

  long stride() {
    return stride;
  }

  /** Returns where an element is among the values. */
  int place(int index, long row, long column) {
    return (int) (index * stride + row * shape.rowStride() + column);
  }

  /** Returns the element that was written. */
  float at(int index, long row, long column) {
    return values[place(index, row, column)];
  }

  /** Returns all the memory as it was written. */
  float[] written() {
    return values.clone();
  }

  /** Replaces all the memory. */
  void write(float[] all) {
    if (all.length == 0) {
      return;
    }
    if (type == ElementType.F32) {
      buffer.copyFrom(MemorySegment.ofArray(all));
      return;
    }
    short[] halves = new short[all.length];
    for (int i = 0; i < all.length; i++) {
      halves[i] = narrow(type, all[i]);
    }
    buffer.copyFrom(MemorySegment.ofArray(halves));
  }

  /** Returns all the memory as it is. */
  float[] read() {
    float[] all = new float[values.length];
    if (all.length == 0) {
      return all;
    }
    if (type == ElementType.F32) {
      buffer.copyTo(MemorySegment.ofArray(all));
      return all;
    }
    short[] halves = new short[all.length];
    buffer.copyTo(MemorySegment.ofArray(halves));
    for (int i = 0; i < all.length; i++) {
      all[i] =
          type == ElementType.F16
              ? Float.float16ToFloat(halves[i])
              : Float.intBitsToFloat(halves[i] << 16);
    }
    return all;
  }

  private static short narrow(ElementType type, float value) {
    if (type == ElementType.F16) {
      return Float.floatToFloat16(value);
    }
    int bits = Float.floatToRawIntBits(value);
    if ((bits & 0xFFFF) != 0) {
      throw new IllegalArgumentException(value + " is no number of bf16");
    }
    return (short) (bits >>> 16);
  }

  @Override
  public void close() {
    buffer.close();
  }
}
