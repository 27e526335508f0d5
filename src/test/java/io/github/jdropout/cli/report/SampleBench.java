package io.github.jdropout.cli.report;

import io.github.jdropout.bench.result.BenchCase;
import io.github.jdropout.bench.result.BenchCase.Place;
import io.github.jdropout.bench.result.BenchRun;
import io.github.jdropout.bench.result.TrainingStep;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.DoubleSupplier;
import java.util.stream.DoubleStream;

/** Runs of the benchmark as they come from machines, made up. */
final class SampleBench {
  private static final int SAMPLES = 20;
  private static final double CARD_BYTES_PER_SECOND = 1008e9;

  private final Random random = new Random(7);
  private final List<BenchCase> cases = new ArrayList<>();

  private SampleBench() {}

  /** A machine with a GPU, peers, sweeps and training steps. */
  static BenchRun withGpu() {
    SampleBench sample = new SampleBench();
    for (String type : List.of("f32", "f16", "bf16", "f64")) {
      for (String by : List.of("ffm", "vector")) {
        sample.cpu(by, "forward", type, 1 << 24, by.equals("ffm") ? 0.85 : 0.6);
      }
      sample.device("cuda", "forward", type, 1 << 26, 0.98);
    }
    for (String operation : List.of("backward", "mask", "apply mask", "shared mask", "epilogue")) {
      sample.cpu("ffm", operation, "f32", 1 << 24, 0.8);
      sample.device("cuda", operation, "f32", 1 << 26, 0.97);
    }
    sample.cpu("scalar", "forward", "f32", 1 << 24, 0.12);
    for (String type : List.of("f32", "bf16")) {
      sample.device("PyTorch", "forward", type, 1 << 26, 0.61);
      sample.device("PyTorch compiled", "forward", type, 1 << 26, 0.88);
      sample.device("Triton", "forward", type, 1 << 26, 0.93);
    }
    for (int exponent = 10; exponent <= 28; exponent += 2) {
      long size = 1L << exponent;
      if (exponent != 24) {
        sample.cpu("ffm", "forward", "f32", size, 0.85);
        sample.cpu("vector", "forward", "f32", size, 0.6);
      }
      sample.cpu("DL4J", "forward", "f32", size, 0.1);
      sample.cpu("PyTorch", "forward", "f32", size, 0.07);
      sample.staged(size);
    }
    sample.call("cuda", 1 << 26);
    return new BenchRun(
        BenchRun.SCHEMA,
        new BenchRun.Run(
            "2026-11-22T08:00:00Z", "0.1.0-SNAPSHOT", "bb1c668", "bench --sweep size", false, true),
        machine("AMD EPYC 7763 64-Core Processor"),
        List.of(device()),
        sample.cases,
        List.of(new BenchRun.Absent("cuBLAS by JCublas2", "needs cuBLAS 12, found 13")),
        List.of(
            sample.step("feed-forward half", "device", 0.1, 1.31, 0.18),
            sample.step("feed-forward half, LoRA of rank 16", "device", 0.05, 2.74, 0.4)));
  }

  /** A machine without a GPU, by the curated set: no sweeps. */
  static BenchRun withoutGpu() {
    SampleBench sample = new SampleBench();
    for (int exponent : List.of(16, 24)) {
      for (String by : List.of("ffm", "vector", "DL4J")) {
        sample.cpu(by, "forward", "f32", 1L << exponent, by.equals("ffm") ? 0.8 : 0.4);
      }
    }
    return new BenchRun(
        BenchRun.SCHEMA,
        new BenchRun.Run(
            "2026-11-22T08:00:00Z", "0.1.0-SNAPSHOT", "bb1c668-dirty", "bench", false, true),
        machine("AMD EPYC 7763 64-Core Processor"),
        List.of(),
        sample.cases,
        List.of(
            new BenchRun.Absent("GPU", "libcuda.so.1: cannot open shared object file"),
            new BenchRun.Absent("PyTorch", "python3 has no module torch")),
        List.of(sample.step("feed-forward half", "cpu", 0.1, 4.2, 6.1)));
  }

  /** As many cases as all combinations give, in all of them the same few properties. */
  static BenchRun withCases(int count) {
    SampleBench sample = new SampleBench();
    for (int i = 0; i < count; i++) {
      sample.cpu("ffm", "operation " + i % 40, "f32", 1L << (10 + i / 40 % 18), 0.5);
    }
    return run(sample.cases, true, true);
  }

  /** Nothing at all: a quick run that was interrupted at once. */
  static BenchRun empty() {
    return run(List.of(), true, false);
  }

  /** A run whose every text tries to become a part of the page. */
  static BenchRun hostile(String text) {
    BenchCase it =
        new BenchCase(
            Place.CPU,
            text,
            text,
            text,
            text,
            1 << 20,
            0.1,
            2,
            1 << 22,
            1 << 22,
            List.of(1e6, 1.1e6),
            List.of(0.9e6, 0.9e6),
            0);
    return new BenchRun(
        BenchRun.SCHEMA,
        new BenchRun.Run(text, text, text, text, true, false),
        Map.of(text, text),
        List.of(Map.of(text, text)),
        List.of(it),
        List.of(new BenchRun.Absent(text, text)),
        List.of(
            new TrainingStep(text, text, text, text, 0.1, List.of(1.0), List.of(1.1), 10, 9, 11)));
  }

  static BenchRun run(List<BenchCase> cases, boolean isQuick, boolean isComplete) {
    return new BenchRun(
        BenchRun.SCHEMA,
        new BenchRun.Run("2026-11-22T08:00:00Z", "0.1.0", "unknown", "bench", isQuick, isComplete),
        machine("unknown"),
        List.of(),
        cases,
        List.of(),
        List.of());
  }

  private static Map<String, String> machine(String cpu) {
    Map<String, String> machine = new LinkedHashMap<>();
    machine.put("cpu", cpu);
    machine.put("cores", "2");
    machine.put("memory", "7.8 GiB");
    machine.put("os", "Linux 6.1.0-18-amd64");
    machine.put("jvm", "OpenJDK 64-Bit Server VM 25+36-LTS, Eclipse Adoptium");
    machine.put("transparent huge pages", "madvise");
    machine.put("backends", "ffm with avx2, vector with 256 bits");
    return machine;
  }

  private static Map<String, String> device() {
    Map<String, String> device = new LinkedHashMap<>();
    device.put("name", "NVIDIA GeForce RTX 4090");
    device.put("driver", "590.48.01");
    device.put("memory clock", "10501 MHz × 384 bits");
    device.put("clocks before", "SM 2520 MHz, memory 10501 MHz, 41 °C");
    device.put("clocks after", "SM 2505 MHz, memory 10501 MHz, 63 °C");
    return device;
  }

  private void cpu(String by, String operation, String type, long elements, double ofCopy) {
    double inCache = elements <= 1 << 18 ? 40 : 9.5;
    double copyNanos = 2 * bytes(type) * elements / inCache;
    // In cache, drawing the mask is the limit.
    double limit = 2 * bytes(type) * elements / (9 * ofCopy);
    add(Place.CPU, by, operation, type, elements, 150 + Math.max(limit, copyNanos), copyNanos);
  }

  private void device(String by, String operation, String type, long elements, double ofCopy) {
    double copyNanos = 2 * bytes(type) * elements / 925.0;
    add(Place.DEVICE, by, operation, type, elements, copyNanos / ofCopy, copyNanos);
  }

  private void staged(long elements) {
    add(Place.STAGED, "cuda", "forward", "f32", elements, 25_000 + 8.0 * elements / 22, 0);
  }

  private void call(String by, long elements) {
    add(Place.CALL, by, "forward", "f32", elements, 3_400, 0);
  }

  private void add(
      Place place,
      String by,
      String operation,
      String type,
      long elements,
      double nanos,
      double copyNanos) {
    boolean isDevice = place == Place.DEVICE || place == Place.CALL;
    boolean isMask = operation.equals("mask");
    cases.add(
        new BenchCase(
            place,
            by,
            operation,
            isMask ? "" : type,
            isDevice ? "device" : by.equals("DL4J") ? "native" : "array",
            elements,
            0.1,
            isDevice ? 0 : 2,
            isMask ? 0 : bytes(type) * elements,
            isMask ? elements / 8 : bytes(type) * elements,
            samples(() -> nanos * (1 + 0.03 * Math.abs(random.nextGaussian()))),
            copyNanos == 0
                ? List.of()
                : samples(() -> copyNanos * (1 + 0.02 * Math.abs(random.nextGaussian()))),
            place == Place.DEVICE ? CARD_BYTES_PER_SECOND : 0));
  }

  private TrainingStep step(String name, String where, double p, double percent, double half) {
    List<Double> off = samples(() -> 9.4e6 * (1 + 0.01 * random.nextGaussian()));
    return new TrainingStep(
        name,
        "2048 tokens, hidden 2048, feed-forward 8192, bf16",
        where,
        "cuBLAS by ffm, epilogues by cuda",
        p,
        off,
        off.stream().map(it -> it * (1 + percent / 100)).toList(),
        percent,
        percent - half,
        percent + half);
  }

  private static long bytes(String type) {
    return switch (type) {
      case "f16", "bf16" -> 2;
      case "f64" -> 8;
      default -> 4;
    };
  }

  private static List<Double> samples(DoubleSupplier sample) {
    return DoubleStream.generate(sample).limit(SAMPLES).boxed().toList();
  }
}
