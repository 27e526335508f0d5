package io.github.jdropout.spec;

import java.util.Objects;

/**
 * A row-major matrix in the memory of a GPU.
 *
 * @param elements at least from the first to the last, gaps between rows included; more if further
 *     matrices of a batch follow
 * @param shape rows, columns and stride
 */
public record DeviceMatrix(DeviceElements elements, MatrixShape shape) implements Matrix {
  /**
   * Checks the arguments.
   *
   * @throws IllegalArgumentException if there are fewer elements than the shape spans
   */
  public DeviceMatrix {
    Objects.requireNonNull(elements, "elements");
    Objects.requireNonNull(shape, "shape");
    shape.checkSpan("elements", elements.count());
  }

  @Override
  public DeviceMatrix reshaped(long rows, long columns) {
    return new DeviceMatrix(span(), shape.reshaped(rows, columns));
  }

  @Override
  public long elementCount() {
    return elements.count();
  }

  @Override
  public ElementType type() {
    return elements.type();
  }

  /** Returns the address of the first element. */
  public long address() {
    return elements.address();
  }

  @Override
  public DeviceMatrix rows(long from, long count) {
    MatrixShape part = Rows.of(shape, from, count);
    return new DeviceMatrix(elements.slice(Rows.start(part, shape, from), part.span()), part);
  }

  @Override
  public Bytes.OfDevice bytes() {
    return span().bytes();
  }

  /** Returns the elements from the first to the last, without what may follow. */
  public DeviceElements span() {
    return elements.slice(0, shape.span());
  }

  @Override
  public String toString() {
    return type().label() + shape + " at device address " + DeviceMemory.hex(address());
  }
}
