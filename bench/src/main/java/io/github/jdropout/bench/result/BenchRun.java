package io.github.jdropout.bench.result;

import java.util.List;
import java.util.Map;

/**
 * All that one run of the benchmark found out; its JSON is a result file.
 *
 * @param schema {@link #SCHEMA}
 * @param run what was run, when, and of which sources
 * @param machine what the figures depend on besides the code, name to value, in order
 * @param devices GPUs that were measured, each as name to value, in order; empty without one
 * @param cases everything measured, in the order of measuring
 * @param absent what could not be measured, and why
 * @param training overheads of dropout in a training step; empty if they were not asked for
 */
public record BenchRun(
    String schema,
    Run run,
    Map<String, String> machine,
    List<Map<String, String>> devices,
    List<BenchCase> cases,
    List<Absent> absent,
    List<TrainingStep> training) {
  /** Name and version of the format. */
  public static final String SCHEMA = "jdropout-bench-1";

  /** Copies the lists. */
  public BenchRun {
    devices = List.copyOf(devices);
    cases = List.copyOf(cases);
    absent = List.copyOf(absent);
    training = List.copyOf(training);
  }

  /**
   * What was run.
   *
   * @param date of the start, ISO 8601 in UTC
   * @param version of the library
   * @param revision of the sources, as git describes it, or {@code unknown}
   * @param command the options
   * @param isQuick whether it ran for the output alone, so that times say nothing
   * @param isComplete whether it came to its end, and was not interrupted
   */
  public record Run(
      String date,
      String version,
      String revision,
      String command,
      boolean isQuick,
      boolean isComplete) {}

  /**
   * Something that could not be measured here.
   *
   * @param what such as {@code PyTorch}
   * @param reason why not
   */
  public record Absent(String what, String reason) {}
}
