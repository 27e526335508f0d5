package io.github.jdropout.bench.gpu;

import io.github.jdropout.spec.ElementType;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * The options of {@link GpuBenchmark}.
 *
 * @param out file of the results
 * @param isQuick whether to run for the output only
 * @param parts {@code device}, {@code host}, {@code staged} and {@code layers}
 * @param types of the elements
 * @param exponents the sizes are these powers of 2
 * @param stagedExponents the same of what passes through the host
 * @param operations their labels; empty for all
 * @param samples of each case
 * @param hasLines whether each result is printed as soon as it is there, see {@link GpuLines}
 */
record GpuOptions(
    String out,
    boolean isQuick,
    List<String> parts,
    List<ElementType> types,
    List<Integer> exponents,
    List<Integer> stagedExponents,
    List<String> operations,
    int samples,
    boolean hasLines) {
  static final String USAGE =
      "wants: --out FILE [--quick] [--parts device,host,staged,layers] [--types f32,f64,f16,bf16]"
          + " [--exponents 20,24] [--staged-exponents 26] [--operations forward,mask] [--samples"
          + " 21] [--lines]";

  /** Largest power of 2 of elements; four tensors of f64 are then 64 GiB. */
  private static final int MAX_EXPONENT = 31;

  static GpuOptions parse(String... args) {
    String out = null;
    boolean isQuick = false;
    String parts = "device,host,staged,layers";
    String types = "f32,f64,f16,bf16";
    String exponents = null;
    String stagedExponents = null;
    String operations = "";
    String samples = null;
    boolean hasLines = false;
    for (int i = 0; i < args.length; i++) {
      switch (args[i]) {
        case "--quick" -> isQuick = true;
        case "--out" -> out = value(args, ++i);
        case "--parts" -> parts = value(args, ++i);
        case "--types" -> types = value(args, ++i);
        case "--exponents" -> exponents = value(args, ++i);
        case "--staged-exponents" -> stagedExponents = value(args, ++i);
        case "--operations" -> operations = value(args, ++i);
        case "--lines" -> hasLines = true;
        case "--samples" -> samples = value(args, ++i);
        default -> throw new IllegalArgumentException(USAGE);
      }
    }
    if (out == null) {
      throw new IllegalArgumentException(USAGE);
    }
    if (exponents == null) {
      exponents = isQuick ? "10,13" : "10,12,14,16,18,20,22,24,26,28";
    }
    if (stagedExponents == null) {
      stagedExponents = isQuick ? "12" : "26";
    }
    if (samples == null) {
      samples = isQuick ? "2" : "21";
    }
    return new GpuOptions(
        out,
        isQuick,
        list(parts),
        list(types).stream()
            .map(type -> ElementType.valueOf(type.toUpperCase(Locale.ROOT)))
            .toList(),
        list(exponents).stream().map(GpuOptions::exponent).toList(),
        list(stagedExponents).stream().map(GpuOptions::exponent).toList(),
        operations.isEmpty() ? List.of() : list(operations),
        Integer.parseInt(samples),
        hasLines);
  }

  boolean measures(String part) {
    return parts.contains(part);
  }

  /** Returns the operations to run: the copy, with which all are compared, always is. */
  List<Operation> chosen() {
    return Arrays.stream(Operation.values())
        .filter(operation ->
            operations.isEmpty()
                || operation == Operation.COPY
                || operations.contains(operation.label()))
        .toList();
  }

  private static String value(String[] args, int index) {
    if (index == args.length) {
      throw new IllegalArgumentException(USAGE);
    }
    return args[index];
  }

  private static List<String> list(String values) {
    return Arrays.asList(values.split(",", -1));
  }

  private static int exponent(String value) {
    int exponent = Integer.parseInt(value);
    if (exponent < 10 || exponent > MAX_EXPONENT) {
      throw new IllegalArgumentException(
          "an exponent must be in [10, " + MAX_EXPONENT + "] but is " + exponent);
    }
    return exponent;
  }
}
