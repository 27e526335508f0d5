package io.github.jdropout.backend.tiled;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.NavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ForkJoinPool;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ParallelSlicesTest {
  @ParameterizedTest
  @CsvSource({"1, 131072", "2, 131072", "2, 131073", "3, 1000003", "7, 1048576", "16, 8589934592"})
  void slicesCoverTheRangeOnceAndStartAtWholeWords(int threads, long count) throws Exception {
    NavigableMap<Long, Long> slices = new ConcurrentSkipListMap<>();
    try (ForkJoinPool pool = new ForkJoinPool(threads)) {
      pool.submit(() -> ParallelSlices.run(count, slices::put)).get();
    }
    long end = 0;
    for (var slice : slices.entrySet()) {
      assertEquals(end, slice.getKey());
      assertEquals(0, slice.getKey() % 64);
      assertTrue(slice.getValue() > slice.getKey());
      end = slice.getValue();
    }
    assertEquals(count, end);
    assertTrue(slices.size() <= 8L * threads, slices.size() + " slices");
    assertTrue(slices.size() >= 2, slices.size() + " slices");
    assertTrue(
        slices.size() >= Math.min(threads, count / ParallelSlices.MIN_ELEMENTS),
        slices.size() + " slices");
  }

  @ParameterizedTest
  @CsvSource({"1, 131072, false", "2, 131071, false", "2, 131072, true", "16, 8589934592, true"})
  void splittingPaysFromASizeOnWhereThereAreThreads(int threads, long count, boolean pays)
      throws Exception {
    try (ForkJoinPool pool = new ForkJoinPool(threads)) {
      assertEquals(pays, pool.submit(() -> ParallelSlices.pays(count)).get());
    }
  }

  @ParameterizedTest
  @CsvSource({"131072"})
  void failureOfASliceReachesTheCaller(long count) {
    assertThrows(
        ArithmeticException.class,
        () ->
            ParallelSlices.run(
                count,
                (from, to) -> {
                  throw new ArithmeticException();
                }));
  }
}
