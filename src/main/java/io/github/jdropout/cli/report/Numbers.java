package io.github.jdropout.cli.report;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Locale;

/** Numbers as people read them: three significant digits, and powers of two as such. */
final class Numbers {
  /** What stands for a number that there is not. */
  static final String NONE = "–";

  private static final MathContext THREE_DIGITS = new MathContext(3, RoundingMode.HALF_EVEN);
  private static final String[] TIME_UNITS = {"ns", "µs", "ms", "s"};
  private static final String[] BYTE_UNITS = {"B", "kB", "MB", "GB", "TB"};
  private static final String SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

  private Numbers() {}

  /** Returns the number with three significant digits, and all digits before the point. */
  static String significant(double value) {
    if (Double.isNaN(value)) {
      return NONE;
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? "∞" : "-∞";
    }
    double magnitude = Math.abs(value);
    if (magnitude >= 1000) {
      return grouped(Math.round(value));
    }
    BigDecimal rounded = BigDecimal.valueOf(value).round(THREE_DIGITS);
    if (magnitude != 0 && magnitude < 1e-4) {
      return String.format(Locale.ROOT, "%.2e", value);
    }
    int missing = THREE_DIGITS.getPrecision() - rounded.precision();
    return missing > 0 && rounded.signum() != 0
        ? rounded.setScale(rounded.scale() + missing, RoundingMode.UNNECESSARY).toPlainString()
        : rounded.toPlainString();
  }

  /** Returns the number with at most three significant digits, without zeros at its end. */
  static String plain(double value) {
    String text = significant(value);
    return text.contains(".") && !text.contains("e")
        ? new BigDecimal(text).stripTrailingZeros().toPlainString()
        : text;
  }

  /** Returns the number with a sign, also if it is positive. */
  static String signed(double value) {
    return (value > 0 ? "+" : "") + significant(value);
  }

  /** Returns a part of a whole in percent. */
  static String percent(double part) {
    return significant(100 * part) + " %";
  }

  /** Returns the number with all its digits, in groups of three. */
  static String grouped(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  /** Returns the number in words from a million on. */
  static String large(long value) {
    if (value < 1_000_000) {
      return grouped(value);
    }
    return value < 1_000_000_000
        ? significant(value / 1e6) + " million"
        : significant(value / 1e9) + " billion";
  }

  /** Returns a power of two from 2^10 on as such, and other numbers in full. */
  static String elements(long count) {
    return Long.bitCount(count) == 1 && count >= 1024
        ? power(Long.numberOfTrailingZeros(count))
        : grouped(count);
  }

  /** Returns 2 to the power of an exponent from 0 on. */
  static String power(int exponent) {
    StringBuilder text = new StringBuilder("2");
    for (char digit : Integer.toString(exponent).toCharArray()) {
      text.append(SUPERSCRIPTS.charAt(digit - '0'));
    }
    return text.toString();
  }

  /** Returns a time in the unit that suits it. */
  static String nanos(double nanos) {
    return scaled(nanos, TIME_UNITS);
  }

  /** Returns a count of bytes in the decimal unit that suits it. */
  static String bytes(long bytes) {
    return scaled((double) bytes, BYTE_UNITS);
  }

  /** Returns a probability with the digits that it was given with. */
  static String exact(double value) {
    return Double.isFinite(value)
        ? BigDecimal.valueOf(value).stripTrailingZeros().toPlainString()
        : significant(value);
  }

  private static String scaled(double value, String[] units) {
    double scaled = value;
    int unit = 0;
    // 999.6 would be shown as 1,000.
    while (scaled >= 999.5 && unit < units.length - 1) {
      scaled /= 1000;
      unit++;
    }
    return (unit == 0 && scaled == Math.rint(scaled)
            ? grouped(Math.round(scaled))
            : significant(scaled))
        + " "
        + units[unit];
  }
}
