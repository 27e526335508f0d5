package io.github.jdropout.parity;

import io.github.jdropout.parity.reference.ReferenceArithmetic;
import io.github.jdropout.spec.ElementType;
import java.lang.foreign.MemorySegment;
import java.util.Locale;
import java.util.SplittableRandom;

/** The numbers that a call is given. */
enum Values {
  /** NaNs, infinities, zeros and denormals between random bits. */
  SPECIAL,
  /** Numbers around 0 of size 1. */
  NORMAL,
  /** What activations meet: numbers up to some 50, where definitions change, and all the rest. */
  LAYER;

  /** Numbers after which they repeat: a prime, so that no tile sees the same again soon. */
  static final int PERIOD = 65_521;

  /** Where the definitions of activations change, and their neighbours. */
  private static final float[] LIMITS = {
    16, -16, Math.nextUp(16f), -Math.nextUp(16f), 128, -128, Math.nextUp(128f), -Math.nextUp(128f)
  };

  String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  static Values parse(String label) {
    return Labels.parse("values", values(), Values::label, label);
  }

  /** Fills memory with as many elements as it holds; operands differ by their salt. */
  void fill(Workspace workspace, ElementType type, MemorySegment target, int salt) {
    MemorySegment pattern = workspace.tables().pattern(this, type);
    long from = Math.floorMod(salt * 7919L, PERIOD) * (long) type.bytes();
    for (long at = 0; at < target.byteSize(); ) {
      long length = Math.min(pattern.byteSize() - from, target.byteSize() - at);
      MemorySegment.copy(pattern, from, target, at, length);
      at += length;
      from = 0;
    }
  }

  /** Returns the bytes of a period. */
  byte[] pattern(ElementType type) {
    SplittableRandom random = new SplittableRandom(0x1D5EED + type.bytes());
    byte[] bytes = new byte[PERIOD * type.bytes()];
    MemorySegment segment = MemorySegment.ofArray(bytes);
    for (int i = 0; i < PERIOD; i++) {
      ElementBits.set(type, segment, i, next(type, random));
    }
    return bytes;
  }

  private long next(ElementType type, SplittableRandom random) {
    long[] special = ElementBits.special(type);
    return switch (this) {
      case SPECIAL ->
          random.nextInt(4) == 0 ? special[random.nextInt(special.length)] : random.nextLong();
      case NORMAL -> narrow(type, random.nextGaussian());
      case LAYER ->
          switch (random.nextInt(24)) {
            case 0 -> special[random.nextInt(special.length)];
            case 1 -> random.nextLong();
            case 2 -> narrow(type, LIMITS[random.nextInt(LIMITS.length)]);
            case 3, 4, 5, 6 -> narrow(type, random.nextGaussian(0, 20));
            default -> narrow(type, random.nextGaussian());
          };
    };
  }

  private static long narrow(ElementType type, double value) {
    return type == ElementType.F64
        ? Double.doubleToRawLongBits(value)
        : ReferenceArithmetic.narrow(type, (float) value);
  }
}
