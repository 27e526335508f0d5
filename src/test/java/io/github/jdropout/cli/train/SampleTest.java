package io.github.jdropout.cli.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Collections;
import java.util.List;
import org.apache.commons.statistics.distribution.TDistribution;
import org.junit.jupiter.api.Test;

class SampleTest {
  @Test
  void meanAndSpread() {
    Sample sample = Sample.of(List.of(1.0, 2.0, 3.0, 4.0));
    assertEquals(2.5, sample.mean());
    assertEquals(Math.sqrt(5.0 / 3), sample.sd(), 1e-15);
  }

  @Test
  void marginIsStudentsInterval() {
    for (int count = 2; count <= 31; count++) {
      double t = TDistribution.of(count - 1).inverseCumulativeProbability(0.975);
      // The table has three decimals.
      assertEquals(t, new Sample(count, 0, Math.sqrt(count)).margin(), 6e-4, "count " + count);
    }
  }

  @Test
  void oneNumberIsNeverClear() {
    assertFalse(Sample.of(List.of(9.0)).isClear());
    assertFalse(Sample.of(List.of(1.0, -1.0)).isClear());
    assertFalse(Sample.of(Collections.nCopies(5, 0.0)).isClear());
    assertTrue(Sample.of(Collections.nCopies(5, 0.1)).isClear());
    assertTrue(Sample.of(List.of(1.0, 1.1, 0.9)).isClear());
  }
}
