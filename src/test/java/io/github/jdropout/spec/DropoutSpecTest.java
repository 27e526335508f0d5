package io.github.jdropout.spec;

import static io.github.jdropout.testing.Messages.assertNullNamed;
import static io.github.jdropout.testing.Messages.assertRefused;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.jdropout.rng.StreamAllocator;
import org.junit.jupiter.api.Test;

class DropoutSpecTest {
  @Test
  void realisedProbabilityAndScaleAgree() {
    DropoutSpec spec = DropoutSpec.of(0.1);
    assertEquals(58982, spec.threshold());
    assertEquals(6554 / 65536.0, spec.effectiveP());
    assertEquals(65536.0 / 58982, spec.scale());
    assertEquals(65536f / 58982, spec.scaleF32());
    assertEquals(1.0, spec.inferenceScale());
  }

  @Test
  void classicalScalingMovesTheFactorToInference() {
    DropoutSpec spec = DropoutSpec.of(0.1).classical();
    assertEquals(1.0, spec.scale());
    assertEquals(1f, spec.scaleF32());
    assertEquals(58982 / 65536.0, spec.inferenceScale());
  }

  @Test
  void nothingIsKeptAtOne() {
    assertEquals(0.0, DropoutSpec.of(1).scale());
    assertEquals(0f, DropoutSpec.of(1).scaleF32());
    assertEquals(1.0, DropoutSpec.of(1).effectiveP());
    assertEquals(0.0, DropoutSpec.of(0).effectiveP());
  }

  @Test
  void badInputIsNamed() {
    assertRefused("p must be in [0, 1] but is 1.5", () -> DropoutSpec.of(1.5));
    assertRefused("p must be in [0, 1] but is NaN", () -> DropoutSpec.of(Double.NaN));
    assertNullNamed("scaling", () -> new DropoutSpec(0.5, null));
  }

  @Test
  void keysComeFromAnAllocator() {
    StreamAllocator streams = StreamAllocator.withSeed(5);
    assertEquals(new MaskKey(5, 0), MaskKey.next(streams));
    assertEquals(new MaskKey(5, 1), MaskKey.next(streams));
    assertEquals(new MaskKey(5, 9), new MaskKey(5, 1).withStream(9));
  }
}
