package io.github.jdropout.cli;

import io.github.jdropout.cli.terminal.ProgressBar;
import io.github.jdropout.cli.train.Experiment;
import io.github.jdropout.cli.train.Variant;
import java.io.PrintWriter;

/** Shows the epochs that have been trained. */
record TrainingProgress(ProgressBar bar, PrintWriter err) implements Experiment.Progress {
  @Override
  public void epoch(Variant variant, long seed, int epoch) {
    bar.advance(1, variant.label() + ", seed " + seed + ", epoch " + epoch);
  }

  @Override
  public void phase(String what) {
    bar.interrupt(() -> err.println(what));
  }
}
