package io.github.jdropout.cli.report;

import io.github.jdropout.cli.file.FileOutput;
import io.github.jdropout.cli.report.Facts.Fact;
import io.github.jdropout.cli.report.Facts.Tile;
import io.github.jdropout.parity.ParityReport;
import io.github.jdropout.parity.ParityReport.Cell;
import io.github.jdropout.parity.ParityReport.Mismatch;
import io.github.jdropout.parity.ParityReport.Outcome;
import io.github.jdropout.parity.ParityReport.StatisticalTest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A parity report as one page of HTML that needs nothing else. */
public final class ParityPage {
  private ParityPage() {}

  /**
   * Writes the page. Where charts cannot be drawn, it has the tables alone and says why.
   *
   * @param html replaced if it is there
   * @return the file, and why charts are missing
   */
  public static Written write(ParityReport report, Path html) throws IOException {
    View view = view(report);
    FileOutput.write(html, Html.page("parity", view));
    return new Written(List.of(html), view.page.problems());
  }

  /** What the template shows. */
  private record View(
      Page page,
      Verdict verdict,
      List<Tile> tiles,
      List<Facts> facts,
      List<Difference> differences,
      List<ParityGrid> grid,
      List<Section> sections) {
    /** Returns whether there is any. */
    @SuppressWarnings("UnusedMethod") // The template asks.
    boolean hasDifferences() {
      return !differences.isEmpty();
    }
  }

  /**
   * The verdict.
   *
   * @param kind CSS class
   * @param word of it, with a sign that needs no colour
   * @param sentence that says what it means
   */
  private record Verdict(String kind, String word, String sentence) {}

  /**
   * A cell that failed.
   *
   * @param title which
   * @param reason what failed
   * @param target identifier of its row in the table
   * @param facts of the first element that differs; none if none does
   * @param command that repeats it; may be empty
   */
  private record Difference(
      String title, String reason, String target, List<Fact> facts, String command) {}

  private static View view(ParityReport report) {
    List<Section> sections =
        Stream.of(
                new Section(
                    "The mask's statistics",
                    "",
                    List.of(),
                    Section.figures(ParityPlans.statistics(report)),
                    List.of(ParityTables.statistics(report))),
                Section.of("Skipped", "", ParityTables.skipped(report)),
                Section.of("All comparisons", "", ParityTables.cells(report)))
            .filter(section -> !section.isEmpty())
            .toList();
    return new View(
        Page.of("JDropout parity", subtitle(report), ReportJson.of(report), sections),
        verdict(report),
        tiles(report),
        List.of(Facts.of("Run", report.run()), Facts.of("Machine", report.machine())),
        differences(report),
        report.cells().isEmpty() ? List.of() : List.of(ParityGrid.of(report)),
        sections);
  }

  private static String subtitle(ParityReport report) {
    return "Every implementation against the reference, in "
        + Numbers.significant(report.seconds())
        + " seconds";
  }

  private static Verdict verdict(ParityReport report) {
    long failed = report.count(Outcome.FAILED);
    long badTests = report.statistics().stream().filter(test -> !test.passed()).count();
    String partly = report.isComplete() ? "" : " The run was interrupted: the rest is not known.";
    if (failed + badTests > 0) {
      String what =
          Stream.of(count(failed, "comparison"), count(badTests, "statistical test"))
              .filter(part -> !part.startsWith("0 "))
              .collect(Collectors.joining(" and "));
      return new Verdict("bad", "✗ Failed", what + " failed." + partly);
    }
    if (report.count(Outcome.PASSED) == 0) {
      return new Verdict("warn", "– No verdict", "Nothing was compared." + partly);
    }
    String what = "Everything that was compared is equal, or within its bound.";
    return report.isComplete()
        ? new Verdict("good", "✓ Passed", what)
        : new Verdict("warn", "– Interrupted", what + partly);
  }

  private static String count(long count, String what) {
    return Numbers.grouped(count) + " " + what + (count == 1 ? "" : "s");
  }

  private static List<Tile> tiles(ParityReport report) {
    long calls = report.cells().stream().mapToLong(Cell::cases).sum();
    long elements = report.cells().stream().mapToLong(Cell::elements).sum();
    long tests = report.statistics().stream().filter(StatisticalTest::passed).count();
    return List.of(
        new Tile(Numbers.grouped(report.count(Outcome.PASSED)), "comparisons passed"),
        new Tile(Numbers.grouped(report.count(Outcome.FAILED)), "failed"),
        new Tile(Numbers.grouped(report.count(Outcome.SKIPPED)), "skipped"),
        new Tile(Numbers.large(calls), "calls"),
        new Tile(Numbers.large(elements), "elements compared"),
        new Tile(tests + " of " + report.statistics().size(), "statistical tests passed"));
  }

  private static List<Difference> differences(ParityReport report) {
    List<Difference> differences = new ArrayList<>();
    for (int i = 0; i < report.cells().size(); i++) {
      Cell cell = report.cells().get(i);
      if (cell.outcome() == Outcome.FAILED) {
        differences.add(
            new Difference(
                Stream.of(cell.implementation(), cell.operation(), cell.type())
                    .filter(part -> !part.isEmpty())
                    .collect(Collectors.joining(" · ")),
                cell.reason(),
                ParityGrid.id(i),
                cell.mismatch().map(ParityPage::facts).orElse(List.of()),
                cell.mismatch().map(Mismatch::command).orElse("")));
      }
    }
    return differences;
  }

  private static List<Fact> facts(Mismatch it) {
    return Stream.of(
            new Fact("expected bits", it.expected()),
            new Fact("actual bits", it.actual()),
            new Fact("input bits", it.input()),
            new Fact("element", Numbers.grouped(it.index()) + " of " + Numbers.grouped(it.count())),
            new Fact("seed", Long.toString(it.seed())),
            new Fact("stream", Long.toString(it.stream())),
            new Fact("first index", Long.toString(it.firstIndex())),
            new Fact("p", Numbers.exact(it.p())),
            new Fact("call", it.details()))
        .filter(fact -> !fact.value().isEmpty())
        .toList();
  }
}
