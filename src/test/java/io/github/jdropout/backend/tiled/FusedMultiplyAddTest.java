package io.github.jdropout.backend.tiled;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The fused multiply-add in binary64 against {@link Math#fma}. */
class FusedMultiplyAddTest {
  private static final int CALLS = 3_000_000;

  private final SplittableRandom random = new SplittableRandom(1);

  /** Returns a number whose bits are random, or which has few digits, or a moderate exponent. */
  private float any() {
    int bits = random.nextInt();
    return Float.intBitsToFloat(
        switch (random.nextInt(6)) {
          case 0 -> bits & 0x807F_FFFF;
          case 1 -> bits & 0xFFFF_F000;
          case 2 -> (bits & 0x8000_FFFF) | 0x3F80_0000;
          case 3 -> (bits & 0x807F_FFFF) | (random.nextInt(100, 160) << 23);
          default -> bits;
        });
  }

  /** Returns an addend that lets digits of the product decide about the rounding. */
  private float addend(float a, float b) {
    return switch (random.nextInt(4)) {
      case 0 -> -(a * b);
      case 1 -> Math.scalb((float) ((double) a * b), -random.nextInt(60));
      case 2 -> Math.scalb((float) ((double) a * b), random.nextInt(60));
      default -> any();
    };
  }

  @Test
  void binary64GivesTheBits() {
    for (int call = 0; call < CALLS; call++) {
      float a = any();
      float b = any();
      float c = addend(a, b);
      // Boxed, so that -0 differs from 0 and any NaN is equal to any.
      assertEquals(
          (Float) Math.fma(a, b, c),
          (Float) FusedMultiplyAdd.inBinary64(a, b, c),
          () -> Float.toHexString(a) + " * " + Float.toHexString(b) + " + " + Float.toHexString(c));
    }
  }

  /** One rounding and two differ here: the product is just above the middle of two floats. */
  @Test
  void theProductsLastDigitDecides() {
    float a = 1 + 0x1p-12f;
    float c = 0x1p-60f;
    float rounded = FusedMultiplyAdd.inBinary64(a, a, c);
    assertEquals(1 + 0x1p-11f + 0x1p-23f, rounded);
    assertEquals(1 + 0x1p-11f, (float) ((double) a * a + c));
  }
}
