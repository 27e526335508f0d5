package io.github.jdropout.bench;

import io.github.jdropout.bench.result.BenchRun;
import java.io.IOException;

/** Something that is measured from its beginning to its end, or until it is stopped. */
public interface Measuring {
  /**
   * Measures everything, and returns when that is done.
   *
   * @throws IllegalArgumentException if there is nothing to be measured
   * @throws IOException if the log cannot be written
   */
  void run() throws IOException;

  /** Makes {@link #run} return soon, with what there is until then; any thread may call this. */
  void stop();

  /** Returns whether something that should have been measured failed, or had a wrong output. */
  boolean hasFailed();

  /**
   * Returns what there is so far; any thread may ask.
   *
   * @param isComplete what the result says of itself
   */
  BenchRun result(boolean isComplete);
}
