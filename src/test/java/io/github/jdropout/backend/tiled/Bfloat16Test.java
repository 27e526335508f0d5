package io.github.jdropout.backend.tiled;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jdropout.parity.reference.ReferenceArithmetic;
import io.github.jdropout.spec.ElementType;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class Bfloat16Test {
  @Test
  void everyValueSurvivesARoundTrip() {
    for (int bits = 0; bits < 65536; bits++) {
      float value = Bfloat16.toFloat((short) bits);
      int back = Bfloat16.fromFloat(value) & 0xFFFF;
      if (Float.isNaN(value)) {
        assertTrue(ReferenceArithmetic.isNaN(ElementType.BF16, back), Integer.toHexString(bits));
      } else {
        assertEquals(bits, back);
      }
    }
  }

  @Test
  void roundsToNearestEven() {
    SplittableRandom random = new SplittableRandom(3);
    for (int trial = 0; trial < 200_000; trial++) {
      // Half of the trials sit on or beside a tie.
      int bits = trial % 2 == 0 ? random.nextInt() : (random.nextInt() & 0xFFFF0000) | 0x8000;
      bits += trial % 6 == 1 ? 1 : trial % 6 == 3 ? -1 : 0;
      float value = Float.intBitsToFloat(bits);
      if (!Float.isNaN(value)) {
        float upper = Float.intBitsToFloat(bits & 0xFFFF0000);
        float next = Float.intBitsToFloat((bits & 0xFFFF0000) + 0x10000);
        float rounded = Bfloat16.toFloat(Bfloat16.fromFloat(value));
        int fraction = bits & 0xFFFF;
        boolean isUpperEven = (bits >>> 16 & 1) == 0;
        float expected = fraction < 0x8000 || (fraction == 0x8000 && isUpperEven) ? upper : next;
        assertEquals(expected, rounded, Integer.toHexString(bits));
      }
    }
  }
}
