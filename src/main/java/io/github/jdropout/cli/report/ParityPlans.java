package io.github.jdropout.cli.report;

import io.github.jdropout.parity.ParityReport;
import io.github.jdropout.parity.ParityReport.Cell;
import io.github.jdropout.parity.ParityReport.Outcome;
import io.github.jdropout.parity.ParityReport.StatisticalTest;
import java.util.ArrayList;
import java.util.List;

/** The charts of a parity report. */
final class ParityPlans {
  /** Where p-values end on the chart; smaller ones are drawn there. */
  private static final double SMALLEST = 1e-12;

  private ParityPlans() {}

  /** Returns implementations by operations; a square counts types. */
  static List<Plan> grid(ParityReport report) {
    List<String> operations =
        report.cells().stream()
            .map(Cell::operation)
            .filter(operation -> !operation.isEmpty())
            .distinct()
            .toList();
    if (operations.isEmpty()) {
      return List.of();
    }
    List<String> rows = report.cells().stream().map(Cell::implementation).distinct().toList();
    List<Plan.Square> squares = new ArrayList<>();
    for (int row = 0; row < rows.size(); row++) {
      for (int column = 0; column < operations.size(); column++) {
        int passed = count(report, rows.get(row), operations.get(column), Outcome.PASSED);
        int failed = count(report, rows.get(row), operations.get(column), Outcome.FAILED);
        if (passed + failed > 0) {
          squares.add(new Plan.Square(column, row, failed > 0 ? -failed : passed));
        }
      }
    }
    return List.of(
        new Plan.Grid(
            "grid",
            "Types equal to the reference ✓, different ✗, skipped: grey",
            "Green squares count types whose results are equal, red ones types that differ.",
            operations,
            rows,
            squares));
  }

  private static int count(
      ParityReport report, String implementation, String operation, Outcome outcome) {
    return (int)
        report.cells().stream()
            .filter(cell -> cell.implementation().equals(implementation))
            .filter(cell -> cell.operation().equals(operation))
            .filter(cell -> cell.outcome() == outcome)
            .count();
  }

  /** Returns the p-values by tests, against their thresholds. */
  static List<Plan> statistics(ParityReport report) {
    if (report.statistics().isEmpty()) {
      return List.of();
    }
    List<String> rows = report.statistics().stream().map(StatisticalTest::name).distinct().toList();
    List<Plan.Dot> passed = new ArrayList<>();
    List<Plan.Dot> failed = new ArrayList<>();
    List<Plan.Dot> thresholds = new ArrayList<>();
    for (StatisticalTest test : report.statistics()) {
      int row = rows.indexOf(test.name());
      (test.passed() ? passed : failed).add(dot(row, test.pValue()));
      Plan.Dot threshold = dot(row, test.threshold());
      if (!thresholds.contains(threshold)) {
        thresholds.add(threshold);
      }
    }
    return List.of(
        new Plan.Dots(
            "statistics",
            "p-values against their thresholds",
            "Each point is the smallest p-value of a test on one implementation's mask at one"
                + " probability. Left of its threshold it fails. The thresholds were fixed in"
                + " advance and divided by the number of all p-values.",
            "p-value (smaller ones than 1e-12 are drawn there)",
            true,
            rows,
            List.of(
                new Plan.DotSeries("threshold", Ink.QUIET, Plan.Shape.BAR, thresholds),
                new Plan.DotSeries("passed", Ink.SERIES_1, Plan.Shape.CIRCLE, passed),
                new Plan.DotSeries("failed", Ink.BAD, Plan.Shape.CROSS, failed)),
            Double.NaN));
  }

  private static Plan.Dot dot(int row, double value) {
    double shown = Math.clamp(value, SMALLEST, 1);
    return new Plan.Dot(row, shown, shown, shown);
  }
}
