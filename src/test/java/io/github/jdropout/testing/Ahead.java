package io.github.jdropout.testing;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;

/**
 * Results that are made ahead of the tests that want them, on all processors: for work that waits
 * for other processes, of which there is one for each test.
 *
 * @param <K> what a result is of
 * @param <V> the results
 */
public final class Ahead<K, V> implements AutoCloseable {
  private final Map<K, Future<V>> results = new LinkedHashMap<>();
  private final ExecutorService executor =
      Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors());

  /**
   * Makes one result.
   *
   * @param <K> what it is of
   * @param <V> the result
   */
  @FunctionalInterface
  public interface Work<K, V> {
    /** Returns the result, or throws what the test is to throw. */
    V of(K key) throws Exception;
  }

  /** Begins to make the results, in the order of the keys. */
  public Ahead(Stream<K> keys, Work<K, V> work) {
    keys.forEach(key -> results.put(key, executor.submit(() -> work.of(key))));
  }

  /** Waits for a result, and throws what making it has thrown. */
  public V get(K key) throws Exception {
    try {
      return results.get(key).get();
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case Exception exception -> throw exception;
        case Error error -> throw error;
        default -> throw e;
      }
    }
  }

  @Override
  public void close() {
    executor.shutdownNow();
    executor.close();
  }
}
