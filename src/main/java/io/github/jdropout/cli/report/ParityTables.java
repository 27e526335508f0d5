package io.github.jdropout.cli.report;

import io.github.jdropout.cli.report.Table.Cell;
import io.github.jdropout.cli.report.Table.Head;
import io.github.jdropout.cli.report.Table.Row;
import io.github.jdropout.parity.ParityReport;
import io.github.jdropout.parity.ParityReport.Outcome;
import io.github.jdropout.parity.ParityReport.StatisticalTest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The tables of a parity report. */
final class ParityTables {
  private ParityTables() {}

  /** Returns every comparison. */
  static Table cells(ParityReport report) {
    List<Head> heads =
        List.of(
            Head.text("Implementation"),
            Head.text("Operation"),
            Head.text("Type"),
            Head.text("Outcome"),
            Head.number("Calls"),
            Head.number("Elements"),
            Head.number("Seconds"),
            Head.number("Of the bound"),
            Head.text("Reason"));
    List<Row> rows = new ArrayList<>();
    for (ParityReport.Cell cell : report.cells()) {
      rows.add(
          Row.of(
              ParityGrid.id(rows.size()),
              List.of(
                  Cell.text(cell.implementation()),
                  Cell.text(cell.operation()),
                  Cell.text(cell.type().isEmpty() ? Numbers.NONE : cell.type()),
                  outcome(cell.outcome()),
                  Cell.count(cell.cases(), Numbers.grouped(cell.cases())),
                  Cell.count(cell.elements(), Numbers.grouped(cell.elements())),
                  Cell.number(cell.seconds(), Numbers.significant(cell.seconds())),
                  cell.worstOfBound() > 0
                      ? Cell.number(cell.worstOfBound(), Numbers.percent(cell.worstOfBound()))
                      : Cell.none(),
                  Cell.text(cell.reason()))));
    }
    return new Table("cells", "Every comparison", heads, rows);
  }

  private static Cell outcome(Outcome outcome) {
    String mark = ParityGrid.mark(outcome);
    return switch (outcome) {
      case PASSED -> Cell.mark(mark + " passed", "good");
      case FAILED -> Cell.mark(mark + " failed", "bad");
      case SKIPPED -> Cell.mark(mark + " skipped", "none");
    };
  }

  /** Returns the tests of the mask. */
  static Table statistics(ParityReport report) {
    List<Head> heads =
        List.of(
            Head.text("Test"),
            Head.text("Implementation"),
            Head.number("p"),
            Head.number("p-values"),
            Head.number("Smallest"),
            Head.number("Threshold"),
            Head.text("Outcome"));
    List<Row> rows = new ArrayList<>();
    for (StatisticalTest test : report.statistics()) {
      rows.add(
          Row.of(
              "test-" + rows.size(),
              List.of(
                  Cell.text(test.name()),
                  Cell.text(test.implementation()),
                  Cell.number(test.p(), Numbers.exact(test.p())),
                  Cell.count(test.comparisons(), Numbers.grouped(test.comparisons())),
                  Cell.number(test.pValue(), Numbers.significant(test.pValue())),
                  Cell.number(test.threshold(), Numbers.significant(test.threshold())),
                  outcome(test.passed() ? Outcome.PASSED : Outcome.FAILED))));
    }
    return new Table("statistics-table", "Tests of the mask's randomness", heads, rows);
  }

  /** Returns what was skipped, once for each implementation and reason. */
  static Table skipped(ParityReport report) {
    Map<List<String>, List<String>> operations = new LinkedHashMap<>();
    for (ParityReport.Cell cell : report.cells()) {
      if (cell.outcome() == Outcome.SKIPPED) {
        operations
            .computeIfAbsent(List.of(cell.implementation(), cell.reason()), _ -> new ArrayList<>())
            .add((cell.operation() + " " + cell.type()).strip());
      }
    }
    List<Row> rows = new ArrayList<>();
    operations.forEach((key, what) ->
        rows.add(
            Row.of(
                "",
                List.of(
                    Cell.text(key.get(0)),
                    Cell.text(key.get(1)),
                    Cell.text(
                        what.size() > 3 ? what.size() + " cells" : String.join(", ", what))))));
    return new Table(
        "skipped",
        "What could not run here",
        List.of(Head.text("Implementation"), Head.text("Why"), Head.text("What")),
        rows);
  }
}
