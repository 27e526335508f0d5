package io.github.jdropout.parity.reference;

import io.github.jdropout.spec.ElementType;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Elements with their decisions: {@code keep ? round(x * factor) : +0}.
 *
 * <p>For a type of 16 bits the products of all its numbers are computed once.
 */
public final class ReferenceDropout {
  private static final int SHORTS = 1 << 16;

  /** Elements in arrays at a time, a multiple of 64. */
  private static final int CHUNK = 1 << 12;

  private final ElementType type;
  private final double factor;
  private final float factorF32;

  /** Products of all numbers of 16 bits; null for wider types. */
  private final short[] products;

  /**
   * Creates one.
   *
   * @param factor of kept elements of f64
   * @param factorF32 of kept elements of the other types
   */
  public ReferenceDropout(ElementType type, double factor, float factorF32) {
    this.type = type;
    this.factor = factor;
    this.factorF32 = factorF32;
    this.products = type.bytes() == Short.BYTES ? new short[SHORTS] : null;
    for (int bits = 0; products != null && bits < SHORTS; bits++) {
      products[bits] = (short) ReferenceArithmetic.product(type, bits, factor, factorF32);
    }
  }

  /**
   * Computes a range of elements.
   *
   * @param bits a bit for each element of the call, in whole words; null to keep all
   * @param input bits of the call's elements
   * @param output receives theirs
   * @param from first element of the range, a multiple of 64
   * @param to end of the range
   */
  public void fill(
      MemorySegment bits, MemorySegment input, MemorySegment output, long from, long to) {
    int length = (int) Math.min(CHUNK, to - from);
    Object chunk =
        switch (type) {
          case F32 -> new float[length];
          case F64 -> new double[length];
          case F16, BF16 -> new short[length];
        };
    long[] words = new long[(length + 63) / 64];
    Arrays.fill(words, -1);
    for (long at = from; at < to; at += CHUNK) {
      int count = (int) Math.min(CHUNK, to - at);
      if (bits != null) {
        MemorySegment.copy(bits, ReferenceMask.WORD, at >>> 3, words, 0, (count + 63) / 64);
      }
      MemorySegment.copy(input, type.layout(), at * type.bytes(), chunk, 0, count);
      switch (chunk) {
        case float[] floats -> multiply(words, floats, count);
        case double[] doubles -> multiply(words, doubles, count);
        default -> multiply(words, (short[]) chunk, count);
      }
      MemorySegment.copy(chunk, 0, output, type.layout(), at * type.bytes(), count);
    }
  }

  private static boolean isKept(long[] words, int index) {
    return (words[index >> 6] >>> index & 1) != 0;
  }

  private void multiply(long[] words, float[] values, int count) {
    for (int i = 0; i < count; i++) {
      // The product of two binary32 values is exact in binary64; the cast is the one rounding.
      values[i] = isKept(words, i) ? (float) ((double) values[i] * factorF32) : 0f;
    }
  }

  private void multiply(long[] words, double[] values, int count) {
    for (int i = 0; i < count; i++) {
      values[i] = isKept(words, i) ? values[i] * factor : 0.0;
    }
  }

  private void multiply(long[] words, short[] values, int count) {
    for (int i = 0; i < count; i++) {
      values[i] = isKept(words, i) ? products[values[i] & 0xFFFF] : 0;
    }
  }
}
