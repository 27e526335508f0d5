package io.github.jdropout.cli.report;

import io.github.jdropout.bench.result.BenchRun;
import io.github.jdropout.cli.file.FileOutput;
import io.github.jdropout.cli.report.Facts.Tile;
import io.github.jdropout.cli.report.Table.Cell;
import io.github.jdropout.cli.report.Table.Head;
import io.github.jdropout.cli.report.Table.Row;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A run of the benchmark as one page of HTML that needs nothing else. */
public final class BenchPage {
  private BenchPage() {}

  /**
   * Writes the page. Where charts cannot be drawn, it has the tables alone and says why.
   *
   * @param html replaced if it is there
   * @return the file, and why charts are missing
   */
  public static Written write(BenchRun run, Path html) throws IOException {
    View view = view(run);
    FileOutput.write(html, Html.page("bench", view));
    return new Written(List.of(html), view.page.problems());
  }

  /** What the template shows. */
  private record View(
      Page page,
      List<String> warnings,
      List<Tile> tiles,
      List<Facts> facts,
      List<Section> sections) {}

  private static View view(BenchRun run) {
    BenchPlans plans = BenchPlans.of(run);
    List<Section> sections =
        Stream.of(
                Section.of("Against the speed of memory", plans.rooflines()),
                Section.of("Beside other implementations", plans.peers()),
                Section.of("Sweeps", plans.sweeps()),
                new Section(
                    "CPU or GPU for host memory",
                    "",
                    Crossover.of(run).stream().map(Crossover::sentence).toList(),
                    Section.figures(plans.crossovers()),
                    List.of()),
                new Section(
                    "Dropout in a training step",
                    "",
                    List.of(),
                    Section.figures(plans.training()),
                    List.of(CaseTable.training(run.training()))),
                Section.of(
                    "All cases",
                    "The time of a call is the median of its samples; the quarters beside it are"
                        + " their spread. × is how many times as fast as the peer.",
                    CaseTable.of(run)),
                Section.of("Absent", "", absent(run)))
            .filter(section -> !section.isEmpty())
            .toList();
    return new View(
        Page.of("JDropout benchmark", subtitle(run), ReportJson.of(run), sections),
        warnings(run),
        BenchSummary.of(run),
        facts(run),
        sections);
  }

  private static String subtitle(BenchRun run) {
    int cases = run.cases().size();
    return (cases == 1 ? "1 case" : Numbers.grouped(cases) + " cases")
        + " on "
        + run.run().date()
        + ", revision "
        + run.run().revision();
  }

  private static List<String> warnings(BenchRun run) {
    List<String> warnings = new ArrayList<>();
    if (run.run().isQuick()) {
      warnings.add("A quick run, for the output alone: its times say nothing.");
    }
    if (!run.run().isComplete()) {
      warnings.add("Interrupted: what is here was measured before, the rest is missing.");
    }
    if (run.cases().isEmpty() && run.training().isEmpty()) {
      warnings.add("Nothing was measured.");
    }
    return warnings;
  }

  private static List<Facts> facts(BenchRun run) {
    Map<String, String> what = new LinkedHashMap<>();
    what.put("command", run.run().command());
    what.put("date", run.run().date());
    what.put("version", run.run().version());
    what.put("revision", run.run().revision());
    List<Facts> facts = new ArrayList<>();
    facts.add(Facts.of("Run", what));
    facts.add(Facts.of("Machine", run.machine()));
    for (Map<String, String> device : run.devices()) {
      facts.add(Facts.of(run.devices().size() == 1 ? "GPU" : "GPU " + (facts.size() - 1), device));
    }
    return facts;
  }

  private static Table absent(BenchRun run) {
    return new Table(
        "absent",
        "What could not be measured here",
        List.of(Head.text("What"), Head.text("Why")),
        run.absent().stream()
            .map(it -> Row.of("", List.of(Cell.text(it.what()), Cell.text(it.reason()))))
            .toList());
  }
}
