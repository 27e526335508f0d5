package io.github.jdropout.cli.bench;

import io.github.jdropout.bench.result.Samples;
import io.github.jdropout.bench.result.TrainingStep;
import java.util.Locale;

/** What dropout adds to a training step, in two lines. */
public final class TrainingLines {
  private TrainingLines() {}

  /** Returns the lines. */
  public static String of(TrainingStep step) {
    return String.format(
        Locale.ROOT,
        "%s: %s%n  dropout %s adds %+.2f %% by pairs of turns (95 %% interval %+.2f to %+.2f, %d"
            + " turns); medians %.3f ms without, %.3f ms with; %s",
        step.where().equals("cpu") ? "CPU" : "GPU",
        step.name() + "; " + step.shape(),
        step.p(),
        step.overheadPercent(),
        step.lowPercent(),
        step.highPercent(),
        step.onNanos().size(),
        Samples.median(step.offNanos()) / 1e6,
        Samples.median(step.onNanos()) / 1e6,
        step.by());
  }
}
