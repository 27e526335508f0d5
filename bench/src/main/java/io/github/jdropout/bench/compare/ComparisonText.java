package io.github.jdropout.bench.compare;

import io.github.jdropout.bench.result.BenchCase;
import io.github.jdropout.bench.result.BenchRun;
import io.github.jdropout.bench.result.Samples;
import io.github.jdropout.bench.result.TrainingStep;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** A comparison in lines of text: a head, a table, what only one run has, and a summary. */
public final class ComparisonText {
  private final Comparison comparison;
  private final Paint paint;
  private final List<String> lines = new ArrayList<>();

  /** Colours a verdict. */
  @FunctionalInterface
  public interface Paint {
    /** Returns text in the colour of a verdict, or as it is. */
    String of(Verdict verdict, String text);
  }

  private ComparisonText(Comparison comparison, Paint paint) {
    this.comparison = comparison;
    this.paint = paint;
  }

  /** Returns the lines. */
  public static List<String> lines(Comparison comparison, Paint paint) {
    ComparisonText text = new ComparisonText(comparison, paint);
    text.head();
    text.cases();
    text.training();
    text.only("A", comparison.onlyInA());
    text.only("B", comparison.onlyInB());
    text.summary();
    return List.copyOf(text.lines);
  }

  private void head() {
    BenchRun a = comparison.a().run();
    BenchRun b = comparison.b().run();
    lines.add("A  " + describe(comparison.a()));
    lines.add("B  " + describe(comparison.b()));
    difference("version", a.run().version(), b.run().version());
    if (!a.cases().isEmpty() && !b.cases().isEmpty()) {
      difference("p", probabilities(a), probabilities(b));
    }
    differences("machine", a.machine(), b.machine());
    difference("GPUs", "" + a.devices().size(), "" + b.devices().size());
    for (int i = 0; i < Math.min(a.devices().size(), b.devices().size()); i++) {
      differences("GPU " + i, a.devices().get(i), b.devices().get(i));
    }
    interrupted("A", a);
    interrupted("B", b);
    lines.add("");
  }

  private static String describe(StoredRun stored) {
    BenchRun.Run run = stored.run().run();
    return stored.name()
        + "  "
        + run.date()
        + "  JDropout "
        + run.version()
        + ", revision "
        + run.revision();
  }

  private static String probabilities(BenchRun run) {
    return run.cases().stream()
        .map(BenchCase::p)
        .distinct()
        .sorted()
        .map(String::valueOf)
        .collect(Collectors.joining(", "));
  }

  private void differences(String what, Map<String, String> a, Map<String, String> b) {
    TreeSet<String> names = new TreeSet<>(a.keySet());
    names.addAll(b.keySet());
    for (String name : names) {
      difference(
          what + " " + name, a.getOrDefault(name, "unknown"), b.getOrDefault(name, "unknown"));
    }
  }

  private void difference(String what, String a, String b) {
    if (!Objects.equals(a, b)) {
      lines.add("differs: " + what + ": " + a + " in A, " + b + " in B");
    }
  }

  private void interrupted(String name, BenchRun run) {
    if (!run.run().isComplete()) {
      lines.add(name + " was interrupted: it has some of its cases only");
    }
  }

  private void cases() {
    if (comparison.changes().isEmpty()) {
      return;
    }
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("case", "A", "B", "time", "95 %", "copy", "beside copy"));
    for (CaseChange change : comparison.changes()) {
      rows.add(
          List.of(
              change.a().id(),
              time(change.a().median()),
              time(change.b().median()),
              percent(change.time().ratio()),
              percent(change.time().low()) + " to " + percent(change.time().high()),
              change.copy().map(shift -> percent(shift.ratio())).orElse("–"),
              change.besideCopy().map(shift -> percent(shift.ratio())).orElse("–")));
    }
    List<String> table = aligned(rows);
    lines.add(table.getFirst());
    for (int i = 0; i < comparison.changes().size(); i++) {
      Verdict verdict = comparison.changes().get(i).verdict();
      lines.add(table.get(i + 1) + "  " + paint.of(verdict, verdict.label()));
    }
    lines.add("");
  }

  /** Returns rows with the first column at its left end and the others at their right. */
  private static List<String> aligned(List<List<String>> rows) {
    int[] widths =
        IntStream.range(0, rows.getFirst().size())
            .map(i -> rows.stream().mapToInt(row -> row.get(i).length()).max().orElseThrow())
            .toArray();
    return rows.stream()
        .map(row ->
            IntStream.range(0, widths.length)
                .mapToObj(i -> {
                  String space = " ".repeat(widths[i] - row.get(i).length());
                  return i == 0 ? row.get(i) + space : space + row.get(i);
                })
                .collect(Collectors.joining("  ")))
        .toList();
  }

  private void training() {
    for (Comparison.TrainingChange change : comparison.training()) {
      lines.add(
          change.a().where()
              + ", "
              + change.a().name()
              + ": "
              + overhead(change.a())
              + " in A, "
              + overhead(change.b())
              + " in B, "
              + (change.isClear() ? "a clear difference" : Verdict.UNCLEAR.label()));
    }
    if (!comparison.training().isEmpty()) {
      lines.add("");
    }
  }

  private static String overhead(TrainingStep step) {
    return String.format(
        Locale.ROOT,
        "%+.2f %% (%+.2f to %+.2f)",
        step.overheadPercent(),
        step.lowPercent(),
        step.highPercent());
  }

  private void only(String name, List<BenchCase> cases) {
    cases.forEach(measured -> lines.add("only in " + name + ": " + measured.id()));
    if (!cases.isEmpty()) {
      lines.add("");
    }
  }

  private void summary() {
    int count = comparison.changes().size();
    if (count == 0) {
      if (comparison.training().isEmpty()) {
        lines.add("The two have no case in common.");
      }
      return;
    }
    lines.add(
        Stream.of(Verdict.values())
            .filter(verdict -> verdict == Verdict.UNCLEAR || comparison.count(verdict) > 0)
            .map(verdict -> paint.of(verdict, comparison.count(verdict) + " " + verdict.label()))
            .collect(Collectors.joining(", ")));
    long few = comparison.changes().stream().filter(c -> c.hasTooFewSamples(count)).count();
    if (few > 0) {
      lines.add(few + " of " + count + " have too few samples for any difference to be clear.");
    }
    List<Double> moved =
        comparison.changes().stream()
            .filter(CaseChange::copyMoved)
            .map(change -> change.copy().orElseThrow().ratio())
            .toList();
    if (!moved.isEmpty()) {
      lines.add(
          "The machine itself changed: beside "
              + moved.size()
              + " of "
              + count
              + " cases the copy takes another time, "
              + percent(Samples.median(moved))
              + " in the middle.");
    }
  }

  private static String percent(double ratio) {
    // Adding 0 makes a number that rounds to -0.0 print as +0.0.
    return String.format(Locale.ROOT, "%+.1f %%", Math.rint(1000 * (ratio - 1)) / 10 + 0.0);
  }

  private static String time(double nanos) {
    if (nanos < 1e3) {
      return String.format(Locale.ROOT, "%.1f ns", nanos);
    }
    return nanos < 1e6
        ? String.format(Locale.ROOT, "%.2f µs", nanos / 1e3)
        : String.format(Locale.ROOT, "%.2f ms", nanos / 1e6);
  }
}
