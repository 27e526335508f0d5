package io.github.jdropout.cli.parity;

import io.github.jdropout.cli.terminal.ProgressBar;
import io.github.jdropout.parity.ParityReport;
import io.github.jdropout.parity.ParityReport.Cell;
import io.github.jdropout.parity.ParityReport.Outcome;
import io.github.jdropout.parity.ParityReport.StatisticalTest;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Help.Ansi;

/** A run on the terminal: the bar, the table as it grows, and the verdict. */
final class ParityTerminal implements ParityListener {
  /** Of more failures than that, the files have the rest. */
  private static final int MOST_DIFFERENCES = 10;

  private final PrintWriter out;
  private final ParityTable table;
  private final ProgressBar bar;
  private final boolean isQuiet;
  private boolean hasHeader;

  /**
   * Creates a view.
   *
   * @param isQuiet whether standard output is for something else
   */
  ParityTerminal(PrintWriter out, Ansi ansi, ProgressBar bar, boolean isQuiet) {
    this.out = out;
    this.table = new ParityTable(ansi);
    this.bar = bar;
    this.isQuiet = isQuiet;
  }

  @Override
  public void progress(long units, String doing) {
    bar.advance(units, doing);
  }

  @Override
  public void dropped(long units) {
    bar.shrink(units);
  }

  @Override
  public void ended(List<Cell> cells) {
    List<Cell> shown =
        cells.stream()
            .filter(cell -> cell.outcome() != Outcome.SKIPPED || !cell.operation().isEmpty())
            .toList();
    if (!isQuiet && !shown.isEmpty()) {
      bar.interrupt(() -> print(shown));
    }
  }

  private void print(List<Cell> cells) {
    if (!hasHeader) {
      out.println(table.header());
      hasHeader = true;
    }
    table.lines(cells.getFirst().implementation(), cells).forEach(out::println);
    out.flush();
  }

  /** Prints what can only be said at the end. */
  void conclude(ParityReport report) {
    if (!isQuiet) {
      skipped(report.cells()).forEach(out::println);
      printStatistics(report.statistics());
      printDifferences(report.cells());
      out.println();
      out.println(verdict(report));
      out.flush();
    }
  }

  /** Returns a line for each reason. */
  private List<String> skipped(List<Cell> cells) {
    Map<String, List<String>> names = new LinkedHashMap<>();
    for (Cell cell : cells) {
      if (cell.outcome() == Outcome.SKIPPED && cell.operation().isEmpty()) {
        names.computeIfAbsent(cell.reason(), _ -> new ArrayList<>()).add(cell.implementation());
      }
    }
    List<String> lines = new ArrayList<>();
    names.forEach((reason, skipped) ->
        lines.add(
            table.mark(Outcome.SKIPPED, "skipped")
                + " "
                + String.join(", ", skipped)
                + ": "
                + reason));
    if (!lines.isEmpty()) {
      lines.addFirst("");
    }
    return lines;
  }

  private void printStatistics(List<StatisticalTest> tests) {
    if (!tests.isEmpty()) {
      out.println();
      table.statistics(tests).forEach(out::println);
    }
  }

  private void printDifferences(List<Cell> cells) {
    List<Cell> failed = cells.stream().filter(cell -> cell.outcome() == Outcome.FAILED).toList();
    for (Cell cell : failed.subList(0, Math.min(failed.size(), MOST_DIFFERENCES))) {
      out.println();
      Difference.lines(cell).forEach(out::println);
    }
    if (failed.size() > MOST_DIFFERENCES) {
      out.println();
      out.println("and " + (failed.size() - MOST_DIFFERENCES) + " more cells that failed");
    }
  }

  private String verdict(ParityReport report) {
    Outcome outcome = report.passed() ? Outcome.PASSED : Outcome.FAILED;
    String word = report.passed() ? "PASSED" : "FAILED";
    if (!report.isComplete() && report.count(Outcome.FAILED) == 0) {
      outcome = Outcome.SKIPPED;
      word = "INTERRUPTED";
    } else if (!report.isComplete()) {
      word = "FAILED, interrupted";
    }
    long accused = report.statistics().stream().filter(test -> !test.passed()).count();
    return table.mark(outcome, word)
        + ": "
        + ParityTable.number(report.count(Outcome.PASSED), "cell")
        + " passed, "
        + report.count(Outcome.FAILED)
        + " failed, "
        + ParityTable.number(report.count(Outcome.SKIPPED), "variant")
        + " skipped; "
        + ParityTable.count(report.cells().stream().mapToLong(Cell::elements).sum())
        + " elements in "
        + String.format(Locale.ROOT, "%.0f s", report.seconds())
        + (report.statistics().isEmpty()
            ? ""
            : "; "
                + (report.statistics().size() - accused)
                + " of "
                + report.statistics().size()
                + " tests of randomness passed")
        + NothingRan.reason(report).map(reason -> "; " + reason).orElse("");
  }
}
