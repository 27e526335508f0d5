package io.github.jdropout.backend;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** The ways of computing dropout, as a rule slowest first. */
public enum BackendId {
  /** Plain Java; the reference, runs everywhere. */
  SCALAR,
  /** The Vector API, {@code jdk.incubator.vector}. */
  VECTOR,
  /** The native library, through {@code java.lang.foreign}. */
  FFM,
  /** A GPU of NVIDIA, through its driver. */
  CUDA;

  /** Returns the name used in properties and on the command line: the constant in lower case. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * Returns the backend of a name.
   *
   * @param label a {@link #label()}, in any case
   * @throws IllegalArgumentException if no backend has that name
   */
  public static BackendId parse(String label) {
    for (BackendId id : values()) {
      if (id.label().equalsIgnoreCase(label)) {
        return id;
      }
    }
    String allowed =
        Arrays.stream(values()).map(BackendId::label).collect(Collectors.joining(", "));
    throw new IllegalArgumentException("backend must be one of " + allowed + " but is " + label);
  }
}
