package io.github.jdropout.bench.compare;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ShiftTest {
  /** All six ratios are 2, 3, 4, 1, 1.5, 2; two and three samples are too few for 95 %. */
  @Test
  void aKnownShift() {
    Shift shift = Shift.of(List.of(1.0, 2.0), List.of(2.0, 3.0, 4.0));
    assertEquals(2, shift.ratio());
    assertEquals(1, shift.low());
    assertEquals(4, shift.high());
    assertEquals(100, shift.percent());
  }

  /** Of the 252 arrangements of five and five numbers, two are as far apart. */
  @Test
  void theSmallestPValue() {
    List<Double> low = List.of(1.0, 2.0, 3.0, 4.0, 5.0);
    List<Double> high = List.of(6.0, 7.0, 8.0, 9.0, 10.0);
    assertEquals(2 / 252.0, Shift.of(low, high).pValue(), 1e-15);
    assertEquals(2 / 252.0, Shift.smallestPValue(5, 5), 1e-15);
    assertEquals(1, Shift.smallestPValue(1, 1));
  }

  @Test
  void sameNumbersDoNotDiffer() {
    List<Double> same = Collections.nCopies(60, 3.0);
    assertEquals(new Shift(1, 1, 1, 1), Shift.of(same, same));
  }

  /** The interval has the truth in 95 of 100 cases, and the test rejects it in the others. */
  @Test
  void intervalAndTestAgree() {
    int trials = 1000;
    int covered = 0;
    int agreed = 0;
    Random random = new Random(1);
    for (int trial = 0; trial < trials; trial++) {
      Shift shift =
          Shift.of(Runs.samples(random, 25, 100, 0.1), Runs.samples(random, 21, 100, 0.1));
      boolean isInside = shift.low() <= 1 && 1 <= shift.high();
      covered += isInside ? 1 : 0;
      agreed += isInside == shift.pValue() > 0.05 ? 1 : 0;
    }
    assertEquals(0.95 * trials, covered, 4 * Math.sqrt(trials * 0.95 * 0.05));
    // The interval's end is that of a normal distribution; the p-value is exact.
    assertEquals(trials, agreed, 0.01 * trials);
  }

  /** From Holm's paper: the smallest counts as often as there are values, and so on. */
  @Test
  void correction() {
    assertArrayEquals(
        new double[] {0.03, 0.06, 0.06, 0.02}, Holm.correct(0.01, 0.03, 0.04, 0.005), 1e-15);
    assertArrayEquals(new double[] {1, 1}, Holm.correct(0.7, 0.9));
    assertArrayEquals(new double[0], Holm.correct());
  }
}
