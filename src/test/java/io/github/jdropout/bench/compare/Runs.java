package io.github.jdropout.bench.compare;

import io.github.jdropout.bench.result.BenchCase;
import io.github.jdropout.bench.result.BenchRun;
import io.github.jdropout.bench.result.TrainingStep;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;

/** Made-up runs. */
final class Runs {
  private Runs() {}

  /** Returns samples about a time, which deviate by a part of it. */
  static List<Double> samples(Random random, int count, double nanos, double noise) {
    return Stream.generate(() -> nanos * Math.exp(noise * random.nextGaussian()))
        .limit(count)
        .toList();
  }

  /** Returns a case of the CPU, of 2^24 elements of f32. */
  static BenchCase forward(String by, List<Double> nanos, List<Double> copyNanos) {
    return of(BenchCase.Place.CPU, by, "forward", "f32", nanos, copyNanos);
  }

  static BenchCase of(
      BenchCase.Place place,
      String by,
      String operation,
      String type,
      List<Double> nanos,
      List<Double> copyNanos) {
    long elements = 1 << 24;
    long bytes = elements * (type.equals("f32") ? 4 : 2);
    boolean isOnDevice = place == BenchCase.Place.DEVICE;
    return new BenchCase(
        place,
        by,
        operation,
        type,
        isOnDevice ? "device" : "array",
        elements,
        0.1,
        isOnDevice ? 0 : 2,
        bytes,
        bytes,
        nanos,
        copyNanos,
        0);
  }

  static StoredRun stored(String name, BenchCase... cases) {
    return stored(name, List.of(cases), List.of());
  }

  static StoredRun stored(String name, List<BenchCase> cases, List<TrainingStep> training) {
    return new StoredRun(name, run(cases, training));
  }

  static BenchRun run(List<BenchCase> cases, List<TrainingStep> training) {
    return new BenchRun(
        BenchRun.SCHEMA,
        new BenchRun.Run("2026-11-22T08:00:00Z", "0.1.0", "abc1234", "", false, true),
        Map.of("cpu", "Some CPU", "processors", "2"),
        List.of(),
        cases,
        List.of(),
        training);
  }

  static TrainingStep step(String name, double p, double overhead, double low, double high) {
    return new TrainingStep(
        name,
        "64 tokens",
        "cpu",
        "ffm",
        p,
        List.of(1.0, 1.0),
        List.of(1.0, 1.0),
        overhead,
        low,
        high);
  }

  static TrainingStep onDevice(TrainingStep step) {
    return new TrainingStep(
        step.name(),
        step.shape(),
        "device",
        step.by(),
        step.p(),
        step.offNanos(),
        step.onNanos(),
        step.overheadPercent(),
        step.lowPercent(),
        step.highPercent());
  }
}
