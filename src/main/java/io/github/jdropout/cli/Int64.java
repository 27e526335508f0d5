package io.github.jdropout.cli;

import java.math.BigInteger;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads any 64 bits: a signed or unsigned decimal number, or hexadecimal after {@code 0x}. */
final class Int64 implements ITypeConverter<Long> {
  private static final BigInteger LEAST = BigInteger.ONE.shiftLeft(63).negate();
  private static final BigInteger LIMIT = BigInteger.ONE.shiftLeft(64);

  @Override
  public Long convert(String text) {
    BigInteger value = parse(text);
    if (value == null || value.compareTo(LEAST) < 0 || value.compareTo(LIMIT) >= 0) {
      throw new TypeConversionException(
          "must be in [-2^63, 2^64), decimal or 0x with hexadecimal digits, but is " + text);
    }
    return value.longValue();
  }

  private static BigInteger parse(String text) {
    if (text.matches("[+-]?[0-9]{1,40}")) {
      return new BigInteger(text);
    }
    return text.matches("0[xX][0-9a-fA-F]{1,40}") ? new BigInteger(text.substring(2), 16) : null;
  }
}
