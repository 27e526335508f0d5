package io.github.jdropout.spec;

/** Some of a matrix's rows. */
final class Rows {
  private Rows() {}

  static MatrixShape of(MatrixShape shape, long from, long count) {
    if (from < 0 || from > shape.rows()) {
      throw new IllegalArgumentException(
          "from must be in [0, " + shape.rows() + "] but is " + from);
    }
    if (count < 0 || count > shape.rows() - from) {
      throw new IllegalArgumentException(
          "count must be in [0, " + (shape.rows() - from) + "] but is " + count);
    }
    return new MatrixShape(count, shape.columns(), shape.rowStride());
  }

  /** Returns where the part's elements begin among those of the whole. */
  static long start(MatrixShape part, MatrixShape shape, long from) {
    return part.isEmpty() ? 0 : from * shape.rowStride();
  }
}
