package io.github.jdropout.backend;

import io.github.jdropout.spec.MaskShape;

/**
 * Cuts a range of a tensor with a shared mask into blocks of the form [outer, shared, inner], whose
 * middle axis shares decisions.
 *
 * <p>A shape's runs alternate between shared and not, so the innermost two or three always have
 * this form; more runs outside of them repeat it with other parts of the mask.
 */
public final class SharedBlocks {
  private SharedBlocks() {}

  /** Computes the part of one block that lies in the range. */
  @FunctionalInterface
  public interface Body {
    /**
     * Runs on elements {@code from} to {@code from + count - 1} of a block.
     *
     * @param maskIndex index, in the mask, of the block's first decision
     * @param at index, in the range, of the first of these elements
     */
    void run(long maskIndex, long outer, long shared, long inner, long from, long at, long count);
  }

  /**
   * Runs the body over all blocks that hold elements of the range, in ascending order.
   *
   * @param firstIndex index of the range's first element in the tensor
   * @param count elements of the range
   */
  public static void forEach(MaskShape shape, long firstIndex, long count, Body body) {
    int run = shape.runCount() - 1;
    long inner = run >= 0 && !shape.isRunShared(run) ? shape.runLength(run--) : 1;
    long shared = run >= 0 ? shape.runLength(run--) : 1;
    long outer = run >= 0 ? shape.runLength(run) : 1;
    long block = outer * shared * inner;
    long done = 0;
    while (done < count) {
      long index = firstIndex + done;
      long from = index % block;
      long length = Math.min(block - from, count - done);
      body.run(shape.maskIndex(index - from), outer, shared, inner, from, done, length);
      done += length;
    }
  }
}
