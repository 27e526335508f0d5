package io.github.jdropout.backend.tiled;

import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.RecursiveAction;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Splits a large range over the fork-join pool: the caller's own where it runs in one, else the
 * common pool. The split changes who computes an element, never what.
 */
public final class ParallelSlices {
  /** Ranges shorter than this run in the caller: waking a worker costs more than it saves. */
  public static final long MIN_ELEMENTS = 1L << 17;

  /** Slices start at multiples of this, so that no two write into one word of a packed mask. */
  private static final long ALIGNMENT = 4096;

  /** More slices than workers, so that one that is descheduled does not hold up the rest. */
  private static final int SLICES_PER_WORKER = 4;

  private ParallelSlices() {}

  /** Computes the elements from {@code from} (inclusive) to {@code to} (exclusive). */
  @FunctionalInterface
  public interface Body {
    /** Runs on one slice, in any thread. */
    void run(long from, long to);
  }

  /** Returns whether {@link #run} would use more than one slice. */
  public static boolean pays(long elementCount) {
    return elementCount >= MIN_ELEMENTS && parallelism() > 1;
  }

  /**
   * Runs the body over [0, elementCount) and returns when all of it is done.
   *
   * <p>A failure of a slice is thrown here, after every slice that runs has ended; slices that have
   * not started then never do.
   */
  public static void run(long elementCount, Body body) {
    long slices = (long) parallelism() * SLICES_PER_WORKER;
    long even = (elementCount + slices - 1) / slices;
    long grain = Math.max(MIN_ELEMENTS / 2, roundUp(even));
    AtomicReference<Throwable> failure = new AtomicReference<>();
    new Slice(body, failure, 0, elementCount, grain).invoke();
    switch (failure.get()) {
      case null -> {}
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      case Throwable e -> throw new IllegalStateException(e);
    }
  }

  /** The workers and, outside a pool, the caller, which computes while it waits. */
  private static int parallelism() {
    ForkJoinPool own = ForkJoinTask.getPool();
    if (own != null) {
      return own.getParallelism();
    }
    // The common pool says 1 also where it has no worker.
    int processors = Runtime.getRuntime().availableProcessors();
    return Math.min(ForkJoinPool.getCommonPoolParallelism() + 1, processors);
  }

  private static long roundUp(long elements) {
    return (elements + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }

  private static final class Slice extends RecursiveAction {
    private static final long serialVersionUID = 1L;

    private final transient Body body;
    private final transient AtomicReference<Throwable> failure;
    private final long from;
    private final long to;
    private final long grain;

    Slice(Body body, AtomicReference<Throwable> failure, long from, long to, long grain) {
      this.body = body;
      this.failure = failure;
      this.from = from;
      this.to = to;
      this.grain = grain;
    }

    @Override
    protected void compute() {
      if (to - from > grain) {
        long middle = from + roundUp((to - from) / 2);
        invokeAll(
            new Slice(body, failure, from, middle, grain),
            new Slice(body, failure, middle, to, grain));
      } else if (failure.get() == null) {
        // Not thrown from here: invokeAll would return while the other slice still writes.
        try {
          body.run(from, to);
        } catch (RuntimeException | Error e) {
          failure.compareAndSet(null, e);
        }
      }
    }
  }
}
