package io.github.jdropout.bench.result;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class BenchCaseTest {
  private static BenchCase with(List<Double> nanos) {
    return new BenchCase(
        BenchCase.Place.CPU,
        "ffm",
        "forward",
        "f32",
        "array",
        1024,
        0.1,
        1,
        4096,
        4096,
        nanos,
        List.of(),
        0);
  }

  private static List<Double> falling(double first, double last) {
    List<Double> nanos = new ArrayList<>(Collections.nCopies(10, first));
    nanos.addAll(Collections.nCopies(10, last));
    return nanos;
  }

  @Test
  void timesThatFallOrRiseHaveNotSettled() {
    assertTrue(with(falling(100, 100)).hasSettled());
    assertTrue(with(falling(149, 100)).hasSettled());
    assertFalse(with(falling(151, 100)).hasSettled());
    assertFalse(with(falling(100, 151)).hasSettled());
  }

  @Test
  void singleOutliersDoNotUnsettle() {
    List<Double> nanos = falling(100, 100);
    nanos.set(0, 1000.0);
    nanos.set(19, 1000.0);
    assertTrue(with(nanos).hasSettled());
  }

  @Test
  void fewSamplesShowNoTrend() {
    assertTrue(with(List.of(100.0, 500.0, 1000.0)).hasSettled());
  }

  @Test
  void namesWithMoreBehindThemAreStillThisLibrarys() {
    for (String ours : List.of("scalar", "vector", "ffm", "cuda", "cuda jcuda", "ffm, 2 threads")) {
      assertFalse(BenchCase.isPeer(ours), ours);
    }
    for (String peer : List.of("DL4J", "DL4J layer", "PyTorch compiled", "cudart")) {
      assertTrue(BenchCase.isPeer(peer), peer);
    }
    assertEquals(with(List.of(1.0)).work(), with(List.of(2.0)).work());
  }
}
