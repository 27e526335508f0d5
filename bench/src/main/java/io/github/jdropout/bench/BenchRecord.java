package io.github.jdropout.bench;

import io.github.jdropout.bench.result.BenchCase;
import io.github.jdropout.bench.result.BenchRun;
import io.github.jdropout.bench.result.TrainingStep;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What a session has found out so far.
 *
 * <p>One thread adds to it; any thread may ask for the result, also in between.
 */
final class BenchRecord {
  private final BenchOptions options;
  private final BenchListener listener;
  private final String date = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
  private final String revision = Revision.current();
  private final Map<String, String> machine = new LinkedHashMap<>();
  private final List<BenchCase> cases = new ArrayList<>();
  private final List<BenchRun.Absent> absent = new ArrayList<>();
  private final List<TrainingStep> training = new ArrayList<>();
  private Map<String, String> device = Map.of();
  private boolean hasFailed;
  private boolean isStopped;

  BenchRecord(BenchOptions options, BenchListener listener) {
    this.options = options;
    this.listener = listener;
    machine.putAll(Machine.describe());
  }

  /** Adds a property of the machine. */
  synchronized void machine(String name, String value) {
    machine.put(name, value);
  }

  /** Ends the record: what fails from now on fails because everything is being ended. */
  synchronized void stop() {
    isStopped = true;
  }

  synchronized boolean isStopped() {
    return isStopped;
  }

  synchronized List<BenchCase> cases() {
    return List.copyOf(cases);
  }

  /** Returns all that is absent with its reason, to be put behind a sentence. */
  synchronized String absentAsText() {
    return absent.stream()
        .map(entry -> "; " + entry.what() + ": " + entry.reason())
        .collect(Collectors.joining());
  }

  synchronized boolean hasFailed() {
    return hasFailed;
  }

  void planned(long units) {
    listener.planned(units);
  }

  void advanced(long units, String next) {
    listener.advanced(units, next);
  }

  void measured(BenchCase measured) {
    synchronized (this) {
      cases.add(measured);
    }
    listener.measured(measured);
  }

  void trained(TrainingStep step) {
    synchronized (this) {
      training.add(step);
    }
    listener.trained(step);
  }

  /** Notes once that something cannot be measured. */
  void absent(String what, String reason) {
    BenchRun.Absent entry = new BenchRun.Absent(what, reason);
    synchronized (this) {
      if (isStopped || absent.contains(entry)) {
        return;
      }
      absent.add(entry);
    }
    listener.absent(entry);
  }

  /** Notes that something should have been measured and was not. */
  void failed(String what, String reason) {
    synchronized (this) {
      hasFailed |= !isStopped;
    }
    absent(what, "FAILED: " + reason);
  }

  synchronized void device(Map<String, String> properties) {
    device = new LinkedHashMap<>(properties);
  }

  /** Returns all of it as a run. */
  synchronized BenchRun run(boolean isComplete) {
    Map<String, String> described = new LinkedHashMap<>(machine);
    described.put("clockMhzAfter", Machine.clock());
    return new BenchRun(
        BenchRun.SCHEMA,
        new BenchRun.Run(
            date,
            options.version(),
            revision,
            options.command(),
            options.effort() == Effort.QUICK,
            isComplete),
        described,
        device.isEmpty() ? List.of() : List.of(device),
        cases,
        absent,
        training);
  }
}
