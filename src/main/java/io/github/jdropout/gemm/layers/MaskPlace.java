package io.github.jdropout.gemm.layers;

import io.github.jdropout.spec.MaskKey;
import io.github.jdropout.spec.MatrixShape;
import java.util.Objects;

/**
 * Which mask a layer draws, and where in the global matrix its part begins.
 *
 * @param key selects the mask; a forward call and its backward call share it
 * @param firstIndex global index of the part's first element, at least 0
 * @param globalColumns columns of the global matrix; 0 if the part has all of them
 */
public record MaskPlace(MaskKey key, long firstIndex, long globalColumns) {
  /**
   * Checks the arguments.
   *
   * @throws IllegalArgumentException if a number is negative
   */
  public MaskPlace {
    Objects.requireNonNull(key, "key");
    if (firstIndex < 0) {
      throw new IllegalArgumentException("firstIndex must be at least 0 but is " + firstIndex);
    }
    if (globalColumns < 0) {
      throw new IllegalArgumentException(
          "globalColumns must be at least 0 but is " + globalColumns);
    }
  }

  /** Returns the place of a whole matrix. */
  public static MaskPlace of(MaskKey key) {
    return new MaskPlace(key, 0, 0);
  }

  /**
   * Returns the place of some rows of a matrix, from a row on.
   *
   * @param columns of the matrix whose elements are dropped
   * @throws IllegalArgumentException if a number is negative, or the index would be 2^63 or more
   */
  public static MaskPlace ofRows(MaskKey key, long firstRow, long columns) {
    if (firstRow < 0
        || columns < 0
        || Math.multiplyHigh(firstRow, columns) != 0
        || firstRow * columns < 0) {
      throw new IllegalArgumentException(
          "firstRow * columns must be in [0, 2^63) but they are " + firstRow + " and " + columns);
    }
    return new MaskPlace(key, firstRow * columns, 0);
  }

  /**
   * Returns by how much the index grows from a row to the next.
   *
   * @throws IllegalArgumentException if the matrix has more columns than the global one, or its
   *     indices reach 2^63
   */
  long indexStride(String name, MatrixShape shape) {
    long stride = globalColumns == 0 ? shape.columns() : globalColumns;
    if (stride < shape.columns()) {
      throw new IllegalArgumentException(
          "globalColumns must be at least the columns of "
              + name
              + " "
              + shape
              + " but is "
              + globalColumns);
    }
    if (!shape.isEmpty()) {
      long left = Long.MAX_VALUE - firstIndex - (shape.columns() - 1);
      if (left < 0 || shape.rows() - 1 > left / stride) {
        throw new IllegalArgumentException(
            "firstIndex is "
                + firstIndex
                + ", too large for "
                + name
                + " "
                + shape
                + ": indices must be below 2^63");
      }
    }
    return stride;
  }
}
