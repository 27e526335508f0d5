package io.github.jdropout.spec;

import java.lang.foreign.MemorySegment;

/**
 * A row-major matrix in somebody's memory: of the host, or of a GPU.
 *
 * <p>A view; creating one copies nothing.
 */
public sealed interface Matrix permits HostMatrix, DeviceMatrix {
  /** Returns the storage type. */
  ElementType type();

  /** Returns the shape. */
  MatrixShape shape();

  /**
   * Returns some of the rows.
   *
   * @param from index of the first, in [0, rows]
   * @param count how many, in [0, rows - from]
   * @throws IllegalArgumentException if the range leaves the matrix
   */
  Matrix rows(long from, long count);

  /**
   * Returns the same elements as a matrix of another shape, without gaps.
   *
   * @throws IllegalArgumentException if this one has gaps, or another number of elements
   */
  Matrix reshaped(long rows, long columns);

  /** Returns how many elements of memory belong to this view, see the implementations. */
  long elementCount();

  /** Returns the memory from the first element to the last, gaps between rows included. */
  Bytes bytes();

  /** Returns the number of rows. */
  default long rowCount() {
    return shape().rows();
  }

  /** Returns the number of columns. */
  default long columnCount() {
    return shape().columns();
  }

  /**
   * Returns a matrix without gaps at the start of a segment.
   *
   * @param segment may be longer than the matrix
   * @throws IllegalArgumentException if the segment is too short
   */
  static HostMatrix of(ElementType type, MemorySegment segment, long rows, long columns) {
    return of(type, segment, MatrixShape.of(rows, columns));
  }

  /**
   * Returns a matrix at the start of a segment.
   *
   * @param segment may be longer than the matrix
   * @throws IllegalArgumentException if the segment is too short
   */
  static HostMatrix of(ElementType type, MemorySegment segment, MatrixShape shape) {
    return HostMatrix.of(type, segment, shape);
  }

  /**
   * Returns a matrix without gaps in the memory of a GPU.
   *
   * @param address of the first element, what CUDA calls a device pointer
   * @throws IllegalArgumentException if the address is 0 or not a multiple of the element's size
   */
  static DeviceMatrix onDevice(ElementType type, long address, long rows, long columns) {
    return onDevice(type, address, MatrixShape.of(rows, columns));
  }

  /**
   * Returns a matrix in the memory of a GPU.
   *
   * @param address of the first element, what CUDA calls a device pointer
   * @throws IllegalArgumentException if the address is 0 or not a multiple of the element's size
   */
  static DeviceMatrix onDevice(ElementType type, long address, MatrixShape shape) {
    return new DeviceMatrix(new DeviceElements(type, address, shape.span()), shape);
  }
}
