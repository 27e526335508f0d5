package io.github.jdropout.cli.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;

/** Reads numbers off a page, as a person does. */
final class Shown {
  private static final String SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

  /** Nanoseconds and bytes in each unit, and parts in percent. */
  private static final Map<String, Double> UNITS =
      Map.ofEntries(
          Map.entry("", 1.0),
          Map.entry("%", 0.01),
          Map.entry("ns", 1.0),
          Map.entry("µs", 1e3),
          Map.entry("ms", 1e6),
          Map.entry("s", 1e9),
          Map.entry("B", 1.0),
          Map.entry("kB", 1e3),
          Map.entry("MB", 1e6),
          Map.entry("GB", 1e9),
          Map.entry("TB", 1e12));

  private Shown() {}

  /** Checks that the text is the number to three digits; a dash stands for none. */
  static void assertShows(double expected, String text) {
    if (Double.isNaN(expected)) {
      assertEquals("–", text);
      return;
    }
    double half = Math.max(Math.abs(expected) * 0.00501, Double.MIN_NORMAL);
    assertEquals(expected, number(text), half, text);
  }

  private static double number(String text) {
    if (text.length() > 1 && SUPERSCRIPTS.indexOf(text.charAt(1)) >= 0) {
      int exponent = 0;
      for (int i = 1; i < text.length(); i++) {
        exponent = 10 * exponent + SUPERSCRIPTS.indexOf(text.charAt(i));
      }
      return Math.pow(2, exponent);
    }
    String[] parts = text.split(" ", 2);
    return Double.parseDouble(parts[0].replace(",", ""))
        * UNITS.get(parts.length > 1 ? parts[1] : "");
  }
}
