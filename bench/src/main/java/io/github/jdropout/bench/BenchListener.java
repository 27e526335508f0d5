package io.github.jdropout.bench;

import io.github.jdropout.bench.result.BenchCase;
import io.github.jdropout.bench.result.BenchRun;
import io.github.jdropout.bench.result.TrainingStep;

/** Follows a {@link BenchSession}; all calls come from the thread that runs it. */
public interface BenchListener {
  /** Says how much there is to do, before anything is done. */
  void planned(long units);

  /** Says how much more is done, and what comes next. */
  void advanced(long units, String next);

  /** Hands on a case as soon as it is there. */
  void measured(BenchCase measured);

  /** Hands on what dropout adds to a training step. */
  default void trained(TrainingStep step) {}

  /** Says what cannot be measured. */
  void absent(BenchRun.Absent absent);
}
