package io.github.jdropout.backend;

import io.github.jdropout.spec.MaskShape;

/**
 * Cuts a range of a tensor with a shared mask into sub-tensors of the form [outer, shared, inner],
 * whose middle axis shares decisions.
 *
 * <p>A shape's runs alternate between shared and not, so the innermost two or three always have
 * this form; more runs outside of them repeat it with other parts of the mask.
 */
public final class SharedSubtensors {
  private SharedSubtensors() {}

  /** Computes the part of one sub-tensor that lies in the range. */
  @FunctionalInterface
  public interface Body {
    /**
     * Runs on neighbouring elements of a sub-tensor.
     *
     * @param maskIndex index, in the mask, of the sub-tensor's first decision
     * @param outer size of the axis whose positions have decisions of their own
     * @param shared size of the axis whose positions share decisions
     * @param inner size of the innermost axis, with decisions of its own
     * @param from index of the first of these elements in the sub-tensor
     * @param at index of the same element in the range
     * @param elementCount how many there are
     */
    void run(
        long maskIndex, long outer, long shared, long inner, long from, long at, long elementCount);
  }

  /**
   * Runs the body over all sub-tensors that hold elements of the range, in ascending order.
   *
   * @param firstIndex index of the range's first element in the tensor
   * @param elementCount elements of the range
   */
  public static void forEach(MaskShape shape, long firstIndex, long elementCount, Body body) {
    int run = shape.runCount() - 1;
    long inner = run >= 0 && !shape.isRunShared(run) ? shape.runLength(run--) : 1;
    long shared = run >= 0 ? shape.runLength(run--) : 1;
    long outer = run >= 0 ? shape.runLength(run) : 1;
    long size = outer * shared * inner;
    long done = 0;
    while (done < elementCount) {
      long index = firstIndex + done;
      long from = index % size;
      long length = Math.min(size - from, elementCount - done);
      body.run(shape.maskIndex(index - from), outer, shared, inner, from, done, length);
      done += length;
    }
  }
}
