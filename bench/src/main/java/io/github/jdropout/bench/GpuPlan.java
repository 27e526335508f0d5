package io.github.jdropout.bench;

import io.github.jdropout.backend.BackendId;
import io.github.jdropout.bench.gpu.GpuBenchmark;
import io.github.jdropout.bench.result.BenchRun;
import io.github.jdropout.spec.ElementType;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What is asked of the GPU's benchmark.
 *
 * @param p probability of dropping
 * @param types of the elements on the device
 * @param exponents the sizes on the device are these powers of 2
 * @param stagedExponents the same of f32 that passes through the host
 * @param operations on the device; empty for all
 */
record GpuPlan(
    double p,
    List<ElementType> types,
    List<Integer> exponents,
    List<Integer> stagedExponents,
    List<String> operations) {
  private static final List<Integer> SWEEP =
      IntStream.rangeClosed(CpuPlan.MIN_EXPONENT / 2, CpuPlan.MAX_EXPONENT / 2)
          .mapToObj(half -> 2 * half)
          .toList();

  /** Largest power of 2 of elements that the GPU's benchmark takes. */
  private static final int MAX_EXPONENT = 31;

  /** Returns a plan for each probability, none if the options want nothing of a GPU. */
  static List<GpuPlan> of(BenchOptions options) {
    if (!options.wants(BackendId.CUDA)) {
      return List.of();
    }
    boolean isQuick = options.effort() == Effort.QUICK;
    boolean isFull = options.effort() == Effort.FULL;
    boolean isSizes = options.sweep() == BenchOptions.Sweep.SIZE || isFull;
    List<Integer> exponents =
        !options.sizes().isEmpty()
            ? exponents(options.sizes())
            : isQuick ? List.of(10, 13) : isSizes ? SWEEP : List.of(16, 20, 24, 28);
    List<Integer> staged = isQuick ? List.of(12) : isSizes ? SWEEP : List.of(16, 20, 24);
    boolean isOneType =
        options.isFiltered() && options.sweep() != BenchOptions.Sweep.TYPE && !isFull;
    List<ElementType> types =
        !options.types().isEmpty()
            ? options.types()
            : isOneType ? List.of(ElementType.F32) : List.of(ElementType.values());
    boolean isForward =
        options.isFiltered() && options.sweep() != BenchOptions.Sweep.OPERATION && !isFull;
    List<String> operations =
        !options.operations().isEmpty()
            ? options.operations().stream().filter(GpuBenchmark::hasOperation).toList()
            : isForward ? List.of("forward", "forward and backward") : List.of();
    if (exponents.isEmpty() || (operations.isEmpty() && !options.operations().isEmpty())) {
      return List.of();
    }
    List<GpuPlan> plans = new ArrayList<>();
    for (double p : CpuPlan.probabilities(options)) {
      plans.add(
          new GpuPlan(
              p, types, exponents, !options.sizes().isEmpty() ? exponents : staged, operations));
    }
    return plans;
  }

  private static List<Integer> exponents(List<Long> sizes) {
    return sizes.stream().filter(GpuPlan::takes).map(Long::numberOfTrailingZeros).toList();
  }

  private static boolean takes(long size) {
    return Long.bitCount(size) == 1
        && size >= 1L << CpuPlan.MIN_EXPONENT
        && size <= 1L << MAX_EXPONENT;
  }

  /** Returns what the options name and no plan has, with the reason; none if no GPU is wanted. */
  static List<BenchRun.Absent> absent(BenchOptions options) {
    List<BenchRun.Absent> absent = new ArrayList<>();
    if (!options.wants(BackendId.CUDA)) {
      return absent;
    }
    for (String operation : options.operations()) {
      if (!GpuBenchmark.hasOperation(operation)) {
        absent.add(new BenchRun.Absent("GPU " + operation, "is not measured on a GPU"));
      }
    }
    for (long size : options.sizes()) {
      if (takes(size)) {
        absent.addAll(unfit(options.operations(), size));
      } else {
        absent.add(
            new BenchRun.Absent(
                "GPU " + Size.text(size),
                "only powers of 2 from 2^10 to 2^31 are measured on a GPU"));
      }
    }
    return absent;
  }

  private static List<BenchRun.Absent> unfit(List<String> operations, long size) {
    return operations.stream()
        .filter(GpuBenchmark::hasOperation)
        .filter(operation -> !GpuBenchmark.fits(operation, size))
        .map(operation ->
            new BenchRun.Absent(
                "GPU " + operation + " " + Size.text(size), "needs a multiple of 4096 elements"))
        .toList();
  }

  /** Returns how many groups of cases are measured on the device. */
  int groups() {
    return types.size() * exponents.size();
  }

  /** Returns whether calls and host memory through the device are measured: both are forward. */
  boolean hasForward() {
    return operations.isEmpty() || operations.contains(CpuOperation.FORWARD.label());
  }

  /** Returns the benchmark's options for what runs on the device, and for calls. */
  List<String> onDevice(Effort effort) {
    List<String> arguments = arguments(effort, hasForward() ? "device,host" : "device");
    arguments.addAll(
        List.of(
            "--types",
            types.stream().map(ElementType::label).collect(Collectors.joining(",")),
            "--exponents",
            joined(exponents)));
    if (!operations.isEmpty()) {
      arguments.addAll(List.of("--operations", String.join(",", operations)));
    }
    return arguments;
  }

  /** Returns the benchmark's options for calls alone. */
  static List<String> calls(Effort effort) {
    return arguments(effort, "host");
  }

  /** Returns the benchmark's options for host memory through the device. */
  List<String> staged(Effort effort) {
    List<String> arguments = arguments(effort, "staged");
    arguments.addAll(
        List.of(
            "--types",
            ElementType.F32.name().toLowerCase(Locale.ROOT),
            "--staged-exponents",
            joined(stagedExponents)));
    return arguments;
  }

  private static List<String> arguments(Effort effort, String parts) {
    List<String> arguments = new ArrayList<>(List.of("--parts", parts));
    arguments.addAll(List.of("--samples", Integer.toString(effort.samples())));
    if (effort == Effort.QUICK) {
      arguments.add("--quick");
    }
    return arguments;
  }

  private static String joined(List<Integer> numbers) {
    return numbers.stream().map(String::valueOf).collect(Collectors.joining(","));
  }
}
