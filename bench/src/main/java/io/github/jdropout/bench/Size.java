package io.github.jdropout.bench;

/** Numbers of elements as people write them. */
public final class Size {
  private static final String POWER = "2^";

  private Size() {}

  /** Returns {@code 2^k} for a power of two above 64, else the digits. */
  public static String text(long elements) {
    return elements > 64 && Long.bitCount(elements) == 1
        ? POWER + Long.numberOfTrailingZeros(elements)
        : Long.toString(elements);
  }

  /**
   * Reads digits or {@code 2^k}.
   *
   * @throws IllegalArgumentException if the text is neither, or not in [1, 2^40]
   */
  public static long parse(String text) {
    long elements = 0;
    if (text.matches("2\\^[0-9]{1,2}")) {
      int exponent = Integer.parseInt(text.substring(POWER.length()));
      elements = exponent <= 40 ? 1L << exponent : 0;
    } else if (text.matches("[0-9]{1,13}")) {
      elements = Long.parseLong(text);
    }
    if (elements < 1 || elements > 1L << 40) {
      throw new IllegalArgumentException(
          "a size must be in [1, 2^40], digits or such as 2^24, but is " + text);
    }
    return elements;
  }
}
