package io.github.jdropout.parity.reference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jdropout.spec.ElementType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Roundings to 16 bits, at every number of theirs and at every place between two. */
class ReferenceArithmeticTest {
  @Test
  void halvesAreTheJdks() {
    for (int bits = 0; bits < 1 << 16; bits++) {
      float expected = Float.float16ToFloat((short) bits);
      float widened = ReferenceArithmetic.widen(ElementType.F16, bits);
      assertEquals(Float.floatToIntBits(expected), Float.floatToIntBits(widened), "bits " + bits);
      assertEquals(Float.isNaN(expected), ReferenceArithmetic.isNaN(ElementType.F16, bits));
    }
  }

  @Test
  void upperHalvesOfFloatsAreBfloat16() {
    for (int bits = 0; bits < 1 << 16; bits++) {
      float expected = Float.intBitsToFloat(bits << 16);
      float widened = ReferenceArithmetic.widen(ElementType.BF16, bits);
      assertEquals(Float.floatToIntBits(expected), Float.floatToIntBits(widened), "bits " + bits);
    }
  }

  /** Numbers stay; halfway between two the even one is taken, next to it the nearer one. */
  @ParameterizedTest
  @EnumSource(names = {"F16", "BF16"})
  void roundsToTheNearest(ElementType type) {
    int infinity = type == ElementType.F16 ? 0x7C00 : 0x7F80;
    for (int bits = 0; bits < infinity; bits++) {
      float here = ReferenceArithmetic.widen(type, bits);
      // What comes after the largest number, if there were no infinity.
      double next =
          bits + 1 < infinity
              ? ReferenceArithmetic.widen(type, bits + 1)
              : 2.0 * here - ReferenceArithmetic.widen(type, bits - 1);
      float half = (float) ((here + next) / 2);
      assertRounds(type, bits, here);
      assertRounds(type, bits % 2 == 0 ? bits : bits + 1, half);
      assertRounds(type, bits, Math.nextDown(half));
      assertRounds(type, bits + 1, Math.nextUp(half));
    }
    assertRounds(type, infinity, Float.POSITIVE_INFINITY);
    assertTrue(ReferenceArithmetic.isNaN(type, ReferenceArithmetic.narrow(type, Float.NaN)), "NaN");
  }

  private static void assertRounds(ElementType type, int expected, float value) {
    assertEquals(expected, ReferenceArithmetic.narrow(type, value), () -> "of " + value);
    assertEquals(expected | 0x8000, ReferenceArithmetic.narrow(type, -value), () -> "of " + -value);
  }

  @ParameterizedTest
  @EnumSource(names = {"F16", "BF16"})
  void bitsOfProductsAreThoseOfTheRoundedOne(ElementType type) {
    float scale = ReferenceArithmetic.scaleF32(45875);
    for (int bits = 0; bits < 1 << 16; bits++) {
      float x = ReferenceArithmetic.widen(type, bits);
      assertEquals(
          ReferenceArithmetic.narrow(type, x * scale),
          ReferenceArithmetic.product(type, bits, 1, scale));
    }
  }
}
