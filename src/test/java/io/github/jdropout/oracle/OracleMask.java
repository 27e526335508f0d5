package io.github.jdropout.oracle;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;

/**
 * The mask contract as slowly and obviously as possible, from the paper and the contract's text.
 *
 * <p>It shares no code with the library and uses other arithmetic: integers without a width.
 */
public final class OracleMask {
  private static final BigInteger TWO_32 = BigInteger.ONE.shiftLeft(32);
  private static final BigInteger M0 = new BigInteger("D2511F53", 16);
  private static final BigInteger M1 = new BigInteger("CD9E8D57", 16);
  private static final BigInteger W0 = new BigInteger("9E3779B9", 16);
  private static final BigInteger W1 = new BigInteger("BB67AE85", 16);

  private OracleMask() {}

  /** Returns the four words of Philox4x32 with a number of rounds. */
  public static BigInteger[] philox(BigInteger[] counter, BigInteger[] key, int rounds) {
    BigInteger[] c = counter.clone();
    BigInteger[] k = key.clone();
    for (int round = 0; round < rounds; round++) {
      BigInteger[] product0 = c[0].multiply(M0).divideAndRemainder(TWO_32);
      BigInteger[] product1 = c[2].multiply(M1).divideAndRemainder(TWO_32);
      c =
          new BigInteger[] {
            product1[0].xor(c[1]).xor(k[0]), product1[1],
            product0[0].xor(c[3]).xor(k[1]), product0[1]
          };
      k = new BigInteger[] {k[0].add(W0).mod(TWO_32), k[1].add(W1).mod(TWO_32)};
    }
    return c;
  }

  /** Returns the 16-bit lane of an element. */
  public static int lane(long seed, long stream, long element) {
    long block = element / 8;
    int index = (int) (element % 8);
    BigInteger[] words =
        philox(
            new BigInteger[] {low(block), high(block), low(stream), high(stream)},
            new BigInteger[] {low(seed), high(seed)},
            10);
    BigInteger word = words[index / 2];
    BigInteger half = index % 2 == 0 ? word : word.shiftRight(16);
    return half.mod(BigInteger.valueOf(65536)).intValueExact();
  }

  /** Returns the lanes of {@code count} elements. */
  public static int[] lanes(long seed, long stream, long first, int count) {
    int[] lanes = new int[count];
    int done = 0;
    while (done < count) {
      long block = (first + done) / 8;
      BigInteger[] words =
          philox(
              new BigInteger[] {low(block), high(block), low(stream), high(stream)},
              new BigInteger[] {low(seed), high(seed)},
              10);
      for (int index = (int) ((first + done) % 8); index < 8 && done < count; index++) {
        long word = words[index / 2].longValueExact();
        lanes[done++] = (int) (index % 2 == 0 ? word % 65536 : word / 65536);
      }
    }
    return lanes;
  }

  /** Returns the threshold T of a drop probability, computed in decimal arithmetic. */
  public static int threshold(double p) {
    if (p == 0) {
      return 65536;
    }
    if (p == 1) {
      return 0;
    }
    // 1 - p is one binary64 operation in the contract; what follows is exact.
    BigDecimal keep = new BigDecimal(1 - p).multiply(BigDecimal.valueOf(65536));
    int rounded = keep.setScale(0, RoundingMode.HALF_EVEN).intValueExact();
    return Math.max(1, Math.min(65535, rounded));
  }

  /** Returns whether an element is kept. */
  public static boolean keep(long seed, long stream, long element, double p) {
    return lane(seed, stream, element) < threshold(p);
  }

  private static BigInteger low(long value) {
    return BigInteger.valueOf(value & 0xFFFFFFFFL);
  }

  private static BigInteger high(long value) {
    return BigInteger.valueOf(value >>> 32);
  }
}
