package io.github.jdropout.contract;

import io.github.jdropout.parity.reference.ReferenceArithmetic;
import io.github.jdropout.spec.ElementType;
import java.util.Arrays;
import java.util.SplittableRandom;

/** Inputs in which every special value stands at many positions of every tile. */
final class Patterns {
  /** Where the definitions of activations change, and their neighbours. */
  private static final float[] LIMITS = {
    16, -16, Math.nextUp(16f), -Math.nextUp(16f), 128, -128, Math.nextUp(128f), -Math.nextUp(128f)
  };

  private Patterns() {}

  /** Returns the bits of {@code count} elements: special values between random bits. */
  static long[] inputs(ElementType type, int count) {
    SplittableRandom random = new SplittableRandom(0x1D5EED + type.bytes());
    long[] special = special(type);
    long mask = type.bytes() == 8 ? -1L : (1L << (8 * type.bytes())) - 1;
    long[] bits = new long[count];
    for (int i = 0; i < count; i++) {
      bits[i] =
          random.nextInt(4) == 0
              ? special[random.nextInt(special.length)]
              : random.nextLong() & mask;
    }
    return bits;
  }

  /**
   * Returns the bits of an operand of a layer: mostly numbers of moderate size, between special
   * values, limits of the activations and random bits.
   */
  static long[] operand(ElementType type, int count, SplittableRandom random) {
    long[] special = special(type);
    long mask = (1L << (8 * type.bytes())) - 1;
    long[] bits = new long[count];
    for (int i = 0; i < count; i++) {
      bits[i] =
          switch (random.nextInt(24)) {
            case 0 -> special[random.nextInt(special.length)];
            case 1 -> random.nextLong() & mask;
            case 2 -> ReferenceArithmetic.narrow(type, LIMITS[random.nextInt(LIMITS.length)]);
            case 3, 4, 5, 6 -> ReferenceArithmetic.narrow(type, (float) random.nextGaussian(0, 20));
            default -> ReferenceArithmetic.narrow(type, (float) random.nextGaussian());
          };
    }
    return bits;
  }

  /** Returns bits that a result hardly has: the poison of an output. */
  static long[] poison(ElementType type, int count) {
    long[] bits = new long[count];
    Arrays.fill(bits, 0x5A5A5A5A5A5A5A5AL >>> (64 - 8 * type.bytes()));
    return bits;
  }

  /** NaNs (quiet, signalling, negative), infinities, zeros, denormals, ones, largest values. */
  private static long[] special(ElementType type) {
    return switch (type) {
      case F32 ->
          new long[] {
            0x7FC00000L,
            0x7F800001L,
            0xFFC12345L,
            0x7F800000L,
            0xFF800000L,
            0,
            0x80000000L,
            1,
            0x80000001L,
            0x007FFFFFL,
            0x00800000L,
            0x3F800000L,
            0xBF800000L,
            0x7F7FFFFFL
          };
      case F64 ->
          new long[] {
            0x7FF8000000000000L,
            0x7FF0000000000001L,
            0xFFF8123456789ABCL,
            0x7FF0000000000000L,
            0xFFF0000000000000L,
            0,
            0x8000000000000000L,
            1,
            0x8000000000000001L,
            0x000FFFFFFFFFFFFFL,
            0x0010000000000000L,
            0x3FF0000000000000L,
            0xBFF0000000000000L,
            0x7FEFFFFFFFFFFFFFL
          };
      case F16 ->
          new long[] {
            0x7E00, 0x7C01, 0xFE12, 0x7C00, 0xFC00, 0, 0x8000, 1, 0x8001, 0x03FF, 0x0400, 0x3C00,
            0xBC00, 0x7BFF
          };
      case BF16 ->
          new long[] {
            0x7FC0, 0x7F81, 0xFFC1, 0x7F80, 0xFF80, 0, 0x8000, 1, 0x8001, 0x007F, 0x0080, 0x3F80,
            0xBF80, 0x7F7F, 0x7FFF, 0xFFFF
          };
    };
  }
}
