package io.github.jdropout.cli.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class NetworksTest {
  private static final TrainingPlan PLAN =
      new TrainingPlan(0.5, List.of(16, 8), 1, 32, 100, 1, 1, 2);

  private static float[] weights(Variant variant, long seed) {
    return Networks.create(PLAN, variant, seed).params().dup().data().asFloat();
  }

  @Test
  void variantsOfASeedStartWithTheSameWeights() {
    float[] expected = weights(Variant.NONE, 3);
    assertArrayEquals(expected, weights(Variant.DL4J, 3));
    assertArrayEquals(expected, weights(Variant.JDROPOUT, 3));
    assertNotEquals(Arrays.hashCode(expected), Arrays.hashCode(weights(Variant.NONE, 4)));
  }

  @Test
  void splitIsAFunctionOfTheSeedAndUsesEveryDigitOnce() {
    Digits digits = Digits.load();
    assertEquals(TrainingPlan.DIGITS, digits.count());
    Split split = Split.of(digits, 100, 7);
    assertEquals(100, split.training().count());
    assertEquals(digits.count() - 100, split.validation().count());
    assertArrayEquals(split.training().pixels(), Split.of(digits, 100, 7).training().pixels());
    double all = sum(split.training()) + sum(split.validation());
    assertEquals(sum(digits), all); // Sums of sixteenths are exact.
    assertNotEquals(sum(split.training()), sum(Split.of(digits, 100, 8).training()));
  }

  private static double sum(Digits digits) {
    double sum = 0;
    for (float pixel : digits.pixels()) {
      sum += pixel;
    }
    return sum;
  }
}
