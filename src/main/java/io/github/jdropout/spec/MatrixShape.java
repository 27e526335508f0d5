package io.github.jdropout.spec;

/**
 * The shape of a row-major matrix, and how its rows follow each other in memory.
 *
 * @param rows number of rows, at least 0
 * @param columns number of columns, at least 0
 * @param rowStride elements from the start of a row to that of the next, at least {@code columns};
 *     cuBLAS calls it leading dimension
 */
public record MatrixShape(long rows, long columns, long rowStride) {
  /**
   * Checks the arguments.
   *
   * @throws IllegalArgumentException if one is outside its range, or the matrix would span 2^63
   *     elements or more
   */
  public MatrixShape {
    if (rows < 0 || columns < 0) {
      throw new IllegalArgumentException(
          "rows and columns must be at least 0 but are " + rows + " and " + columns);
    }
    if (rowStride < columns) {
      throw new IllegalArgumentException(
          "rowStride must be at least columns, " + columns + ", but is " + rowStride);
    }
    if (rows > 1 && rowStride > 0 && rows - 1 > (Long.MAX_VALUE - columns) / rowStride) {
      throw new IllegalArgumentException(
          "a matrix of "
              + rows
              + " rows with stride "
              + rowStride
              + " spans 2^63 elements or more");
    }
  }

  /** Returns the shape of a matrix without gaps between its rows. */
  public static MatrixShape of(long rows, long columns) {
    return new MatrixShape(rows, columns, columns);
  }

  /** Returns how many elements of memory there are from the first to the last, gaps included. */
  public long span() {
    return rows == 0 || columns == 0 ? 0 : (rows - 1) * rowStride + columns;
  }

  /** Checks that as many elements of memory hold a matrix of this shape. */
  void checkSpan(String name, long elementCount) {
    if (elementCount < span()) {
      throw new IllegalArgumentException(
          name + " must hold at least " + span() + " for " + this + " but holds " + elementCount);
    }
  }

  /** Returns whether there is no element. */
  public boolean isEmpty() {
    return rows == 0 || columns == 0;
  }

  /** Returns whether the rows follow each other without gaps. */
  public boolean isContiguous() {
    return rowStride == columns || rows <= 1;
  }

  /**
   * Returns a shape of as many elements without gaps.
   *
   * @throws IllegalArgumentException if this one has gaps, or another number of elements
   */
  public MatrixShape reshaped(long newRows, long newColumns) {
    MatrixShape reshaped = MatrixShape.of(newRows, newColumns);
    if (!isContiguous() || reshaped.span() != span()) {
      throw new IllegalArgumentException("a matrix " + this + " cannot be reshaped to " + reshaped);
    }
    return reshaped;
  }

  /** Returns whether another has as many rows and columns; strides may differ. */
  public boolean hasSizeOf(MatrixShape other) {
    return rows == other.rows && columns == other.columns;
  }

  @Override
  public String toString() {
    return "[" + rows + " x " + columns + (isContiguous() ? "" : ", row stride " + rowStride) + "]";
  }
}
