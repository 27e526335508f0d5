package io.github.jdropout.cli;

import java.util.OptionalInt;

/** The width of the vectors that this JVM prefers. */
final class VectorWidth {
  private VectorWidth() {}

  /** Returns the width in bits; empty when the incubator module is not loaded. */
  static OptionalInt preferredBits() {
    // By reflection: the module may be absent, and only the vector backend may depend on it.
    try {
      Object species =
          Class.forName("jdk.incubator.vector.ByteVector").getField("SPECIES_PREFERRED").get(null);
      Object bits =
          Class.forName("jdk.incubator.vector.VectorSpecies")
              .getMethod("vectorBitSize")
              .invoke(species);
      return OptionalInt.of((int) bits);
    } catch (ReflectiveOperationException | LinkageError e) {
      return OptionalInt.empty();
    }
  }
}
