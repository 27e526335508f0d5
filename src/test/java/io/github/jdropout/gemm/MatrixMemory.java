package io.github.jdropout.gemm;

import io.github.jdropout.backend.tiled.Bfloat16;
import io.github.jdropout.spec.Bytes;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.Matrix;
import io.github.jdropout.spec.MatrixShape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Where a test's operands live: matrices in and out, as numbers of binary64. */
public abstract class MatrixMemory {
  /** What lies where nothing has been written: no test's result. */
  private static final byte POISON = (byte) 0xA5;

  /** Returns a matrix over memory with these contents. */
  protected abstract Matrix place(ElementType type, MatrixShape shape, MemorySegment contents);

  /** Returns the contents of a matrix's memory, gaps included. */
  protected abstract MemorySegment contents(Matrix matrix);

  /** Returns memory of a size; of any contents. */
  public abstract Bytes bytes(long size);

  /** Returns the contents of memory. */
  public abstract byte[] contents(Bytes bytes);

  /** Returns a matrix of numbers, which must be numbers of the type, row by row. */
  public Matrix matrix(ElementType type, MatrixShape shape, double[] values) {
    MemorySegment contents = poisoned(shape.span() * type.bytes());
    for (int row = 0; row < shape.rows(); row++) {
      for (int column = 0; column < shape.columns(); column++) {
        long at = row * shape.rowStride() + column;
        write(type, contents, at, values[(int) (row * shape.columns() + column)]);
      }
    }
    return place(type, shape, contents);
  }

  public Matrix matrix(ElementType type, long rows, long columns, double[] values) {
    return matrix(type, MatrixShape.of(rows, columns), values);
  }

  /** Returns a matrix that has not been written. */
  public Matrix unwritten(ElementType type, long rows, long columns) {
    MatrixShape shape = MatrixShape.of(rows, columns);
    return place(type, shape, poisoned(shape.span() * type.bytes()));
  }

  /** Returns the numbers of a matrix, row by row. */
  public double[] values(Matrix matrix) {
    MatrixShape shape = matrix.shape();
    MemorySegment contents = contents(matrix);
    double[] values = new double[(int) (shape.rows() * shape.columns())];
    for (int at = 0; at < values.length; at++) {
      long element = at / shape.columns() * shape.rowStride() + at % shape.columns();
      values[at] = read(matrix.type(), contents, element);
    }
    return values;
  }

  private static MemorySegment poisoned(long bytes) {
    return Arena.ofAuto().allocate(Math.max(bytes, 1), 16).asSlice(0, bytes).fill(POISON);
  }

  /** Returns the number of the type next to this one. */
  public static double round(ElementType type, double value) {
    MemorySegment one = Arena.ofAuto().allocate(8);
    write(type, one, 0, value);
    return read(type, one, 0);
  }

  private static void write(ElementType type, MemorySegment contents, long at, double value) {
    switch (type) {
      case F32 -> contents.setAtIndex(ValueLayout.JAVA_FLOAT, at, (float) value);
      case F16 ->
          contents.setAtIndex(ValueLayout.JAVA_SHORT, at, Float.floatToFloat16((float) value));
      case BF16 ->
          contents.setAtIndex(ValueLayout.JAVA_SHORT, at, Bfloat16.fromFloat((float) value));
      default -> throw new IllegalArgumentException(type.label());
    }
  }

  private static double read(ElementType type, MemorySegment contents, long at) {
    return switch (type) {
      case F32 -> contents.getAtIndex(ValueLayout.JAVA_FLOAT, at);
      case F16 -> Float.float16ToFloat(contents.getAtIndex(ValueLayout.JAVA_SHORT, at));
      case BF16 -> Bfloat16.toFloat(contents.getAtIndex(ValueLayout.JAVA_SHORT, at));
      default -> throw new IllegalArgumentException(type.label());
    };
  }

  /** The host's. */
  public static final class OfHost extends MatrixMemory {
    @Override
    protected Matrix place(ElementType type, MatrixShape shape, MemorySegment contents) {
      return Matrix.of(type, contents, shape);
    }

    @Override
    protected MemorySegment contents(Matrix matrix) {
      return contentsOf(matrix.bytes());
    }

    @Override
    public Bytes bytes(long size) {
      return new Bytes.OfHost(poisoned(size));
    }

    @Override
    public byte[] contents(Bytes bytes) {
      return contentsOf(bytes).toArray(ValueLayout.JAVA_BYTE);
    }

    private static MemorySegment contentsOf(Bytes bytes) {
      return ((Bytes.OfHost) bytes).segment();
    }
  }
}
