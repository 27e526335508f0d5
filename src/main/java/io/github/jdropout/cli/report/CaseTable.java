package io.github.jdropout.cli.report;

import io.github.jdropout.bench.result.BenchCase;
import io.github.jdropout.bench.result.BenchRun;
import io.github.jdropout.bench.result.Samples;
import io.github.jdropout.bench.result.TrainingStep;
import io.github.jdropout.cli.report.Table.Cell;
import io.github.jdropout.cli.report.Table.Head;
import io.github.jdropout.cli.report.Table.Row;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/** Everything that was measured, as tables. */
final class CaseTable {
  private static final double LOWER_QUARTER = 0.25;
  private static final double UPPER_QUARTER = 0.75;

  private CaseTable() {}

  /** Returns all cases with all figures, and a column for each peer. */
  static Table of(BenchRun run) {
    Peers peers = new Peers(run);
    List<Head> heads = new ArrayList<>();
    for (String head : List.of("By", "Operation", "Type")) {
      heads.add(Head.text(head));
    }
    heads.add(Head.number("Elements"));
    heads.add(Head.number("Time of a call"));
    heads.add(Head.text("25 % … 75 %"));
    for (String head : List.of("10⁹ elements/s", "GB/s", "Of a copy", "Of theory")) {
      heads.add(Head.number(head));
    }
    peers.names().forEach(peer -> heads.add(Head.number("× " + peer)));
    // What is asked less often, and hidden first where the page is narrow.
    heads.add(Head.text("Place"));
    heads.add(Head.text("Storage"));
    for (String head : List.of("p", "Threads", "Bytes read", "Bytes written", "Samples")) {
      heads.add(Head.number(head));
    }
    List<Row> rows = new ArrayList<>();
    for (BenchCase it : run.cases()) {
      rows.add(Row.of("case-" + rows.size(), cells(it, peers)));
    }
    return new Table("cases", "Every case that was measured", heads, rows);
  }

  private static List<Cell> cells(BenchCase it, Peers peers) {
    List<Double> samples = it.nanosPerCall();
    boolean movesBytes = it.bytesRead() + it.bytesWritten() > 0;
    List<Cell> cells =
        new ArrayList<>(
            List.of(
                Cell.text(it.by()),
                Cell.text(it.operation()),
                Cell.text(it.type()),
                Cell.count(it.elements(), Numbers.elements(it.elements())),
                Cell.number(it.median(), Numbers.nanos(it.median())),
                Cell.text(
                    Numbers.nanos(Samples.quantile(samples, LOWER_QUARTER))
                        + " … "
                        + Numbers.nanos(Samples.quantile(samples, UPPER_QUARTER))
                        + (it.hasSettled() ? "" : ", not settled")),
                figure(it.gigaelementsPerSecond()),
                movesBytes ? figure(it.gigabytesPerSecond()) : Cell.none(),
                part(it.ofCopy()),
                part(it.ofTheoretical())));
    for (String peer : peers.names()) {
      OptionalDouble ratio = peers.ratio(it, peer);
      cells.add(ratio.isPresent() ? figure(ratio.getAsDouble()) : Cell.none());
    }
    cells.addAll(
        List.of(
            Cell.text(it.place().name().toLowerCase(Locale.ROOT)),
            Cell.text(it.storage()),
            Cell.number(it.p(), Numbers.exact(it.p())),
            it.threads() == 0 ? Cell.none() : Cell.count(it.threads(), "" + it.threads()),
            Cell.count(it.bytesRead(), Numbers.bytes(it.bytesRead())),
            Cell.count(it.bytesWritten(), Numbers.bytes(it.bytesWritten())),
            Cell.count(samples.size(), Numbers.grouped(samples.size()))));
    return cells;
  }

  /** Returns the training steps with their figures. */
  static Table training(List<TrainingStep> steps) {
    List<Head> heads =
        List.of(
            Head.text("Step"),
            Head.text("Shape"),
            Head.text("Where"),
            Head.text("By"),
            Head.number("p"),
            Head.number("Without dropout"),
            Head.number("With dropout"),
            Head.number("Added"),
            Head.number("95 % interval"),
            Head.number("Turns"));
    List<Row> rows = new ArrayList<>();
    for (TrainingStep step : steps) {
      double off = Samples.median(step.offNanos());
      double on = Samples.median(step.onNanos());
      rows.add(
          Row.of(
              "step-" + rows.size(),
              List.of(
                  Cell.text(step.name()),
                  Cell.text(step.shape()),
                  Cell.text(step.where()),
                  Cell.text(step.by()),
                  Cell.number(step.p(), Numbers.exact(step.p())),
                  Cell.number(off, Numbers.nanos(off)),
                  Cell.number(on, Numbers.nanos(on)),
                  Cell.number(
                      step.overheadPercent(), Numbers.signed(step.overheadPercent()) + " %"),
                  Cell.text(interval(step)),
                  Cell.count(step.onNanos().size(), Numbers.grouped(step.onNanos().size())))));
    }
    return new Table("steps", "Training steps with dropout and without", heads, rows);
  }

  static String interval(TrainingStep step) {
    return Numbers.signed(step.lowPercent()) + " … " + Numbers.signed(step.highPercent()) + " %";
  }

  private static Cell figure(double value) {
    return Cell.number(value, Numbers.significant(value));
  }

  private static Cell part(OptionalDouble part) {
    return part.isPresent() ? Cell.part(part.getAsDouble()) : Cell.none();
  }
}
