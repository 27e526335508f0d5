package io.github.jdropout.bench.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class OverheadTest {
  /** Two turns, ratios 1 and 1.21: a mean of ln 1.1, and t(1) is 12.7062 at 97.5 %. */
  @Test
  void aKnownInterval() {
    Overhead overhead = Overhead.of(List.of(100.0, 100.0), List.of(100.0, 121.0));
    assertEquals(10, overhead.percent(), 1e-9);
    double reach = 12.7062047361747 * Math.log(1.1);
    assertEquals(100 * Math.expm1(Math.log(1.1) - reach), overhead.low(), 1e-6);
    assertEquals(100 * Math.expm1(Math.log(1.1) + reach), overhead.high(), 1e-6);
  }

  /** What slows down both steps of a turn alike adds nothing. */
  @Test
  void driftCancels() {
    Overhead overhead = Overhead.of(List.of(10.0, 20.0, 400.0), List.of(10.2, 20.4, 408.0));
    assertEquals(2, overhead.percent(), 1e-9);
    assertEquals(2, overhead.low(), 1e-9);
    assertEquals(2, overhead.high(), 1e-9);
  }

  /** 95 of 100 intervals have the truth, also if one turn in ten is disturbed. */
  @Test
  void intervalsHaveTheTruthAsOftenAsTheySay() {
    int trials = 2000;
    int covered = 0;
    Random random = new Random(1);
    for (int trial = 0; trial < trials; trial++) {
      List<Double> off = new ArrayList<>();
      List<Double> on = new ArrayList<>();
      for (int turn = 0; turn < 60; turn++) {
        double drift = 1 + turn / 60.0;
        off.add(drift * disturbed(random) * Math.exp(0.01 * random.nextGaussian()));
        on.add(1.015 * drift * disturbed(random) * Math.exp(0.01 * random.nextGaussian()));
      }
      Overhead overhead = Overhead.of(off, on);
      covered += overhead.low() <= 1.5 && 1.5 <= overhead.high() ? 1 : 0;
    }
    // Four standard deviations of a count with 95 %.
    assertEquals(0.95 * trials, covered, 4 * Math.sqrt(trials * 0.95 * 0.05));
  }

  private static double disturbed(Random random) {
    return random.nextInt(10) == 0 ? 1.2 : 1;
  }

  @Test
  void unpairedTimesAreRefused() {
    assertMessage(
        "off and on must have the same two turns or more but have 1 and 1",
        List.of(1.0),
        List.of(1.0));
    assertMessage(
        "off and on must have the same two turns or more but have 2 and 3",
        List.of(1.0, 1.0),
        List.of(1.0, 1.0, 1.0));
    assertMessage("on must be positive but has 0.0", List.of(1.0, 1.0), List.of(0.0, 1.0));
    assertMessage("off must be positive but has NaN", List.of(Double.NaN, 1.0), List.of(1.0, 1.0));
  }

  private static void assertMessage(String expected, List<Double> off, List<Double> on) {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> Overhead.of(off, on));
    assertTrue(e.getMessage().startsWith(expected), e.getMessage());
  }
}
