package io.github.jdropout.testing;

import io.github.jdropout.spec.Activation;
import io.github.jdropout.spec.MaskKey;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** The file of known answers that implementations in every language read. */
public final class KnownAnswers {
  private static final List<String[]> LINES = read();

  private KnownAnswers() {}

  /** One Philox4x32 vector. */
  public record Philox(
      int rounds, List<Integer> counter, List<Integer> key, List<Integer> result) {}

  /** The threshold of one probability. */
  public record Threshold(double p, int threshold) {}

  /** The bits of one threshold's scale. */
  public record Scale(int threshold, int bitsF32, long bitsF64) {}

  /** 64 keep bits from an element. */
  public record Mask(MaskKey key, long first, double p, long bits) {}

  /** The bits of a number, of its activation and of the derivative there; any NaN is 7fc00000. */
  public record Activated(Activation activation, int bits, int value, int derivative) {}

  /** Returns the Philox vectors. */
  public static List<Philox> philox() {
    return fields("philox")
        .map(f -> new Philox(Integer.parseInt(f[1]), ints(f, 2, 6), ints(f, 6, 8), ints(f, 8, 12)))
        .toList();
  }

  /** Returns the thresholds. */
  public static List<Threshold> thresholds() {
    return fields("threshold")
        .map(f -> new Threshold(Double.parseDouble(f[1]), Integer.parseInt(f[2])))
        .toList();
  }

  /** Returns the scales. */
  public static List<Scale> scales() {
    return fields("scale")
        .map(f ->
            new Scale(
                Integer.parseInt(f[1]),
                Integer.parseUnsignedInt(f[2], 16),
                Long.parseUnsignedLong(f[3], 16)))
        .toList();
  }

  /** Returns the masks. */
  public static List<Mask> masks() {
    return fields("mask")
        .map(f ->
            new Mask(
                new MaskKey(Long.parseUnsignedLong(f[1], 16), Long.parseUnsignedLong(f[2], 16)),
                Long.parseUnsignedLong(f[3], 16),
                Double.parseDouble(f[4]),
                Long.parseUnsignedLong(f[5], 16)))
        .toList();
  }

  /** Returns activations of numbers. */
  public static List<Activated> activations() {
    return fields("activation")
        .map(f ->
            new Activated(
                Activation.valueOf(f[1].toUpperCase(Locale.ROOT)),
                Integer.parseUnsignedInt(f[2], 16),
                Integer.parseUnsignedInt(f[3], 16),
                Integer.parseUnsignedInt(f[4], 16)))
        .toList();
  }

  private static Stream<String[]> fields(String kind) {
    return LINES.stream().filter(fields -> fields[0].equals(kind));
  }

  private static List<Integer> ints(String[] fields, int from, int to) {
    return Arrays.stream(fields, from, to).map(f -> Integer.parseUnsignedInt(f, 16)).toList();
  }

  private static List<String[]> read() {
    try (InputStream file = KnownAnswers.class.getResourceAsStream("/known-answers.txt")) {
      return new String(file.readAllBytes(), StandardCharsets.US_ASCII)
          .lines()
          .filter(line -> !line.startsWith("#"))
          .map(line -> line.split(" ", -1))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
