package io.github.jdropout.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.jdropout.bench.result.BenchCase;
import io.github.jdropout.bench.result.BenchCase.Place;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class CrossoverTest {
  private static BenchCase of(Place place, String by, long elements, double nanos) {
    return new BenchCase(
        place,
        by,
        "forward",
        "f32",
        "array",
        elements,
        0.1,
        0,
        4 * elements,
        4 * elements,
        List.of(nanos),
        List.of(),
        0);
  }

  @Test
  void isTheSmallestSizeFromWhichTheGpuStaysAhead() {
    List<BenchCase> cases =
        List.of(
            of(Place.CPU, "ffm", 1 << 10, 100),
            of(Place.STAGED, "cuda", 1 << 10, 50),
            of(Place.CPU, "ffm", 1 << 12, 200),
            of(Place.STAGED, "cuda", 1 << 12, 300),
            of(Place.CPU, "vector", 1 << 14, 900),
            of(Place.CPU, "ffm", 1 << 14, 500),
            of(Place.STAGED, "cuda", 1 << 14, 400),
            of(Place.CPU, "ffm", 1 << 16, 2000),
            of(Place.STAGED, "cuda", 1 << 16, 600),
            of(Place.CPU, "ffm", 1 << 18, 1));
    Crossover crossover = Crossover.of(cases).orElseThrow();
    assertEquals(new Crossover(OptionalLong.of(1 << 14), 1 << 16), crossover);
    assertEquals(
        "the GPU is faster than the CPU from 2^14 elements on, with both copies over the bus",
        crossover.text());
  }

  @Test
  void neverIsAResult() {
    // The peer's time is no time of the CPU's backends.
    List<BenchCase> cases =
        List.of(
            of(Place.CPU, "ffm", 1 << 28, 100),
            of(Place.CPU, "DL4J", 1 << 28, 1000),
            of(Place.STAGED, "cuda", 1 << 28, 500));
    assertEquals(
        "the GPU is never faster than the CPU up to 2^28 elements, with both copies over the bus",
        Crossover.of(cases).orElseThrow().text());
  }

  @Test
  void needsASizeThatBothHave() {
    assertEquals(
        Optional.empty(),
        Crossover.of(
            List.of(of(Place.CPU, "ffm", 1 << 10, 1), of(Place.STAGED, "cuda", 1 << 12, 1))));
  }
}
