package io.github.jdropout.parity;

import io.github.jdropout.parity.CaseResult.Difference;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;

/** Runs cases one after the other, with memory and threads that they share. */
final class Session implements AutoCloseable {
  private final Subject subject;
  private final Workspace workspace;
  private final Map<Integer, ForkJoinPool> pools = new HashMap<>();

  Session(Subject subject, Tables tables) {
    this.subject = subject;
    this.workspace = new Workspace(tables);
  }

  /** Runs a case; a failure of the implementation is a difference. */
  CaseResult run(ParityCase given) {
    workspace.reset();
    CaseRunner runner = CaseRunner.of(given.operation());
    try {
      return runner.run(given, subject, workspace, this::call);
    } catch (FailedCall e) {
      return CaseResult.of(
          new Difference(0, "", "", "", "the call failed: " + describe(e.getCause())));
    }
  }

  private static String describe(Throwable failure) {
    // A pool throws what a task threw again, wrapped in its own kind.
    Throwable first = failure;
    while (first.getCause() != null && first.getCause().getClass() == first.getClass()) {
      first = first.getCause();
    }
    return first.toString();
  }

  /** Tells a failure of the implementation from one of the suite. */
  private static final class FailedCall extends RuntimeException {
    private static final long serialVersionUID = 1L;

    FailedCall(Throwable cause) {
      super(cause);
    }
  }

  /** The caller's thread where the count is 0, else a pool of so many. */
  private void call(int count, Runnable call) {
    try {
      if (count == 0) {
        call.run();
      } else {
        // Unlike a future, it does not return early where this thread is interrupted.
        pools
            .computeIfAbsent(count, threads -> new ForkJoinPool(threads))
            .invoke(ForkJoinTask.adapt(call));
      }
    } catch (RuntimeException | Error e) {
      throw new FailedCall(e);
    }
  }

  @Override
  public void close() {
    pools.values().forEach(ForkJoinPool::shutdown);
  }
}
