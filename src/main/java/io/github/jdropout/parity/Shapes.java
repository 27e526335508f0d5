package io.github.jdropout.parity;

import io.github.jdropout.spec.MaskShape;
import java.util.Arrays;

/** Shapes of shared masks as text: sizes of axes, and after a slash which are shared. */
final class Shapes {
  private Shapes() {}

  /**
   * Reads a shape such as {@code 4x9x130/1} or {@code 8x16x5x5/2,3}.
   *
   * @throws IllegalArgumentException if it is none
   */
  static MaskShape parse(String text) {
    String[] parts = text.split("/", -1);
    try {
      if (parts.length > 2) {
        throw new NumberFormatException("two slashes");
      }
      long[] tensor = Arrays.stream(parts[0].split("x", -1)).mapToLong(Long::parseLong).toArray();
      int[] shared =
          parts.length == 1
              ? new int[0]
              : Arrays.stream(parts[1].split(",", -1)).mapToInt(Integer::parseInt).toArray();
      return MaskShape.sharing(tensor, shared);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "shape must be like 4x9x130/1, sizes and shared axes, but is " + text, e);
    }
  }
}
