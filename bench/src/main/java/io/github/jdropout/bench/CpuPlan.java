package io.github.jdropout.bench;

import static io.github.jdropout.backend.BackendId.FFM;
import static io.github.jdropout.backend.BackendId.SCALAR;
import static io.github.jdropout.backend.BackendId.VECTOR;

import io.github.jdropout.backend.BackendId;
import io.github.jdropout.spec.ElementType;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/** Chooses the cases of a run on the CPU. */
final class CpuPlan {
  private static final List<BackendId> ALL_BACKENDS = List.of(SCALAR, VECTOR, FFM);
  private static final List<ElementType> ALL_TYPES = List.of(ElementType.values());
  private static final List<Storage> ARRAY = List.of(Storage.ARRAY);
  private static final List<ElementType> F32 = List.of(ElementType.F32);
  private static final double P = 0.1;

  private static final long IN_CACHE = 1 << 16;
  private static final long FROM_MEMORY = 1 << 24;

  /** The benchmark's largest size of a sweep. */
  static final int MAX_EXPONENT = 28;

  static final int MIN_EXPONENT = 10;

  private CpuPlan() {}

  /** Returns the cases in the order in which they are to be timed. */
  static List<CpuCase> cases(BenchOptions options) {
    Set<CpuCase> cases =
        options.isFiltered()
            ? space(options).cases()
            : switch (options.effort()) {
              case QUICK -> quick();
              case NORMAL -> curated();
              case FULL -> full();
            };
    return cases.stream()
        .filter(subject -> subject.operation().isPeer() || options.wants(subject.backend()))
        .toList();
  }

  /** Every benchmark with each setting of threads; a call that may be split is large enough. */
  private static Set<CpuCase> quick() {
    Set<CpuCase> cases = new LinkedHashSet<>();
    List<CpuOperation> all = List.of(CpuOperation.values());
    List<Storage> storages = List.of(Storage.values());
    List<Double> p = List.of(P);
    cases.addAll(
        new CpuSpace(all, ALL_BACKENDS, ALL_TYPES, storages, List.of(1L << 12), p, List.of(1))
            .cases());
    cases.addAll(
        new CpuSpace(all, ALL_BACKENDS, ALL_TYPES, storages, List.of(1L << 18), p, List.of(0))
            .cases());
    return cases;
  }

  private static Set<CpuCase> full() {
    List<CpuOperation> all = List.of(CpuOperation.values());
    List<Long> large = List.of(1L << 20, 1L << 24, 1L << 27);
    List<Long> sizes = List.of(1L << 12, 1L << 16, 1L << 20, 1L << 24, 1L << 27);
    List<Storage> storages = List.of(Storage.values());
    Set<CpuCase> cases = new LinkedHashSet<>();
    List<Double> p = List.of(P);
    cases.addAll(
        new CpuSpace(all, ALL_BACKENDS, ALL_TYPES, storages, sizes, p, List.of(1)).cases());
    // Smaller calls are not split.
    cases.addAll(
        new CpuSpace(all, ALL_BACKENDS, ALL_TYPES, storages, large, p, List.of(0)).cases());
    return cases;
  }

  /** What ends within three minutes on two cores. */
  private static Set<CpuCase> curated() {
    Set<CpuCase> cases = new LinkedHashSet<>();
    cases.addAll(of(List.of(FFM, VECTOR, SCALAR), F32, IN_CACHE, CpuOperation.FORWARD));
    cases.addAll(of(List.of(FFM), F32, IN_CACHE, CpuOperation.DL4J_OPERATION));
    cases.addAll(of(List.of(FFM, VECTOR), F32, FROM_MEMORY, CpuOperation.FORWARD));
    cases.addAll(
        of(
            List.of(FFM),
            F32,
            FROM_MEMORY,
            CpuOperation.DL4J_OPERATION,
            CpuOperation.DL4J_LAYER,
            CpuOperation.MASK,
            CpuOperation.APPLY_MASK,
            CpuOperation.EPILOGUE_IDENTITY));
    List<ElementType> others = List.of(ElementType.BF16, ElementType.F16, ElementType.F64);
    cases.addAll(of(List.of(FFM), others, FROM_MEMORY, CpuOperation.FORWARD));
    cases.addAll(of(List.of(FFM, VECTOR), others, IN_CACHE, CpuOperation.FORWARD));
    cases.addAll(of(List.of(VECTOR), F32, IN_CACHE, CpuOperation.MASK));
    cases.addAll(
        of(
            List.of(FFM),
            F32,
            IN_CACHE,
            CpuOperation.BACKWARD,
            CpuOperation.FORWARD_AND_BACKWARD,
            CpuOperation.IN_PLACE,
            CpuOperation.MASK,
            CpuOperation.APPLY_MASK,
            CpuOperation.VARIATIONAL,
            CpuOperation.INFER,
            CpuOperation.EPILOGUE_GELU,
            CpuOperation.SMALL_ARRAYS));
    return cases;
  }

  private static Set<CpuCase> of(
      List<BackendId> backends, List<ElementType> types, long size, CpuOperation... operations) {
    return new CpuSpace(
            List.of(operations), backends, types, ARRAY, List.of(size), List.of(P), List.of(0))
        .cases();
  }

  /** What is named takes the place of what would be chosen; a sweep takes all of its range. */
  private static CpuSpace space(BenchOptions options) {
    boolean isFull = options.effort() == Effort.FULL;
    List<CpuOperation> all = List.of(CpuOperation.values());
    List<CpuOperation> operations =
        named(
            CpuSpace.named(options.operations()),
            options.sweep() == BenchOptions.Sweep.OPERATION || isFull,
            all,
            CpuSpace.named(List.of(CpuOperation.FORWARD.label())));
    List<ElementType> types =
        named(
            options.types(), options.sweep() == BenchOptions.Sweep.TYPE || isFull, ALL_TYPES, F32);
    List<BackendId> backends =
        named(
            options.backends().stream().filter(ALL_BACKENDS::contains).toList(),
            isFull,
            ALL_BACKENDS,
            List.of(FFM, VECTOR));
    return new CpuSpace(
        operations,
        backends,
        types,
        isFull ? List.of(Storage.values()) : ARRAY,
        sizes(options),
        probabilities(options),
        named(
            options.threads(),
            options.sweep() == BenchOptions.Sweep.THREADS,
            threadCounts(Extent.allProcessors()),
            List.of(0)));
  }

  /** Returns the probabilities of a run, whatever chooses its cases. */
  static List<Double> probabilities(BenchOptions options) {
    return named(
        options.probabilities(),
        options.sweep() == BenchOptions.Sweep.P,
        List.of(0.0, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0),
        List.of(P));
  }

  private static <T> List<T> named(
      List<T> named, boolean takesAll, List<T> all, List<T> otherwise) {
    return !named.isEmpty() ? named : takesAll ? all : otherwise;
  }

  /** Returns the sizes of a run whose cases something chooses. */
  static List<Long> sizes(BenchOptions options) {
    if (!options.sizes().isEmpty()) {
      return options.sizes();
    }
    boolean isQuick = options.effort() == Effort.QUICK;
    return switch (options.sweep()) {
      case SIZE ->
          IntStream.rangeClosed(MIN_EXPONENT / 2, (isQuick ? 18 : MAX_EXPONENT) / 2)
              .mapToObj(half -> 1L << (2 * half))
              .toList();
      // In a small call nothing is split.
      case THREADS -> List.of(isQuick ? 1L << 18 : FROM_MEMORY);
      default -> isQuick ? List.of(1L << 12, 1L << 18) : List.of(IN_CACHE, FROM_MEMORY);
    };
  }

  /** Returns the powers of 2 below the processors' number, and that. */
  static List<Integer> threadCounts(int processors) {
    List<Integer> counts = new ArrayList<>();
    for (int count = 1; count < processors; count *= 2) {
      counts.add(count);
    }
    counts.add(processors);
    return counts;
  }
}
