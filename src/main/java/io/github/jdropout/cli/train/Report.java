package io.github.jdropout.cli.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** The table and the verdict, as text. */
public final class Report {
  private final Results results;

  /**
   * A line of the table.
   *
   * @param variant which dropout
   * @param trainingAccuracy in percent
   * @param trainingLoss in nats
   * @param validationAccuracy in percent
   * @param validationLoss in nats
   * @param epochMillis the median of each run, in milliseconds
   */
  public record Row(
      Variant variant,
      Sample trainingAccuracy,
      Sample trainingLoss,
      Sample validationAccuracy,
      Sample validationLoss,
      Sample epochMillis) {}

  /** Creates the report of an experiment. */
  public Report(Results results) {
    this.results = results;
  }

  /** Returns the figures of the table. */
  public List<Row> summary() {
    return Arrays.stream(Variant.values()).map(this::row).toList();
  }

  private Row row(Variant variant) {
    return new Row(
        variant,
        results.sample(variant, TrainingRun::trainingPercent),
        results.sample(variant, TrainingRun::trainingLoss),
        results.sample(variant, TrainingRun::validationPercent),
        results.sample(variant, TrainingRun::validationLoss),
        results.sample(variant, TrainingRun::medianEpochMillis));
  }

  /** Returns the table, line by line. */
  public List<String> table() {
    List<String> lines = new ArrayList<>();
    TrainingPlan plan = results.plan();
    lines.add(
        String.format(
            Locale.ROOT,
            "After epoch %d, %s, mean ± standard deviation; digits: %d training, %d validation",
            plan.epochs(),
            seeds(plan.seeds()),
            plan.trainSize(),
            TrainingPlan.DIGITS - plan.trainSize()));
    String format = "%-13s%14s%18s%15s%17s%9s%24s";
    lines.add(
        String.format(
            Locale.ROOT,
            format,
            "",
            "training",
            "training",
            "validation",
            "validation",
            "ms per",
            "dropout"));
    lines.add(
        String.format(
            Locale.ROOT, format, "", "accuracy %", "loss", "accuracy %", "loss", "epoch", "adds"));
    for (Row row : summary()) {
      lines.add(
          String.format(
              Locale.ROOT,
              format,
              row.variant().label(),
              plusMinus("%.1f", row.trainingAccuracy()),
              plusMinus("%.4f", row.trainingLoss()),
              plusMinus("%.2f", row.validationAccuracy()),
              plusMinus("%.3f", row.validationLoss()),
              String.format(Locale.ROOT, "%.1f", row.epochMillis().mean()),
              row.variant() == Variant.NONE ? "" : addedMillis(row.variant())));
    }
    lines.add(
        String.format(
            Locale.ROOT,
            "ms per epoch: median of a run, mean over seeds; what dropout adds: paired by seed, ±"
                + " 95 %% interval; %d networks at a time, one thread each",
            results.atATime()));
    return lines;
  }

  /** Returns what the paired differences allow to say, one line for each comparison. */
  public List<String> verdict() {
    List<String> lines = new ArrayList<>();
    lines.add(
        compare(
            "validation accuracy", "%+.2f points", TrainingRun::validationPercent, Variant.NONE));
    lines.add(compare("validation loss", "%+.3f", TrainingRun::validationLoss, Variant.NONE));
    lines.add(
        compare(
            "validation accuracy", "%+.2f points", TrainingRun::validationPercent, Variant.DL4J));
    lines.add(compare("validation loss", "%+.3f", TrainingRun::validationLoss, Variant.DL4J));
    return lines;
  }

  private String compare(
      String what, String format, ToDoubleFunction<TrainingRun> figure, Variant baseline) {
    Sample difference = results.difference(Variant.JDROPOUT, baseline, figure);
    String heading =
        String.format(
            Locale.ROOT, "%s, %s against %s: ", what, Variant.JDROPOUT.label(), baseline.label());
    String mean = String.format(Locale.ROOT, format, difference.mean());
    if (difference.count() < 2) {
      return heading + mean + " with one seed, which proves nothing; see --seeds";
    }
    String interval =
        String.format(
            Locale.ROOT,
            "%s (95 %% interval ± %s, %s)",
            mean,
            String.format(Locale.ROOT, format, difference.margin()).substring(1),
            seeds(difference.count()));
    return heading + (difference.isClear() ? interval : "no clear difference, " + interval);
  }

  private String addedMillis(Variant variant) {
    Sample added = results.difference(variant, Variant.NONE, TrainingRun::medianEpochMillis);
    String mean = String.format(Locale.ROOT, "%+.1f", added.mean());
    return added.count() < 2 ? mean : mean + String.format(Locale.ROOT, " ± %.1f", added.margin());
  }

  private static String plusMinus(String format, Sample sample) {
    String mean = String.format(Locale.ROOT, format, sample.mean());
    return sample.count() < 2
        ? mean
        : mean + " ± " + String.format(Locale.ROOT, format, sample.sd());
  }

  private static String seeds(int count) {
    return count == 1 ? "1 seed" : count + " seeds";
  }
}
