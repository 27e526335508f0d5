package io.github.jdropout.bench;

import io.github.jdropout.bench.result.BenchCase;
import io.github.jdropout.bench.result.BenchCase.Place;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * From how many elements on a GPU is faster than the CPU, though both copies over the bus are part
 * of its time.
 *
 * @param elements the smallest size from which on it is faster at every larger size; empty if it
 *     never is
 * @param largest size at which both were measured
 */
public record Crossover(OptionalLong elements, long largest) {
  private static final String OPERATION = "forward";
  private static final String TYPE = "f32";

  /** Returns what the cases tell of dropout of f32; empty unless some size has both. */
  public static Optional<Crossover> of(List<BenchCase> cases) {
    TreeMap<Long, Double> onCpu = fastest(cases, Place.CPU);
    TreeMap<Long, Double> staged = fastest(cases, Place.STAGED);
    staged.keySet().retainAll(onCpu.keySet());
    if (staged.isEmpty()) {
      return Optional.empty();
    }
    OptionalLong from = OptionalLong.empty();
    for (long elements : staged.descendingKeySet()) {
      if (staged.get(elements) >= onCpu.get(elements)) {
        break;
      }
      from = OptionalLong.of(elements);
    }
    return Optional.of(new Crossover(from, staged.lastKey()));
  }

  /** Returns the fastest of ours by size. */
  private static TreeMap<Long, Double> fastest(List<BenchCase> cases, Place place) {
    TreeMap<Long, Double> medians = new TreeMap<>();
    cases.stream()
        .filter(measured -> measured.place() == place)
        .filter(measured -> measured.operation().equals(OPERATION))
        .filter(measured -> measured.type().equals(TYPE))
        .filter(measured -> List.of("scalar", "vector", "ffm", "cuda").contains(measured.by()))
        .forEach(measured -> medians.merge(measured.elements(), measured.median(), Math::min));
    return medians;
  }

  /** Returns it as a sentence. */
  public String text() {
    return elements.isPresent()
        ? "the GPU is faster than the CPU from "
            + Size.text(elements.getAsLong())
            + " elements on, with both copies over the bus"
        : "the GPU is never faster than the CPU up to "
            + Size.text(largest)
            + " elements, with both copies over the bus";
  }
}
