package io.github.jdropout.parity;

import java.util.stream.LongStream;

/** Shares the reference's work among threads; each element is computed by itself. */
final class Slices {
  /** Elements of a slice, a multiple of 64. */
  private static final long SLICE = 1 << 16;

  private Slices() {}

  @FunctionalInterface
  interface Body {
    void run(long from, long to);
  }

  static void run(long count, Body body) {
    long slices = (count + SLICE - 1) / SLICE;
    if (slices <= 1) {
      body.run(0, count);
      return;
    }
    LongStream.range(0, slices)
        .parallel()
        .forEach(slice -> body.run(slice * SLICE, Math.min(count, (slice + 1) * SLICE)));
  }
}
