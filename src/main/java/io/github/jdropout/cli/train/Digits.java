package io.github.jdropout.cli.train;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;

/** Handwritten digits: 8 x 8 pixels each, and labels. */
final class Digits {
  /** Pixels on a side. */
  static final int SIDE = 8;

  /** Pixels of a digit. */
  static final int PIXELS = SIDE * SIDE;

  /** Different labels, 0 to 9. */
  static final int CLASSES = 10;

  private static final String RESOURCE = "optdigits.csv";
  private static final float WHITE = 16;

  private final float[] pixels;
  private final int[] labels;

  private Digits(float[] pixels, int[] labels) {
    this.pixels = pixels;
    this.labels = labels;
  }

  /** Returns the bundled digits; the README beside the file names its source and licence. */
  static Digits load() {
    List<String> lines;
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(
                Digits.class.getResourceAsStream(RESOURCE), StandardCharsets.US_ASCII))) {
      lines = reader.lines().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    float[] pixels = new float[lines.size() * PIXELS];
    int[] labels = new int[lines.size()];
    for (int row = 0; row < labels.length; row++) {
      String[] columns = lines.get(row).split(",", -1);
      for (int i = 0; i < PIXELS; i++) {
        pixels[row * PIXELS + i] = Integer.parseInt(columns[i]) / WHITE;
      }
      labels[row] = Integer.parseInt(columns[PIXELS]);
    }
    return new Digits(pixels, labels);
  }

  int count() {
    return labels.length;
  }

  int label(int row) {
    return labels[row];
  }

  /** Returns the pixels of all digits, row after row, each in [0, 1]. */
  float[] pixels() {
    return pixels.clone();
  }

  /** Returns a 1 at each digit's label, {@value #CLASSES} values a digit. */
  float[] oneHot() {
    float[] values = new float[count() * CLASSES];
    for (int row = 0; row < count(); row++) {
      values[row * CLASSES + labels[row]] = 1;
    }
    return values;
  }

  /** Returns some of the digits, in the order of {@code rows}. */
  Digits select(int... rows) {
    float[] selected = new float[rows.length * PIXELS];
    for (int i = 0; i < rows.length; i++) {
      System.arraycopy(pixels, rows[i] * PIXELS, selected, i * PIXELS, PIXELS);
    }
    return new Digits(selected, IntStream.of(rows).map(row -> labels[row]).toArray());
  }
}
