package io.github.jdropout.spec;

import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * A row-major matrix in the host's memory.
 *
 * @param elements at least from the first to the last, gaps between rows included; more if further
 *     matrices of a batch follow
 * @param shape rows, columns and stride
 */
public record HostMatrix(Elements elements, MatrixShape shape) implements Matrix {
  /**
   * Checks the arguments.
   *
   * @throws IllegalArgumentException if there are fewer elements than the shape spans
   */
  public HostMatrix {
    Objects.requireNonNull(elements, "elements");
    Objects.requireNonNull(shape, "shape");
    shape.checkSpan("elements", elements.count());
  }

  static HostMatrix of(ElementType type, MemorySegment segment, MatrixShape shape) {
    Objects.requireNonNull(type, "type");
    Objects.requireNonNull(segment, "segment");
    Objects.requireNonNull(shape, "shape");
    long count = segment.byteSize() / type.bytes();
    shape.checkSpan("segment", count);
    return new HostMatrix(Elements.of(type, segment.asSlice(0, count * type.bytes())), shape);
  }

  @Override
  public HostMatrix reshaped(long rows, long columns) {
    return new HostMatrix(span(), shape.reshaped(rows, columns));
  }

  @Override
  public long elementCount() {
    return elements.count();
  }

  @Override
  public ElementType type() {
    return elements.type();
  }

  @Override
  public HostMatrix rows(long from, long count) {
    MatrixShape part = Rows.of(shape, from, count);
    return new HostMatrix(elements.slice(Rows.start(part, shape, from), part.span()), part);
  }

  /** Returns the index, among the elements, of a row's first. */
  public long rowStart(long row) {
    return row * shape.rowStride();
  }

  @Override
  public Bytes.OfHost bytes() {
    return new Bytes.OfHost(span().segment());
  }

  /** Returns the elements from the first to the last, without what may follow. */
  public Elements span() {
    return elements.slice(0, shape.span());
  }

  @Override
  public String toString() {
    return type().label() + shape;
  }
}
