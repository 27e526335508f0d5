package io.github.jdropout.cli.terminal;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Shows how far work has come: a bar that changes on a terminal, a line now and then elsewhere.
 *
 * <p>Its methods may be called from any thread.
 */
public final class ProgressBar implements AutoCloseable {
  private static final long TERMINAL_NANOS = 100_000_000L;
  private static final long PLAIN_NANOS = 10_000_000_000L;

  /** Before that, the rate of the work says little about the time left. */
  private static final long ESTIMATE_AFTER_NANOS = 1_000_000_000L;

  private static final int WIDTH = 78;
  private static final int CELLS = 20;

  private final PrintWriter err;
  private final boolean isTerminal;
  private final String what;
  private long total;
  private final LongSupplier nanoTime;
  private final long start;
  private long done;
  private long lastNanos;
  private boolean isShown;

  /**
   * Creates a bar, and shows nothing yet.
   *
   * @param err where it is shown
   * @param isTerminal whether a line there can be overwritten, see {@link #isTerminal()}
   * @param what is being done, a word
   * @param total units of work, at least 1
   */
  public ProgressBar(PrintWriter err, boolean isTerminal, String what, long total) {
    this(err, isTerminal, what, total, System::nanoTime);
  }

  ProgressBar(PrintWriter err, boolean isTerminal, String what, long total, LongSupplier nanoTime) {
    if (total < 1) {
      throw new IllegalArgumentException("total must be at least 1 but is " + total);
    }
    this.err = err;
    this.isTerminal = isTerminal;
    this.what = what;
    this.total = total;
    this.nanoTime = nanoTime;
    this.start = nanoTime.getAsLong();
    // A terminal shows the bar at once; elsewhere short work prints no line at all.
    this.lastNanos = isTerminal ? start - TERMINAL_NANOS : start;
  }

  /** Returns whether somebody watches: the JVM's console is a terminal. */
  public static boolean isTerminal() {
    return Optional.ofNullable(System.console()).filter(java.io.Console::isTerminal).isPresent();
  }

  /**
   * Adds to the work that is done.
   *
   * @param units done since the last call; what goes beyond the total is ignored
   * @param doing what is done now, or was done last
   */
  public synchronized void advance(long units, String doing) {
    done = Math.min(total, done + units);
    long now = nanoTime.getAsLong();
    if (now - lastNanos >= (isTerminal ? TERMINAL_NANOS : PLAIN_NANOS)) {
      lastNanos = now;
      show(now, doing);
    }
  }

  /**
   * Takes work out of the total that turned out not to be there.
   *
   * @param units of it; what is done already stays in the total
   */
  public synchronized void shrink(long units) {
    total = Math.max(Math.max(1, done), total - units);
  }

  /** Runs what prints lines, with the bar out of the way. */
  public synchronized void interrupt(Runnable printing) {
    clear();
    printing.run();
  }

  /** Takes the bar away. */
  @Override
  public synchronized void close() {
    clear();
  }

  private void show(long now, String doing) {
    StringBuilder line = new StringBuilder(what);
    line.append(String.format(Locale.ROOT, " %3d %%", 100 * done / total));
    if (isTerminal) {
      int full = (int) (CELLS * done / total);
      line.append(' ').append("━".repeat(full)).append("─".repeat(CELLS - full));
    }
    long elapsed = now - start;
    if (done > 0 && elapsed >= ESTIMATE_AFTER_NANOS) {
      long seconds = Math.round((double) elapsed / done * (total - done) / 1e9);
      line.append(String.format(Locale.ROOT, " %d:%02d left", seconds / 60, seconds % 60));
    }
    line.append("  ").append(doing);
    if (!isTerminal) {
      err.println(line);
      return;
    }
    int length = Math.min(WIDTH, line.length());
    err.print("\r" + line.substring(0, length) + " ".repeat(WIDTH - length));
    err.flush();
    isShown = true;
  }

  private void clear() {
    if (isShown) {
      err.print("\r" + " ".repeat(WIDTH) + "\r");
      err.flush();
      isShown = false;
    }
  }
}
