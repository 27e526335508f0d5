package io.github.jdropout.cli;

import io.github.jdropout.cli.terminal.ProgressBar;
import java.io.PrintWriter;
import java.util.Optional;

/** Shows how many elements of a file are done; nothing where nobody watches. */
final class ChunkProgress implements AutoCloseable {
  private final Optional<ProgressBar> bar;
  private final String doing;

  /**
   * Creates a view, which shows nothing yet.
   *
   * @param err where it is shown
   * @param isTerminal whether somebody watches
   * @param what is done, a word
   * @param total elements
   * @param chunk elements at a time; a single chunk is not worth a bar
   */
  ChunkProgress(PrintWriter err, boolean isTerminal, String what, long total, long chunk) {
    this.bar =
        isTerminal && total > chunk
            ? Optional.of(new ProgressBar(err, true, what, total))
            : Optional.empty();
    this.doing = "of " + total + " elements";
  }

  /** Adds elements that are done. */
  void advance(long elements) {
    bar.ifPresent(shown -> shown.advance(elements, doing));
  }

  @Override
  public void close() {
    bar.ifPresent(ProgressBar::close);
  }
}
