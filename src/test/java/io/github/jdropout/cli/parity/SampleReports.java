package io.github.jdropout.cli.parity;

import io.github.jdropout.parity.ParityReport;
import io.github.jdropout.parity.ParityReport.Cell;
import io.github.jdropout.parity.ParityReport.Mismatch;
import io.github.jdropout.parity.ParityReport.Outcome;
import io.github.jdropout.parity.ParityReport.StatisticalTest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reports made up for tests. */
final class SampleReports {
  /** What XML and JSON must escape, and what XML cannot hold at all. */
  static final String HOSTILE = "<a b=\"c\"> & 'd' ]]> \u0001 \uD800 é \uD83D\uDE00\nline";

  private SampleReports() {}

  static Cell passed(String implementation, String operation, String type) {
    return new Cell(
        implementation,
        operation,
        type,
        Outcome.PASSED,
        "",
        12,
        34_567,
        0.25,
        Optional.empty(),
        operation.equals("product") ? 0.5 : 0);
  }

  static Cell failed(String implementation, String operation, String type) {
    Mismatch mismatch =
        new Mismatch(
            -1,
            Long.MIN_VALUE,
            0.1,
            1L << 40,
            1000,
            37,
            "3f800000",
            "3f8e38e4",
            "00000000",
            "threads=2 place=unaligned",
            "jdropout parity --variant x --case 'forward f32 count=1000'");
    return new Cell(
        implementation,
        operation,
        type,
        Outcome.FAILED,
        "element 37 differs",
        3,
        3000,
        0.5,
        Optional.of(mismatch),
        0);
  }

  static Cell skipped(String implementation, String reason) {
    return new Cell(implementation, "", "", Outcome.SKIPPED, reason, 0, 0, 0, Optional.empty(), 0);
  }

  static ParityReport mixed() {
    return new ParityReport(
        ParityReport.SCHEMA,
        ordered("depth", "quick", "seed", "2026", "argument", HOSTILE),
        ordered("CPU", "a CPU"),
        List.of(
            passed("scalar", "forward", "f32"),
            passed("scalar", "mask", ""),
            passed("scalar", "product", "bf16"),
            failed("vector-256", "forward", "f32"),
            skipped("vector-512", HOSTILE),
            skipped("ffm-avx512f", HOSTILE)),
        List.of(
            new StatisticalTest("keep rate", "scalar", 0.1, 1, 0.25, 1e-6),
            new StatisticalTest("runs", "scalar", 0.3, 2, 1e-9, 1e-6)),
        12.5,
        false);
  }

  private static Map<String, String> ordered(String... namesAndValues) {
    Map<String, String> map = new LinkedHashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      map.put(namesAndValues[i], namesAndValues[i + 1]);
    }
    return map;
  }
}
