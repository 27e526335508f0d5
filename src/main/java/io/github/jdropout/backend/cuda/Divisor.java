package io.github.jdropout.backend.cuda;

import java.math.BigInteger;

/** Numbers by which kernels divide with a multiplication and a shift. */
final class Divisor {
  private Divisor() {}

  /**
   * Returns the multiplier for a divisor: 2^(63 + shift) / value, rounded up, where shift is
   * ceil(log2(value)). For dividends below 2^63 the quotient is then the product's upper 64 bits
   * shifted right by shift - 1.
   *
   * @param value at least 1; 1 needs no multiplier and has 0
   * @return 64 unsigned bits
   */
  static long magic(long value) {
    if (value == 1) {
      return 0;
    }
    int shift = Long.SIZE - Long.numberOfLeadingZeros(value - 1);
    BigInteger divisor = BigInteger.valueOf(value);
    return BigInteger.ONE
        .shiftLeft(63 + shift)
        .add(divisor.subtract(BigInteger.ONE))
        .divide(divisor)
        .longValue();
  }
}
