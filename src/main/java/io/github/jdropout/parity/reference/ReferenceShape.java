package io.github.jdropout.parity.reference;

import java.lang.foreign.MemorySegment;

/** Shared decisions, element by element through the coordinates on every axis. */
public final class ReferenceShape {
  private final long[] tensor;
  private final long[] mask;

  /**
   * Creates one.
   *
   * @param tensor sizes of the tensor's axes
   * @param mask sizes of the mask's axes, each the tensor's or 1
   */
  public ReferenceShape(long[] tensor, long[] mask) {
    this.tensor = tensor.clone();
    this.mask = mask.clone();
  }

  /** Returns the index in the mask of a tensor's element. */
  public long maskIndex(long element) {
    long[] coordinates = coordinates(element);
    long index = 0;
    for (int axis = 0; axis < tensor.length; axis++) {
      index = index * mask[axis] + (mask[axis] == 1 ? 0 : coordinates[axis]);
    }
    return index;
  }

  private long[] coordinates(long element) {
    long[] coordinates = new long[tensor.length];
    long rest = element;
    for (int axis = tensor.length - 1; axis >= 0; axis--) {
      coordinates[axis] = rest % tensor[axis];
      rest /= tensor[axis];
    }
    return coordinates;
  }

  /**
   * Writes the decisions of neighbouring elements.
   *
   * @param firstIndex index of the first element in the tensor
   * @param count of elements
   * @param bits receives a bit for each, a multiple of 8 bytes; bits after the last are written as
   *     0
   */
  public void fill(
      long seed, long stream, int threshold, long firstIndex, long count, MemorySegment bits) {
    long[] coordinates = coordinates(firstIndex);
    long[] words = new long[Math.toIntExact((count + 63) / 64)];
    for (long at = 0; at < count; at++) {
      long index = 0;
      for (int axis = 0; axis < tensor.length; axis++) {
        index = mask[axis] == 1 ? index : index * mask[axis] + coordinates[axis];
      }
      if (ReferenceMask.isKept(seed, stream, index, threshold)) {
        words[(int) (at >>> 6)] |= 1L << at;
      }
      advance(coordinates);
    }
    MemorySegment.copy(words, 0, bits, ReferenceMask.WORD, 0, words.length);
  }

  private void advance(long[] coordinates) {
    for (int axis = tensor.length - 1; axis >= 0; axis--) {
      if (++coordinates[axis] < tensor[axis]) {
        return;
      }
      coordinates[axis] = 0;
    }
  }
}
