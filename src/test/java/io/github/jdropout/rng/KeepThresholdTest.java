package io.github.jdropout.rng;

import static io.github.jdropout.testing.Messages.assertRefused;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.jdropout.oracle.OracleMask;
import io.github.jdropout.parity.reference.ReferenceArithmetic;
import io.github.jdropout.testing.KnownAnswers;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeepThresholdTest {
  @Test
  void knownAnswers() {
    for (KnownAnswers.Threshold known : KnownAnswers.thresholds()) {
      assertEquals(known.threshold(), KeepThreshold.of(known.p()), "p = " + known.p());
    }
    for (KnownAnswers.Scale known : KnownAnswers.scales()) {
      assertEquals(
          known.bitsF32(), Float.floatToRawIntBits(KeepThreshold.scaleF32(known.threshold())));
      assertEquals(
          known.bitsF64(), Double.doubleToRawLongBits(KeepThreshold.scale(known.threshold())));
    }
  }

  @Test
  void thresholdFollowsTheOracle() {
    SplittableRandom random = new SplittableRandom(2);
    for (int trial = 0; trial < 100_000; trial++) {
      double p = trial % 2 == 0 ? random.nextDouble() : (random.nextInt(131073) / 131072.0);
      assertEquals(OracleMask.threshold(p), KeepThreshold.of(p), "p = " + p);
    }
    assertEquals(65536, KeepThreshold.of(-0.0));
    assertEquals(65535, KeepThreshold.of(Double.MIN_VALUE));
    assertEquals(1, KeepThreshold.of(Math.nextDown(1.0)));
  }

  @Test
  void everyScaleIsRoundedOnceFromTheFraction() {
    for (int threshold = 1; threshold <= 65536; threshold++) {
      assertEquals(ReferenceArithmetic.scale(threshold), KeepThreshold.scale(threshold));
      assertEquals(ReferenceArithmetic.scaleF32(threshold), KeepThreshold.scaleF32(threshold));
    }
    assertEquals(0, KeepThreshold.scale(0));
    assertEquals(0, KeepThreshold.scaleF32(0));
  }

  @Test
  void keepProbabilityTimesScaleIsOne() {
    for (int threshold = 1; threshold <= 65536; threshold++) {
      // T and 65536 have few bits, so that the products below are exact.
      assertEquals(threshold, KeepThreshold.keepProbability(threshold) * 65536);
      assertEquals(65536 - threshold, KeepThreshold.effectiveP(threshold) * 65536);
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {-1e-300, -1, 1.5, Double.NaN, Double.POSITIVE_INFINITY, -1.0 / 0})
  void probabilityOutsideItsRangeIsRefused(double p) {
    assertRefused("p must be in [0, 1] but is " + p, () -> KeepThreshold.of(p));
  }
}
