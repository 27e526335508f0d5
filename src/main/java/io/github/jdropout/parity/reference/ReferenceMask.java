package io.github.jdropout.parity.reference;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Masks from the contract's text, in long arithmetic. */
public final class ReferenceMask {
  /** Of the memory of a packed mask. */
  static final ValueLayout.OfLong WORD =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** Words in an array at a time. */
  private static final int CHUNK = 1 << 9;

  private static final long LOW = 0xFFFF_FFFFL;

  private ReferenceMask() {}

  /**
   * Returns the threshold T of a probability of dropping.
   *
   * @param p in [0, 1]
   */
  public static int threshold(double p) {
    if (p == 0) {
      return 65536;
    }
    if (p == 1) {
      return 0;
    }
    return (int) Math.max(1, Math.min(65535, Math.rint((1 - p) * 65536)));
  }

  /** Returns whether an element is kept. */
  public static boolean isKept(long seed, long stream, long element, int threshold) {
    return (keptOfQuad(seed, stream, element >>> 3, threshold) >>> (element & 7) & 1) != 0;
  }

  /**
   * Writes the packed mask of a range of a call's elements.
   *
   * @param firstIndex global index of the call's element 0
   * @param threshold T, in [0, 65536]
   * @param bits the call's mask, whose size is a multiple of 8 bytes
   * @param from first element of the range, a multiple of 64
   * @param to end of the range. Bits after it, in its last word, are written as 0
   */
  public static void fill(
      long seed,
      long stream,
      long firstIndex,
      int threshold,
      MemorySegment bits,
      long from,
      long to) {
    int offset = (int) (firstIndex & 7);
    long quad = (firstIndex + from) >>> 3;
    long next = keptOfQuad(seed, stream, quad, threshold);
    long[] words = new long[(int) Math.min(CHUNK, (to - from + 63) / 64)];
    int filled = 0;
    for (long at = from; at < to; at += 64) {
      long word = next;
      for (int i = 1; i < 8; i++) {
        word |= keptOfQuad(seed, stream, quad + i, threshold) << (8 * i);
      }
      quad += 8;
      next = keptOfQuad(seed, stream, quad, threshold);
      if (offset != 0) {
        word = word >>> offset | next << (64 - offset);
      }
      if (to - at < 64) {
        word &= (1L << (to - at)) - 1;
      }
      words[filled++] = word;
      if (filled == words.length || to - at <= 64) {
        long start = (at >>> 6) - (filled - 1);
        MemorySegment.copy(words, 0, bits, WORD, start * Long.BYTES, filled);
        filled = 0;
      }
    }
  }

  /** Returns whether each of a quad's eight elements is kept, as bits. */
  private static long keptOfQuad(long seed, long stream, long quad, int threshold) {
    long c0 = quad & LOW;
    long c1 = quad >>> 32;
    long c2 = stream & LOW;
    long c3 = stream >>> 32;
    long k0 = seed & LOW;
    long k1 = seed >>> 32;
    for (int round = 0; round < 10; round++) {
      long product0 = c0 * 0xD2511F53L;
      long product1 = c2 * 0xCD9E8D57L;
      c0 = (product1 >>> 32) ^ c1 ^ k0;
      c1 = product1 & LOW;
      c2 = (product0 >>> 32) ^ c3 ^ k1;
      c3 = product0 & LOW;
      k0 = (k0 + 0x9E3779B9L) & LOW;
      k1 = (k1 + 0xBB67AE85L) & LOW;
    }
    return keptOfWord(c0, threshold)
        | keptOfWord(c1, threshold) << 2
        | keptOfWord(c2, threshold) << 4
        | keptOfWord(c3, threshold) << 6;
  }

  /** A lane below T makes the difference negative. */
  private static long keptOfWord(long word, int threshold) {
    long even = ((word & 0xFFFF) - threshold) >>> 63;
    long odd = ((word >>> 16) - threshold) >>> 63;
    return even | odd << 1;
  }
}
