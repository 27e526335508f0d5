package io.github.jdropout.bench.training;

import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.HostMatrix;

/**
 * A number in binary64 and how far a right computation in f32, with some results rounded to a
 * storage type, may be from it.
 *
 * @param value the number
 * @param error the largest difference, at least 0
 */
record Estimate(double value, double error) {
  /** Unit roundoff of f32. */
  private static final double V = 0x1p-24;

  /** For the products of errors, which the sums of them leave out. */
  private static final double SLACK = 1 + 0x1p-6;

  /** Returns a number that the computation has, too. */
  static Estimate exact(double value) {
    return new Estimate(value, 0);
  }

  /** Returns a row of the left matrix times a row of the right one, summed in f32. */
  static Estimate dot(Lines left, long row, Lines right, long column) {
    double value = 0;
    double size = 0;
    long terms = left.length();
    for (long k = 0; k < terms; k++) {
      double term = left.get(row, k) * right.get(column, k);
      value += term;
      size += Math.abs(term);
    }
    return new Estimate(value, (terms + 1) * V * size);
  }

  /** Returns the sum, in f32, of the numbers that a line's were before they were stored. */
  static Estimate sumOfUnstored(Lines lines, long line) {
    double value = 0;
    double size = 0;
    for (long k = 0; k < lines.length(); k++) {
      value += lines.get(line, k);
      size += Math.abs(lines.get(line, k));
    }
    double unit = unit(lines.matrix().type());
    return new Estimate(value, (unit + lines.length() * V) * size);
  }

  Estimate plus(Estimate other) {
    double sum = value + other.value;
    return new Estimate(sum, error + other.error + V * Math.abs(sum));
  }

  Estimate times(double factor) {
    double product = value * factor;
    return new Estimate(product, error * Math.abs(factor) + V * Math.abs(product));
  }

  /** Returns the number after it has been stored. */
  Estimate stored(ElementType type) {
    return new Estimate(value, error + unit(type) * (Math.abs(value) + error));
  }

  /** Returns the unit roundoff. */
  private static double unit(ElementType type) {
    return type == ElementType.F32 ? V : 0x1p-8;
  }

  /** Returns whether a computed number is near enough; a NaN is not. */
  boolean allows(double computed) {
    return Math.abs(computed - value) <= error * SLACK;
  }

  /**
   * The rows or the columns of a matrix.
   *
   * @param matrix without gaps
   * @param isColumns which of the two
   */
  record Lines(HostMatrix matrix, boolean isColumns) {
    static Lines rows(HostMatrix matrix) {
      return new Lines(matrix, false);
    }

    static Lines columns(HostMatrix matrix) {
      return new Lines(matrix, true);
    }

    long length() {
      return isColumns ? matrix.rowCount() : matrix.columnCount();
    }

    double get(long line, long index) {
      return isColumns ? Numbers.get(matrix, index, line) : Numbers.get(matrix, line, index);
    }
  }
}
