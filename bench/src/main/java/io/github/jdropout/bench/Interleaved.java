package io.github.jdropout.bench;

import io.github.jdropout.Dropout;
import io.github.jdropout.spec.DropoutSpec;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.PackedMask;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ForkJoinPool;

/**
 * Alternates a copy, dropout and applying a given mask within one JVM.
 *
 * <p>On a machine that others use, the memory bandwidth left to us drifts within minutes; JMH runs
 * one case after the other and compares figures of different minutes. Here each repetition runs all
 * three within a fraction of a second, and the ratios are medians over the repetitions.
 */
public final class Interleaved {
  private static final int MIN_REPETITIONS = 11;
  private static final long MIN_NANOS = 3_000_000_000L;

  private Interleaved() {}

  /** Prints the table; the arguments are the cores (1 or all) and the sizes in elements. */
  public static void main(String[] args) {
    String cores = args.length == 0 ? Extent.ALL_CORES : args[0];
    List<Integer> sizes =
        args.length < 2
            ? List.of(1 << 24, 1 << 27)
            : Arrays.stream(args).skip(1).map(Integer::valueOf).toList();
    if (cores.equals(Extent.ONE_CORE)) {
      try (ForkJoinPool oneThread = new ForkJoinPool(1)) {
        oneThread.submit(() -> print(cores, sizes)).join();
      }
    } else {
      print(cores, sizes);
    }
  }

  private static void print(String cores, List<Integer> sizes) {
    List<List<String>> rows = new ArrayList<>();
    for (ElementType type : ElementType.values()) {
      for (int size : sizes) {
        rows.add(measure(type, size, cores));
      }
    }
    StringBuilder out = new StringBuilder();
    Report.table(
        out,
        "Interleaved with a copy, arrays, cores: " + cores,
        List.of(
            "Ran",
            "Type",
            "Size",
            "Repetitions",
            "copy Gelem/s",
            "forward Gelem/s",
            "forward/copy",
            "applyMask/copy"),
        rows.stream());
    new PrintStream(System.out, true, StandardCharsets.UTF_8).print(out);
  }

  private static List<String> measure(ElementType type, int size, String cores) {
    Tensors tensors = new Tensors();
    tensors.type = type;
    tensors.storage = Storage.ARRAY;
    tensors.size = size;
    tensors.cores = cores;
    tensors.allocate();
    Dropout dropout = Dropout.of(DropoutSpec.of(Subject.P));
    PackedMask mask = PackedMask.allocate(size);
    dropout.mask(mask, Subject.KEY);
    List<Runnable> calls =
        List.of(
            tensors::copy,
            () -> dropout.forward(tensors.input, tensors.output, Subject.KEY),
            () -> dropout.applyMask(mask, tensors.input, tensors.output));

    repeat(calls); // Warms up.
    List<double[]> repetitions = repeat(calls);
    for (Runnable call : calls.subList(1, calls.size())) {
      tensors.check(
          call,
          (from, input, output) -> Subject.reference().forward(input, output, Subject.KEY, from));
    }

    return List.of(
        dropout.backend().id().label(),
        type.label(),
        "2^" + Integer.numberOfTrailingZeros(size),
        "" + repetitions.size(),
        Report.format(size / median(repetitions, 0)),
        Report.format(size / median(repetitions, 1)),
        Report.format(medianRatio(repetitions, 0, 1)),
        Report.format(medianRatio(repetitions, 0, 2)));
  }

  private static List<double[]> repeat(List<Runnable> calls) {
    List<double[]> repetitions = new ArrayList<>();
    long start = System.nanoTime();
    while (repetitions.size() < MIN_REPETITIONS || System.nanoTime() - start < MIN_NANOS) {
      repetitions.add(nanos(calls));
    }
    return repetitions;
  }

  private static double[] nanos(List<Runnable> calls) {
    double[] nanos = new double[calls.size()];
    for (int i = 0; i < nanos.length; i++) {
      long start = System.nanoTime();
      calls.get(i).run();
      nanos[i] = System.nanoTime() - start;
    }
    return nanos;
  }

  private static double median(List<double[]> repetitions, int call) {
    return Report.median(repetitions.stream().mapToDouble(nanos -> nanos[call]).toArray());
  }

  private static double medianRatio(List<double[]> repetitions, int over, int under) {
    return Report.median(
        repetitions.stream().mapToDouble(nanos -> nanos[over] / nanos[under]).toArray());
  }
}
