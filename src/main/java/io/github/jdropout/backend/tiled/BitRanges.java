package io.github.jdropout.backend.tiled;

import java.util.Arrays;

/** Ranges of bits in arrays of words; bit i is bit {@code i & 63} of word {@code i >> 6}. */
final class BitRanges {
  private BitRanges() {}

  static int wordsFor(int bits) {
    return (bits + 63) >>> 6;
  }

  /** Moves all bits down by {@code distance}, in [1, 63]; the last word receives zeros. */
  static void shiftDown(long[] words, int wordCount, int distance) {
    for (int word = 0; word < wordCount - 1; word++) {
      words[word] = (words[word] >>> distance) | (words[word + 1] << -distance);
    }
    words[wordCount - 1] >>>= distance;
  }

  /** Sets {@code count} bits from {@code from}; count is at least 1. */
  static void set(long[] words, int from, int count) {
    int first = from >>> 6;
    int last = (from + count - 1) >>> 6;
    long firstMask = -1L << from;
    long lastMask = -1L >>> -(from + count);
    if (first == last) {
      words[first] |= firstMask & lastMask;
      return;
    }
    words[first] |= firstMask;
    Arrays.fill(words, first + 1, last, -1L);
    words[last] |= lastMask;
  }

  /** Copies bits to where the target has zeros. */
  static void copy(long[] source, int sourceFrom, long[] target, int targetFrom, int count) {
    int done = 0;
    while (done < count) {
      int at = targetFrom + done;
      int length = Math.min(count - done, 64 - (at & 63));
      long bits = get(source, sourceFrom + done, length);
      target[at >>> 6] |= bits << at;
      done += length;
    }
  }

  /** Returns {@code length} bits, in [1, 64], in the lowest places. */
  private static long get(long[] words, int from, int length) {
    int word = from >>> 6;
    int shift = from & 63;
    long bits = words[word] >>> shift;
    if (shift + length > 64) {
      bits |= words[word + 1] << -shift;
    }
    return bits & (-1L >>> -length);
  }
}
