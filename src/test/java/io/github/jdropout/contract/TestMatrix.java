package io.github.jdropout.contract;

import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.HostMatrix;
import io.github.jdropout.spec.MatrixShape;
import java.util.Arrays;

/** A matrix of a test, whose surroundings and gaps between rows must stay as they are. */
final class TestMatrix {
  private final MatrixShape shape;
  private final Storage.Cells cells;
  private final HostMatrix matrix;

  private TestMatrix(ElementType type, Storage storage, MatrixShape shape, long[] span) {
    this.shape = shape;
    this.cells = storage.allocate(type, span);
    this.matrix = new HostMatrix(cells.elements(), shape);
  }

  /**
   * Returns a matrix of given elements.
   *
   * @param bits row after row, without gaps
   */
  static TestMatrix of(ElementType type, Storage storage, MatrixShape shape, long[] bits) {
    long[] span = Patterns.poison(type, Math.toIntExact(shape.span()));
    int columns = (int) shape.columns();
    for (int row = 0; row < shape.rows(); row++) {
      System.arraycopy(bits, row * columns, span, (int) (row * shape.rowStride()), columns);
    }
    return new TestMatrix(type, storage, shape, span);
  }

  /** Returns a matrix that awaits a result. */
  static TestMatrix poisoned(ElementType type, Storage storage, MatrixShape shape) {
    return new TestMatrix(
        type, storage, shape, Patterns.poison(type, Math.toIntExact(shape.span())));
  }

  HostMatrix matrix() {
    return matrix;
  }

  MatrixShape shape() {
    return shape;
  }

  /** Returns the elements, row after row, without gaps. */
  long[] bits() {
    long[] span = cells.bits();
    int columns = (int) shape.columns();
    long[] bits = new long[(int) shape.rows() * columns];
    for (int row = 0; row < shape.rows(); row++) {
      System.arraycopy(span, (int) (row * shape.rowStride()), bits, row * columns, columns);
    }
    return bits;
  }

  /** Returns whether nothing but the elements has been written. */
  boolean isIntactOutside() {
    long[] span = cells.bits();
    long poison = Patterns.poison(matrix.type(), 1)[0];
    for (int at = 0; at < span.length; at++) {
      if (at % shape.rowStride() >= shape.columns() && span[at] != poison) {
        return false;
      }
    }
    return cells.areGuardsIntact();
  }

  /** Returns whether these are the elements, and nothing else has been written. */
  boolean holds(long[] bits) {
    return Arrays.equals(bits, bits()) && isIntactOutside();
  }
}
