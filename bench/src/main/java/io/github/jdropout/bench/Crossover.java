package io.github.jdropout.bench;

import io.github.jdropout.bench.result.BenchCase;
import io.github.jdropout.bench.result.BenchCase.Place;
import java.util.List;
import java.util.Map;
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
    return Optional.of(new Crossover(from(onCpu, staged), staged.lastKey()));
  }

  /**
   * Returns the smallest size from which on the GPU is faster at all sizes; empty if at none.
   *
   * @param cpu times by size
   * @param gpu times at the sizes that count, all of which the CPU has
   */
  public static OptionalLong from(Map<Long, Double> cpu, Map<Long, Double> gpu) {
    OptionalLong from = OptionalLong.empty();
    for (Map.Entry<Long, Double> time : new TreeMap<>(gpu).descendingMap().entrySet()) {
      if (time.getValue() >= cpu.get(time.getKey())) {
        break;
      }
      from = OptionalLong.of(time.getKey());
    }
    return from;
  }

  /** Returns the fastest of ours by size. */
  private static TreeMap<Long, Double> fastest(List<BenchCase> cases, Place place) {
    TreeMap<Long, Double> medians = new TreeMap<>();
    cases.stream()
        .filter(measured -> measured.place() == place)
        .filter(measured -> measured.operation().equals(OPERATION))
        .filter(measured -> measured.type().equals(TYPE))
        .filter(measured -> !BenchCase.isPeer(measured.by()))
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
