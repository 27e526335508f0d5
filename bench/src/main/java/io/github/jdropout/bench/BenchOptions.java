package io.github.jdropout.bench;

import io.github.jdropout.backend.BackendId;
import io.github.jdropout.spec.ElementType;
import java.util.List;

/**
 * What to time, and how long. An empty list leaves the choice to the benchmark.
 *
 * @param effort how long each case is timed
 * @param sweep what is varied over its range, if anything
 * @param operations their labels
 * @param types of the elements
 * @param backends of the CPU, and CUDA for a GPU
 * @param sizes in elements
 * @param probabilities of dropping
 * @param threads that may work on a call
 * @param forks fresh JVMs of each case; 0 for what the effort says
 * @param python the program that runs PyTorch
 * @param command the options as they were given, for the result
 * @param version of the library, for the result
 */
public record BenchOptions(
    Effort effort,
    Sweep sweep,
    List<String> operations,
    List<ElementType> types,
    List<BackendId> backends,
    List<Long> sizes,
    List<Double> probabilities,
    List<Integer> threads,
    int forks,
    String python,
    String command,
    String version) {

  /** What is varied. */
  public enum Sweep {
    NONE,
    SIZE,
    P,
    TYPE,
    OPERATION,
    THREADS
  }

  /** Copies the lists and checks them. */
  public BenchOptions {
    operations = List.copyOf(operations);
    types = List.copyOf(types);
    backends = List.copyOf(backends);
    sizes = List.copyOf(sizes);
    probabilities = List.copyOf(probabilities);
    threads = List.copyOf(threads);
    for (String operation : operations) {
      if (!CpuOperation.labels().contains(operation)) {
        throw new IllegalArgumentException(
            "operation must be one of "
                + String.join(", ", CpuOperation.labels())
                + " but is "
                + operation);
      }
    }
    for (double p : probabilities) {
      if (!(p >= 0 && p <= 1)) {
        throw new IllegalArgumentException("p must be in [0, 1] but is " + p);
      }
    }
    for (int count : threads) {
      if (count < 1 || count > Extent.allProcessors()) {
        throw new IllegalArgumentException(
            "threads must be in [1, " + Extent.allProcessors() + "] but is " + count);
      }
    }
    if (forks < 0 || forks > 100) {
      throw new IllegalArgumentException("forks must be in [0, 100] but is " + forks);
    }
  }

  /** Returns whether something other than the effort chooses the cases. */
  boolean isFiltered() {
    return sweep != Sweep.NONE
        || !operations.isEmpty()
        || !types.isEmpty()
        || !sizes.isEmpty()
        || !probabilities.isEmpty()
        || !threads.isEmpty();
  }

  /** Returns whether a backend may be timed. */
  boolean wants(BackendId backend) {
    return backends.isEmpty() || backends.contains(backend);
  }

  /** Returns whether the CPU may be timed. */
  boolean wantsCpu() {
    return backends.isEmpty() || backends.stream().anyMatch(backend -> backend != BackendId.CUDA);
  }

  int actualForks() {
    return forks == 0 || effort == Effort.QUICK ? effort.forks() : forks;
  }
}
