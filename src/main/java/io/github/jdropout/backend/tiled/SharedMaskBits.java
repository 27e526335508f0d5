package io.github.jdropout.backend.tiled;

import io.github.jdropout.spec.MaskShape;
import java.util.Arrays;

/**
 * Lays the bits of a shared mask out over the tensor, for one thread's ascending tiles.
 *
 * <p>Only the two innermost runs of axes matter for speed. Where the innermost is not shared, its
 * bits are contiguous in the mask; short rows are computed many at a time, and each is copied for
 * every position of the shared run around it. Where the innermost is shared, the mask's bits for as
 * many neighbouring positions as the tile holds are computed together, and each is spread over its
 * run.
 */
final class SharedMaskBits {
  private final TiledBackend backend;
  private final long stream;
  private final MaskShape shape;
  private final TileScratch scratch;
  private final long[] row;

  /** Length and kind of the innermost run, and length of the one around it. */
  private final long inner;

  private final boolean isInnerShared;
  private final long outer;

  /** Mask indices of the short rows that {@link #row} holds, from its first bit. */
  private long rowsFrom;

  private long rowsTo;

  /** Creates the bits of a slice; {@code scratch} holds the expanded key. */
  SharedMaskBits(TiledBackend backend, long stream, MaskShape shape, TileScratch scratch) {
    this.backend = backend;
    this.stream = stream;
    this.shape = shape;
    this.scratch = scratch;
    this.row = scratch.rowWords;
    int runs = shape.runCount();
    this.inner = runs == 0 ? 1 : shape.runLength(runs - 1);
    this.isInnerShared = runs > 0 && shape.isRunShared(runs - 1);
    this.outer = runs < 2 ? 1 : shape.runLength(runs - 2);
  }

  /**
   * Writes the bits of the tensor's elements from {@code from}.
   *
   * @param count number of elements, at most a tile
   */
  void fill(long from, int count, long[] words) {
    Arrays.fill(words, 0, BitRanges.wordsFor(count), 0);
    int done = 0;
    while (done < count) {
      long element = from + done;
      done +=
          isInnerShared
              ? spread(element, words, done, count - done)
              : copyRow(element, words, done, count - done);
    }
  }

  /** Handles a part of the innermost run, not shared; returns how many bits it wrote. */
  private int copyRow(long element, long[] words, int at, int limit) {
    long within = element % inner;
    int length = (int) Math.min(inner - within, limit);
    long index = shape.maskIndex(element);
    int rowOffset = 0;
    if (inner > TileScratch.TILE) {
      backend.keepBits(scratch, stream, index, length, row);
    } else {
      if (index < rowsFrom || index >= rowsTo) {
        rowsFrom = index - within;
        long wholeRows = TileScratch.TILE / inner * inner;
        rowsTo = rowsFrom + Math.min(wholeRows, shape.maskElementCount() - rowsFrom);
        backend.keepBits(scratch, stream, rowsFrom, (int) (rowsTo - rowsFrom), row);
      }
      rowOffset = (int) (index - rowsFrom);
    }
    BitRanges.copy(row, rowOffset, words, at, length);
    return length;
  }

  /** Handles neighbouring positions, each spread over a shared innermost run. */
  private int spread(long element, long[] words, int at, int limit) {
    long within = element % inner;
    long position = element / inner % outer;
    long wanted = (within + limit - 1) / inner + 1;
    int decisions = (int) Math.min(outer - position, wanted);
    backend.keepBits(scratch, stream, shape.maskIndex(element), decisions, row);
    int done = 0;
    long offset = within;
    for (int decision = 0; decision < decisions; decision++) {
      int length = (int) Math.min(inner - offset, limit - done);
      if ((row[decision >>> 6] >>> decision & 1) != 0) {
        BitRanges.set(words, at + done, length);
      }
      done += length;
      offset = 0;
    }
    return done;
  }
}
