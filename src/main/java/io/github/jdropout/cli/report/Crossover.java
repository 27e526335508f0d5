package io.github.jdropout.cli.report;

import io.github.jdropout.bench.result.BenchCase;
import io.github.jdropout.bench.result.BenchRun;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;

/**
 * From which size on a GPU is faster than the CPU for elements in host memory, copies included.
 *
 * @param operation that both did
 * @param type of the elements
 * @param p probability of dropping
 * @param cpu the fastest median by the CPU, in nanoseconds by the number of elements
 * @param gpu the same by the GPU, for the same numbers of elements
 */
record Crossover(
    String operation, String type, double p, Map<Long, Double> cpu, Map<Long, Double> gpu) {

  /** Returns one for all that both did, in the order of measuring. */
  static List<Crossover> of(BenchRun run) {
    Set<List<Object>> works = new LinkedHashSet<>();
    for (BenchCase it : run.cases()) {
      if (it.place() == BenchCase.Place.STAGED) {
        works.add(List.of(it.operation(), it.type(), it.p()));
      }
    }
    return works.stream()
        .map(work -> of(run, (String) work.get(0), (String) work.get(1), (Double) work.get(2)))
        .filter(it -> !it.cpu.isEmpty())
        .toList();
  }

  private static Crossover of(BenchRun run, String operation, String type, double p) {
    Map<Long, Double> cpu = new TreeMap<>();
    Map<Long, Double> gpu = new TreeMap<>();
    for (BenchCase it : run.cases()) {
      boolean isOfIt = it.operation().equals(operation) && it.type().equals(type) && it.p() == p;
      if (isOfIt && !BenchCase.isPeer(it.by())) {
        if (it.place() == BenchCase.Place.CPU) {
          cpu.merge(it.elements(), it.median(), Math::min);
        } else if (it.place() == BenchCase.Place.STAGED) {
          gpu.merge(it.elements(), it.median(), Math::min);
        }
      }
    }
    cpu.keySet().retainAll(gpu.keySet());
    gpu.keySet().retainAll(cpu.keySet());
    return new Crossover(operation, type, p, cpu, gpu);
  }

  /** Returns the smallest size from which on the GPU is faster at all sizes; empty if at none. */
  OptionalLong from() {
    return io.github.jdropout.bench.Crossover.from(cpu, gpu);
  }

  /** Returns the finding as a sentence. */
  String sentence() {
    String what = operation + " " + type + ", p " + Numbers.exact(p) + ": ";
    OptionalLong from = from();
    long most = cpu.keySet().stream().mapToLong(Long::longValue).max().orElseThrow();
    return what
        + (from.isPresent()
            ? "the GPU is faster from " + Numbers.elements(from.getAsLong()) + " elements on"
            : "the GPU is not faster up to " + Numbers.elements(most) + " elements");
  }

  /** Returns the chart of both, or nothing to draw if there are fewer than two sizes. */
  List<Plan> plans(int number) {
    if (cpu.size() < 2) {
      return List.of();
    }
    return List.of(
        new Plan.Lines(
            "crossover" + (number == 1 ? "" : "-" + number),
            "CPU or GPU for host memory: " + operation + " " + type,
            "10⁹ elements per second of a call on host memory. The GPU's time includes both copies"
                + " over the bus. "
                + sentence()
                + ".",
            "elements in a call",
            "10⁹ elements/s",
            Plan.Scale.POWERS_OF_TWO,
            List.of(line("CPU", Ink.SERIES_1, cpu), line("GPU", Ink.SERIES_2, gpu))));
  }

  private static Plan.Line line(String name, Ink ink, Map<Long, Double> nanos) {
    return new Plan.Line(
        name,
        ink,
        false,
        nanos.keySet().stream().map(elements -> Math.log(elements) / Math.log(2)).toList(),
        nanos.entrySet().stream().map(point -> point.getKey() / point.getValue()).toList());
  }
}
