package io.github.jdropout.cli.report;

import io.github.jdropout.parity.ParityReport;
import io.github.jdropout.parity.ParityReport.Cell;
import io.github.jdropout.parity.ParityReport.Mismatch;
import io.github.jdropout.parity.ParityReport.Outcome;
import io.github.jdropout.parity.ParityReport.StatisticalTest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/** Reports of the parity suite as they come from machines, made up. */
final class SampleParity {
  private static final List<String> IMPLEMENTATIONS =
      List.of(
          "scalar",
          "vector, 128 bits",
          "vector, 256 bits",
          "vector, 512 bits",
          "ffm, portable",
          "ffm, avx2",
          "ffm, avx512bw",
          "cuda by ffm, launch 256",
          "cuda by ffm, launch 96x7",
          "cuda by jcuda, launch 256");

  private static final List<String> OPERATIONS =
      List.of(
          "forward",
          "in place",
          "backward",
          "mask",
          "apply mask",
          "inference",
          "classical scaling",
          "shared mask",
          "epilogue",
          "epilogue gradient",
          "bias gradient",
          "product");

  private static final double THRESHOLD = 1e-6 / 3000;

  private SampleParity() {}

  /** Everything equal, and what is not here skipped. */
  static ParityReport passed() {
    return report(cells(List.of()), statistics(false), true);
  }

  /** Two differences, a dead process and a bad mask. */
  static ParityReport failed() {
    return report(
        cells(List.of("ffm, avx2/epilogue/bf16", "vector, 256 bits/mask/")),
        statistics(true),
        true);
  }

  /** The first few cells, all equal. */
  static ParityReport interrupted() {
    return report(cells(List.of()).subList(0, 20), List.of(), false);
  }

  /** Nothing at all. */
  static ParityReport empty() {
    return report(List.of(), List.of(), true);
  }

  /** A report whose every text tries to become a part of the page. */
  static ParityReport hostile(String text) {
    Mismatch mismatch = new Mismatch(1, 2, 0.1, 3, 4, 0, text, text, text, text, text);
    return new ParityReport(
        ParityReport.SCHEMA,
        Map.of(text, text),
        Map.of(text, text),
        List.of(
            new Cell(text, text, text, Outcome.FAILED, text, 1, 4, 0.1, Optional.of(mismatch), 0),
            new Cell(text, text, "f32", Outcome.SKIPPED, text, 0, 0, 0, Optional.empty(), 0)),
        List.of(new StatisticalTest(text, text, 0.1, 1, 0, 1e-9)),
        1,
        false);
  }

  private static ParityReport report(
      List<Cell> cells, List<StatisticalTest> statistics, boolean isComplete) {
    Map<String, String> run = new LinkedHashMap<>();
    run.put("command", "jdropout parity");
    run.put("date", "2026-11-22T08:00:00Z");
    run.put("revision", "bb1c668");
    run.put("seed", "42");
    Map<String, String> machine = new LinkedHashMap<>();
    machine.put("cpu", "AMD EPYC 7763 64-Core Processor");
    machine.put("cores", "2");
    machine.put("os", "Linux 6.1.0-18-amd64");
    machine.put("jvm", "OpenJDK 64-Bit Server VM 25+36-LTS");
    return new ParityReport(ParityReport.SCHEMA, run, machine, cells, statistics, 87.4, isComplete);
  }

  private static List<Cell> cells(List<String> failing) {
    Random random = new Random(3);
    List<Cell> cells = new ArrayList<>();
    for (String implementation : IMPLEMENTATIONS) {
      for (String operation : OPERATIONS) {
        List<String> types =
            operation.equals("mask")
                ? List.of("")
                : operation.equals("product")
                    ? List.of("f32")
                    : List.of("f32", "f16", "bf16", "f64");
        for (String type : types) {
          cells.add(
              cell(
                  implementation,
                  operation,
                  type,
                  failing.contains(implementation + "/" + operation + "/" + type),
                  random));
        }
      }
    }
    return cells;
  }

  private static Cell cell(
      String implementation, String operation, String type, boolean isFailing, Random random) {
    String missing =
        implementation.contains("512")
            ? "the processor has no AVX-512"
            : implementation.startsWith("cuda")
                ? "libcuda.so.1: cannot open shared object file: No such file or directory"
                : "";
    if (!missing.isEmpty()) {
      return new Cell(
          implementation, operation, type, Outcome.SKIPPED, missing, 0, 0, 0, Optional.empty(), 0);
    }
    long cases = 200L + random.nextInt(900);
    Optional<Mismatch> mismatch =
        isFailing
            ? Optional.of(
                new Mismatch(
                    42,
                    7,
                    0.1,
                    3,
                    4099,
                    4096,
                    type.isEmpty() ? "" : "0x3f80",
                    type.isEmpty() ? "0x1" : "0x3f8e",
                    type.isEmpty() ? "0x0" : "0x3f8f",
                    "threads=2 place=unaligned values=special",
                    "jdropout parity --backend ffm --case '"
                        + operation
                        + " "
                        + type
                        + " count=4099 p=0.1 seed=42 stream=7 first=3 threads=2 place=unaligned"
                        + " values=special'"))
            : Optional.empty();
    return new Cell(
        implementation,
        operation,
        type,
        isFailing ? Outcome.FAILED : Outcome.PASSED,
        isFailing ? "element 4096 differs" : "",
        cases,
        cases * 2048,
        0.2 + random.nextDouble(),
        mismatch,
        operation.equals("product") ? 0.02 + 0.3 * random.nextDouble() : 0);
  }

  private static List<StatisticalTest> statistics(boolean isOneBad) {
    Random random = new Random(5);
    List<StatisticalTest> tests = new ArrayList<>();
    for (String implementation : List.of("vector, 256 bits", "ffm, avx2")) {
      for (double p : List.of(0.1, 0.5)) {
        for (String name :
            List.of(
                "keep rate",
                "chi-square of the lanes",
                "runs",
                "autocorrelation, lags 1 to 256",
                "autocorrelation, row strides",
                "call against next call",
                "stream against stream")) {
          int comparisons = name.contains("256") ? 256 : 1 + random.nextInt(16);
          double pValue = Math.min(1, random.nextDouble() * 1.5 / comparisons + 1e-5);
          tests.add(new StatisticalTest(name, implementation, p, comparisons, pValue, THRESHOLD));
        }
      }
    }
    if (isOneBad) {
      tests.set(2, new StatisticalTest("runs", "vector, 256 bits", 0.1, 1, 3.2e-17, THRESHOLD));
    }
    return tests;
  }
}
