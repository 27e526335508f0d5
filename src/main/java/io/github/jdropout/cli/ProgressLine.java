package io.github.jdropout.cli;

import io.github.jdropout.cli.train.Experiment;
import io.github.jdropout.cli.train.TrainingPlan;
import io.github.jdropout.cli.train.Variant;
import java.io.PrintWriter;

/** Shows progress: one line that changes on a terminal, a line now and then elsewhere. */
final class ProgressLine implements Experiment.Progress {
  private static final long TERMINAL_NANOS = 100_000_000L;
  private static final long PLAIN_NANOS = 10_000_000_000L;
  private static final int WIDTH = 78;

  private final PrintWriter err;
  private final boolean isTerminal;
  private final long totalEpochs;
  private long doneEpochs;
  private long lastNanos = System.nanoTime() - PLAIN_NANOS;

  ProgressLine(PrintWriter err, boolean isTerminal, TrainingPlan plan) {
    this.err = err;
    this.isTerminal = isTerminal;
    this.totalEpochs = (long) plan.epochs() * plan.seeds() * Variant.values().length;
  }

  @Override
  public synchronized void epoch(Variant variant, long seed, int epoch) {
    doneEpochs++;
    long percent = 100 * doneEpochs / totalEpochs;
    show(
        "training %3d %%: %s, seed %d, epoch %d".formatted(percent, variant.label(), seed, epoch),
        doneEpochs == totalEpochs);
  }

  @Override
  public synchronized void phase(String what) {
    show(what, true);
  }

  /** Clears the line that changes. */
  synchronized void finish() {
    if (isTerminal) {
      err.print("\r" + " ".repeat(WIDTH) + "\r");
      err.flush();
    }
  }

  private void show(String text, boolean isImportant) {
    long now = System.nanoTime();
    if (!isImportant && now - lastNanos < (isTerminal ? TERMINAL_NANOS : PLAIN_NANOS)) {
      return;
    }
    lastNanos = now;
    if (isTerminal) {
      String shown = text.substring(0, Math.min(WIDTH, text.length()));
      err.print("\r" + shown + " ".repeat(WIDTH - shown.length()));
      err.flush();
    } else {
      err.println(text);
    }
  }
}
