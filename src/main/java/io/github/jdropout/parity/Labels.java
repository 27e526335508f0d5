package io.github.jdropout.parity;

import java.util.Arrays;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Reads names of things of which there are a few. */
final class Labels {
  private Labels() {}

  /**
   * Returns the value of a name.
   *
   * @param what that is named, for the message
   * @throws IllegalArgumentException if none has that name
   */
  static <T> T parse(String what, T[] values, Function<T, String> labelOf, String label) {
    for (T value : values) {
      if (labelOf.apply(value).equals(label)) {
        return value;
      }
    }
    String allowed = Arrays.stream(values).map(labelOf).collect(Collectors.joining(", "));
    throw new IllegalArgumentException(what + " must be one of " + allowed + " but is " + label);
  }
}
