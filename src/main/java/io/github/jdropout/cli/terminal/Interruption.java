package io.github.jdropout.cli.terminal;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Lets work end in order when the user presses Ctrl-C, or the system asks the program to end.
 *
 * <p>The JVM then waits until this is closed, but not for ever, and ends with 128 plus the signal's
 * number, whatever exit code the program would have given.
 */
public final class Interruption implements AutoCloseable {
  /** The exit code after Ctrl-C. */
  public static final int EXIT_CODE = 130;

  private static final long PATIENCE_SECONDS = 60;

  private final CountDownLatch ended = new CountDownLatch(1);
  private final Thread hook;
  private volatile boolean isInterrupted;

  private Interruption(Runnable stop) {
    hook = new Thread(() -> stopAndWait(stop), "interruption");
  }

  /**
   * Watches for the program's end.
   *
   * @param stop called once, in a thread of its own; must make the work end soon
   */
  public static Interruption watch(Runnable stop) {
    Interruption interruption = new Interruption(stop);
    Runtime.getRuntime().addShutdownHook(interruption.hook);
    return interruption;
  }

  /** Returns whether the work has been told to stop. */
  public boolean isInterrupted() {
    return isInterrupted;
  }

  private void stopAndWait(Runnable stop) {
    isInterrupted = true;
    stop.run();
    try {
      ended.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Says that the work has ended and all is written. */
  @Override
  public void close() {
    ended.countDown();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The JVM is ending: the hook runs, and does not have to be removed.
    }
  }
}
