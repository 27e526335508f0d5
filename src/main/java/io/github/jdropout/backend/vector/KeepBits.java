package io.github.jdropout.backend.vector;

import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.LT;
import static jdk.incubator.vector.VectorOperators.XOR;

import io.github.jdropout.rng.Philox4x32;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Philox quads and their comparison with the threshold, one quad in each 64-bit lane.
 *
 * <p>C2 multiplies 32 by 32 bits with one instruction where it sees that both factors are 32 bits
 * wide, and takes seven where it does not. It sees that of a value shifted right by 32, so every
 * factor here is made by such a shift: a round forms each new word in the upper half of its lane,
 * where the products' upper halves are, and shifts it down.
 */
final class KeepBits {
  private static final VectorSpecies<Long> LONGS = Shapes.LONGS;
  private static final int QUADS = LONGS.length();
  private static final long QUADS_PER_WORD = 8;

  /**
   * Words per iteration, from four vectors: fewer leave the multiplier waiting for its own results,
   * more do not fit the registers.
   */
  private static final int WORDS_PER_STEP = QUADS / 2;

  /** Places in an expanded key: a pair of words for each round, then the threshold. */
  private static final int LAST_KEY = 2 * (Philox4x32.ROUNDS - 1);

  private static final int LIMIT = 2 * Philox4x32.ROUNDS;
  private static final long LOW_32 = 0xFFFFFFFFL;

  /** Flips the top bit of every lane, so that a signed comparison orders lanes as unsigned. */
  private static final long SIGNS = 0x8000_8000_8000_8000L;

  private static final long EVEN_NIBBLES = 0x0F0F_0F0F_0F0F_0F0FL;
  private static final long EVEN_PAIRS = 0x3333_3333_3333_3333L;
  private static final long[] IOTA = {0, 1, 2, 3, 4, 5, 6, 7};

  private KeepBits() {}

  /**
   * Computes what all quads of an application share: round keys in upper halves, and the threshold
   * in every 16-bit lane.
   */
  static void expandKey(long seed, int threshold, long[] expanded) {
    long k0 = seed << 32;
    long k1 = seed & ~LOW_32;
    for (int round = 0; round < LIMIT; round += 2) {
      expanded[round] = k0;
      expanded[round + 1] = k1;
      k0 += (long) Philox4x32.W0 << 32;
      k1 += (long) Philox4x32.W1 << 32;
    }
    expanded[LAST_KEY] ^= SIGNS;
    expanded[LAST_KEY + 1] ^= SIGNS;
    expanded[LIMIT] = (threshold ^ 0x8000L) * 0x0001_0001_0001_0001L;
  }

  /**
   * Writes words of keep bits, their number rounded up to the words of an iteration.
   *
   * <p>In each of the four groups x and y are counter words 0 and 2, which the next round
   * multiplies; the lower halves of the products p and q of the last round are words 3 and 1. All
   * is written out in one method: vectors that cross a call which is not inlined become objects.
   *
   * <p>The first two rounds multiply one vector each instead of two: the quads of a word differ in
   * counter word 0 alone, so that the other product is the same number for all of them.
   */
  static void fill(long[] key, long stream, long firstWord, long[] words, int wordCount) {
    LongVector m0 = LongVector.broadcast(LONGS, Philox4x32.M0 << 32).lanewise(LSHR, 32);
    LongVector m1 = LongVector.broadcast(LONGS, Philox4x32.M1 << 32).lanewise(LSHR, 32);
    LongVector iota = LongVector.fromArray(LONGS, IOTA, 0).lanewise(LSHL, 32);
    long streamProduct = (stream & LOW_32) * Philox4x32.M1;
    long x = (streamProduct ^ key[0]) >>> 32;
    LongVector toY = LongVector.broadcast(LONGS, (stream & ~LOW_32) ^ key[1]);
    LongVector toX = LongVector.broadcast(LONGS, (streamProduct << 32) ^ key[2]);
    for (int word = 0; word < wordCount; word += WORDS_PER_STEP) {
      long quad0 = (firstWord + word) * QUADS_PER_WORD;
      long quad1 = (firstWord + word) * QUADS_PER_WORD + QUADS;
      long quad2 = (firstWord + word) * QUADS_PER_WORD + 2L * QUADS;
      long quad3 = (firstWord + word) * QUADS_PER_WORD + 3L * QUADS;
      long product0 = (x ^ (quad0 >>> 32)) * Philox4x32.M0;
      long product1 = (x ^ (quad1 >>> 32)) * Philox4x32.M0;
      long product2 = (x ^ (quad2 >>> 32)) * Philox4x32.M0;
      long product3 = (x ^ (quad3 >>> 32)) * Philox4x32.M0;
      LongVector p0 = iota.add(quad0 << 32).lanewise(LSHR, 32).mul(m0);
      LongVector p1 = iota.add(quad1 << 32).lanewise(LSHR, 32).mul(m0);
      LongVector p2 = iota.add(quad2 << 32).lanewise(LSHR, 32).mul(m0);
      LongVector p3 = iota.add(quad3 << 32).lanewise(LSHR, 32).mul(m0);
      LongVector q0 = p0.lanewise(XOR, toY).lanewise(LSHR, 32).mul(m1);
      LongVector q1 = p1.lanewise(XOR, toY).lanewise(LSHR, 32).mul(m1);
      LongVector q2 = p2.lanewise(XOR, toY).lanewise(LSHR, 32).mul(m1);
      LongVector q3 = p3.lanewise(XOR, toY).lanewise(LSHR, 32).mul(m1);
      LongVector x0 = q0.lanewise(XOR, toX).lanewise(LSHR, 32);
      LongVector x1 = q1.lanewise(XOR, toX).lanewise(LSHR, 32);
      LongVector x2 = q2.lanewise(XOR, toX).lanewise(LSHR, 32);
      LongVector x3 = q3.lanewise(XOR, toX).lanewise(LSHR, 32);
      LongVector y0 =
          p0.lanewise(LSHL, 32).lanewise(XOR, (product0 & ~LOW_32) ^ key[3]).lanewise(LSHR, 32);
      LongVector y1 =
          p1.lanewise(LSHL, 32).lanewise(XOR, (product1 & ~LOW_32) ^ key[3]).lanewise(LSHR, 32);
      LongVector y2 =
          p2.lanewise(LSHL, 32).lanewise(XOR, (product2 & ~LOW_32) ^ key[3]).lanewise(LSHR, 32);
      LongVector y3 =
          p3.lanewise(LSHL, 32).lanewise(XOR, (product3 & ~LOW_32) ^ key[3]).lanewise(LSHR, 32);
      p0 = LongVector.broadcast(LONGS, product0);
      p1 = LongVector.broadcast(LONGS, product1);
      p2 = LongVector.broadcast(LONGS, product2);
      p3 = LongVector.broadcast(LONGS, product3);
      for (int round = 4; round < LAST_KEY; round += 2) {
        LongVector k0 = LongVector.broadcast(LONGS, key[round]);
        LongVector k1 = LongVector.broadcast(LONGS, key[round + 1]);
        LongVector s0 = x0.mul(m0);
        LongVector t0 = y0.mul(m1);
        LongVector s1 = x1.mul(m0);
        LongVector t1 = y1.mul(m1);
        LongVector s2 = x2.mul(m0);
        LongVector t2 = y2.mul(m1);
        LongVector s3 = x3.mul(m0);
        LongVector t3 = y3.mul(m1);
        x0 = t0.lanewise(XOR, q0.lanewise(LSHL, 32)).lanewise(XOR, k0).lanewise(LSHR, 32);
        y0 = s0.lanewise(XOR, p0.lanewise(LSHL, 32)).lanewise(XOR, k1).lanewise(LSHR, 32);
        x1 = t1.lanewise(XOR, q1.lanewise(LSHL, 32)).lanewise(XOR, k0).lanewise(LSHR, 32);
        y1 = s1.lanewise(XOR, p1.lanewise(LSHL, 32)).lanewise(XOR, k1).lanewise(LSHR, 32);
        x2 = t2.lanewise(XOR, q2.lanewise(LSHL, 32)).lanewise(XOR, k0).lanewise(LSHR, 32);
        y2 = s2.lanewise(XOR, p2.lanewise(LSHL, 32)).lanewise(XOR, k1).lanewise(LSHR, 32);
        x3 = t3.lanewise(XOR, q3.lanewise(LSHL, 32)).lanewise(XOR, k0).lanewise(LSHR, 32);
        y3 = s3.lanewise(XOR, p3.lanewise(LSHL, 32)).lanewise(XOR, k1).lanewise(LSHR, 32);
        p0 = s0;
        q0 = t0;
        p1 = s1;
        q1 = t1;
        p2 = s2;
        q2 = t2;
        p3 = s3;
        q3 = t3;
      }
      // The last round leaves new words in upper halves: together with the product's own lower
      // half a vector then holds (word 1, word 0) or (word 3, word 2) of each quad.
      LongVector k0 = LongVector.broadcast(LONGS, key[LAST_KEY]);
      LongVector k1 = LongVector.broadcast(LONGS, key[LAST_KEY + 1]);
      ShortVector limit = LongVector.broadcast(LONGS, key[LIMIT]).reinterpretAsShorts();
      LongVector a0 = y0.mul(m1).lanewise(XOR, q0.lanewise(LSHL, 32)).lanewise(XOR, k0);
      LongVector b0 = x0.mul(m0).lanewise(XOR, p0.lanewise(LSHL, 32)).lanewise(XOR, k1);
      LongVector a1 = y1.mul(m1).lanewise(XOR, q1.lanewise(LSHL, 32)).lanewise(XOR, k0);
      LongVector b1 = x1.mul(m0).lanewise(XOR, p1.lanewise(LSHL, 32)).lanewise(XOR, k1);
      LongVector a2 = y2.mul(m1).lanewise(XOR, q2.lanewise(LSHL, 32)).lanewise(XOR, k0);
      LongVector b2 = x2.mul(m0).lanewise(XOR, p2.lanewise(LSHL, 32)).lanewise(XOR, k1);
      LongVector a3 = y3.mul(m1).lanewise(XOR, q3.lanewise(LSHL, 32)).lanewise(XOR, k0);
      LongVector b3 = x3.mul(m0).lanewise(XOR, p3.lanewise(LSHL, 32)).lanewise(XOR, k1);
      long a01 =
          a0.reinterpretAsShorts().compare(LT, limit).toLong()
              | a1.reinterpretAsShorts().compare(LT, limit).toLong() << (4 * QUADS);
      long b01 =
          b0.reinterpretAsShorts().compare(LT, limit).toLong()
              | b1.reinterpretAsShorts().compare(LT, limit).toLong() << (4 * QUADS);
      long a23 =
          a2.reinterpretAsShorts().compare(LT, limit).toLong()
              | a3.reinterpretAsShorts().compare(LT, limit).toLong() << (4 * QUADS);
      long b23 =
          b2.reinterpretAsShorts().compare(LT, limit).toLong()
              | b3.reinterpretAsShorts().compare(LT, limit).toLong() << (4 * QUADS);
      switch (QUADS) {
        case 2 -> words[word] = interleave(a01 | a23 << 16, b01 | b23 << 16);
        case 4 -> {
          words[word] = interleave(a01, b01);
          words[word + 1] = interleave(a23, b23);
        }
        default -> {
          words[word] = interleave(a01, b01);
          words[word + 1] = interleave(a01 >>> 32, b01 >>> 32);
          words[word + 2] = interleave(a23, b23);
          words[word + 3] = interleave(a23 >>> 32, b23 >>> 32);
        }
      }
    }
  }

  /**
   * Brings the bits of eight quads into element order.
   *
   * @param a a nibble for each quad: the bits of words 1 and 0
   * @param b a nibble for each quad: the bits of words 3 and 2
   */
  private static long interleave(long a, long b) {
    long bytes = Long.expand(a, EVEN_NIBBLES) | Long.expand(b, ~EVEN_NIBBLES);
    return (bytes & EVEN_PAIRS) << 2 | (bytes >>> 2 & EVEN_PAIRS);
  }
}
