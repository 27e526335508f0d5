package io.github.jdropout.bench;

import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;

/**
 * Calls a benchmark from a pool of as many threads as may work on a call: the library splits its
 * work over the caller's pool. JMH makes one for each benchmark, by its name.
 */
public final class BenchmarkThreads extends AbstractExecutorService {
  /** How many threads may work; 0 for all processors, in the way of a user's program. */
  static final String PROPERTY = "jdropout.bench.threads";

  /** What makes JMH use this class, in the JVM that runs the benchmark. */
  static final List<String> OPTIONS =
      List.of("jmh.executor=CUSTOM", "jmh.executor.class=" + BenchmarkThreads.class.getName());

  private final ExecutorService threads;

  /**
   * Creates the pool.
   *
   * @param callers ignored: one thread calls
   * @param prefix ignored
   */
  public BenchmarkThreads(int callers, String prefix) {
    int count = Integer.getInteger(PROPERTY, 0);
    // A caller outside of any pool works together with the common pool.
    threads = count == 0 ? Executors.newSingleThreadExecutor() : new ForkJoinPool(count);
  }

  @Override
  public void execute(Runnable task) {
    threads.execute(task);
  }

  @Override
  public void shutdown() {
    threads.shutdown();
  }

  @Override
  public List<Runnable> shutdownNow() {
    return threads.shutdownNow();
  }

  @Override
  public boolean isShutdown() {
    return threads.isShutdown();
  }

  @Override
  public boolean isTerminated() {
    return threads.isTerminated();
  }

  @Override
  public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
    return threads.awaitTermination(timeout, unit);
  }
}
