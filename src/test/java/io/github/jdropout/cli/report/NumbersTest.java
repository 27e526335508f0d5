package io.github.jdropout.cli.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NumbersTest {
  @ParameterizedTest
  @CsvSource({
    "0, 0.0",
    "1, 1.00",
    "0.99951, 1.00",
    "9.996, 10.0",
    "0.012345, 0.0123",
    "12.345, 12.3",
    "123.45, 123",
    "999.4, 999",
    "-1.5, -1.50",
    "NaN, –",
    "3.2e-17, 3.20e-17"
  })
  void threeDigits(double value, String expected) {
    assertEquals(expected, Numbers.significant(value));
  }

  @Test
  void allDigitsBeforeThePoint() {
    assertEquals("123,457", Numbers.significant(123456.7));
    assertEquals("∞", Numbers.significant(Double.POSITIVE_INFINITY));
  }

  @Test
  void powersOfTwo() {
    assertEquals("2¹⁰", Numbers.elements(1024));
    assertEquals("2²⁸", Numbers.elements(1 << 28));
    assertEquals("512", Numbers.elements(512));
    assertEquals("1,000,000", Numbers.elements(1_000_000));
    assertEquals("0", Numbers.elements(0));
  }

  @Test
  void units() {
    assertEquals("12.5 ns", Numbers.nanos(12.5));
    assertEquals("1.00 µs", Numbers.nanos(999.7));
    assertEquals("3.40 ms", Numbers.nanos(3.4e6));
    assertEquals("7,200 s", Numbers.nanos(7.2e12));
    assertEquals("0 B", Numbers.bytes(0));
    assertEquals("67.1 MB", Numbers.bytes(1 << 26));
  }

  @Test
  void wordsForLargeCounts() {
    assertEquals("999,999", Numbers.large(999_999));
    assertEquals("1.00 million", Numbers.large(1_000_000));
    assertEquals("2.50 billion", Numbers.large(2_500_000_000L));
  }
}
