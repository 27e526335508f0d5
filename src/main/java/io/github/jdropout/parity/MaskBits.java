package io.github.jdropout.parity;

import io.github.jdropout.spec.DropoutSpec;
import io.github.jdropout.spec.MaskKey;
import io.github.jdropout.spec.PackedMask;

/** A mask in words, with the sums that statistics are made of. */
final class MaskBits {
  private final long[] words;
  private final int count;

  private MaskBits(long[] words, int count) {
    this.words = words;
    this.count = count;
  }

  /**
   * Draws a mask.
   *
   * @param count a multiple of 64
   */
  static MaskBits draw(
      Implementation implementation, MaskKey key, double p, long first, int count) {
    PackedMask mask = PackedMask.allocate(count);
    implementation.subject().mask(DropoutSpec.of(p), key, first, mask);
    long[] words = new long[count / Long.SIZE];
    mask.read(0, words, count);
    return new MaskBits(words, count);
  }

  int count() {
    return count;
  }

  /** Returns how many of the elements before one are kept. */
  long keptBefore(int end) {
    long kept = 0;
    for (int word = 0; word < end >> 6; word++) {
      kept += Long.bitCount(words[word]);
    }
    return (end & 63) == 0 ? kept : kept + Long.bitCount(words[end >> 6] << -end);
  }

  long kept() {
    return keptBefore(count);
  }

  /** Returns how many elements are kept together with the one of another mask so much later. */
  long keptWith(MaskBits other, int shift) {
    long both = 0;
    int far = shift >> 6;
    for (int word = 0; word + far < words.length; word++) {
      both += Long.bitCount(words[word] & other.from(word + far, shift & 63));
    }
    return both;
  }

  /** Returns 64 bits from one on; 0 for those after the last. */
  private long from(int word, int bit) {
    if (bit == 0) {
      return words[word];
    }
    long next = word + 1 < words.length ? words[word + 1] << -bit : 0;
    return words[word] >>> bit | next;
  }

  /** Returns how many elements differ from the next. */
  long changes() {
    long changes = 0;
    for (int word = 0; word < words.length; word++) {
      long differing = words[word] ^ from(word, 1);
      changes += Long.bitCount(word < words.length - 1 ? differing : differing & -1L >>> 1);
    }
    return changes;
  }

  /** Returns how many elements are kept at each of the 64 positions in a word. */
  long[] keptAtPositions() {
    long[] kept = new long[Long.SIZE];
    for (long word : words) {
      for (int position = 0; position < Long.SIZE; position++) {
        kept[position] += word >>> position & 1;
      }
    }
    return kept;
  }

  /** Returns how often each pattern of eight neighbours is there, by its bits. */
  long[] quads() {
    long[] quads = new long[1 << Byte.SIZE];
    for (long word : words) {
      for (int shift = 0; shift < Long.SIZE; shift += Byte.SIZE) {
        quads[(int) (word >>> shift) & 0xFF]++;
      }
    }
    return quads;
  }
}
