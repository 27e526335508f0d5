package io.github.jdropout.bench.training;

import io.github.jdropout.backend.tiled.Bfloat16;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.HostMatrix;
import io.github.jdropout.spec.Matrix;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;

/** Matrices of f32 or bf16 in the host's memory, as numbers. */
final class Numbers {
  /** What the library's widest accesses like. */
  private static final long ALIGNMENT = 64;

  private Numbers() {}

  /** Returns a matrix of zeros. */
  static HostMatrix zeros(ElementType type, long rows, long columns, Arena arena) {
    MemorySegment segment = arena.allocate(rows * columns * type.bytes(), ALIGNMENT);
    return Matrix.of(type, segment, rows, columns);
  }

  /** Returns a matrix of ones. */
  static HostMatrix ones(ElementType type, long rows, long columns, Arena arena) {
    HostMatrix matrix = zeros(type, rows, columns, arena);
    for (long at = 0; at < rows * columns; at++) {
      set(type, matrix.span().segment(), at, 1);
    }
    return matrix;
  }

  /** Returns numbers spread evenly over (-bound, bound). */
  static HostMatrix random(
      ElementType type,
      long rows,
      long columns,
      double bound,
      SplittableRandom random,
      Arena arena) {
    HostMatrix matrix = zeros(type, rows, columns, arena);
    MemorySegment segment = matrix.span().segment();
    for (long at = 0; at < rows * columns; at++) {
      set(type, segment, at, (float) ((2 * random.nextDouble() - 1) * bound));
    }
    return matrix;
  }

  /** Returns an element of a matrix without gaps. */
  static double get(HostMatrix matrix, long row, long column) {
    MemorySegment segment = matrix.span().segment();
    long at = row * matrix.columnCount() + column;
    return matrix.type() == ElementType.F32
        ? segment.getAtIndex(ValueLayout.JAVA_FLOAT, at)
        : Bfloat16.toFloat(segment.getAtIndex(ValueLayout.JAVA_SHORT, at));
  }

  /** Sets an element of a matrix without gaps. */
  static void set(HostMatrix matrix, long row, long column, float value) {
    set(matrix.type(), matrix.span().segment(), row * matrix.columnCount() + column, value);
  }

  private static void set(ElementType type, MemorySegment segment, long at, float value) {
    if (type == ElementType.F32) {
      segment.setAtIndex(ValueLayout.JAVA_FLOAT, at, value);
    } else {
      segment.setAtIndex(ValueLayout.JAVA_SHORT, at, Bfloat16.fromFloat(value));
    }
  }
}
