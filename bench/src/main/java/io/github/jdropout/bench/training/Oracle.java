package io.github.jdropout.bench.training;

import io.github.jdropout.backend.EpilogueBackend;
import io.github.jdropout.backend.scalar.ScalarKernels;
import io.github.jdropout.spec.Epilogue;
import io.github.jdropout.spec.HostMatrix;
import io.github.jdropout.spec.Matrix;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.stream.LongStream;

/**
 * Compares what a step has computed: epilogues with the scalar backend's bits in some rows, sums
 * with those in binary64 at some elements.
 */
final class Oracle {
  private static final int SAMPLES = 48;

  private final SplittableRandom random = new SplittableRandom(42);
  private final EpilogueBackend scalar = ScalarKernels.epilogues();

  /** What an element should be. */
  @FunctionalInterface
  interface Model {
    /** Returns the element's estimate. */
    Estimate at(long row, long column);
  }

  /**
   * Compares elements drawn at random.
   *
   * @param models the orders that the computation may have been done in: one has to fit all
   *     elements
   * @throws IllegalStateException if there is none
   */
  void checkElements(String name, HostMatrix actual, Model... models) {
    IllegalStateException[] failures = new IllegalStateException[models.length];
    for (int sample = 0; sample < SAMPLES; sample++) {
      long row = random.nextLong(actual.rowCount());
      long column = random.nextLong(actual.columnCount());
      double computed = Numbers.get(actual, row, column);
      for (int i = 0; i < models.length; i++) {
        Estimate expected = models[i].at(row, column);
        if (failures[i] == null && !expected.allows(computed)) {
          String what = "column " + column + " is " + computed + " but should be ";
          failures[i] = wrong(name, row, what + expected.value());
        }
      }
    }
    if (Arrays.stream(failures).allMatch(Objects::nonNull)) {
      throw failures[0];
    }
  }

  /**
   * Compares the bits of an epilogue's output.
   *
   * @param bias null for none
   * @throws IllegalStateException if they differ
   */
  void checkOutput(
      String name, Epilogue epilogue, HostMatrix product, HostMatrix bias, HostMatrix actual) {
    for (long row : rows(actual)) {
      try (Arena arena = Arena.ofConfined()) {
        HostMatrix expected = Numbers.zeros(actual.type(), 1, actual.columnCount(), arena);
        scalar.epilogue(
            epilogue.atRow(row),
            product.rows(row, 1),
            bias == null ? null : bias.span(),
            null,
            expected,
            null);
        checkRow(name, row, expected, actual);
      }
    }
  }

  /**
   * Compares the bits of an epilogue's gradient.
   *
   * @param product null if the activation does not need it
   * @param bias null for none
   * @throws IllegalStateException if they differ
   */
  void checkGradient(
      String name,
      Epilogue epilogue,
      HostMatrix gradOutput,
      HostMatrix product,
      HostMatrix bias,
      HostMatrix actual) {
    for (long row : rows(actual)) {
      try (Arena arena = Arena.ofConfined()) {
        HostMatrix expected = Numbers.zeros(actual.type(), 1, actual.columnCount(), arena);
        scalar.epilogueGradient(
            epilogue.atRow(row),
            gradOutput.rows(row, 1),
            product == null ? null : product.rows(row, 1),
            bias == null ? null : bias.span(),
            null,
            expected,
            null);
        checkRow(name, row, expected, actual);
      }
    }
  }

  /** Returns what an epilogue without a bias makes of a matrix. */
  HostMatrix applied(Epilogue epilogue, HostMatrix product, Arena arena) {
    HostMatrix applied =
        Numbers.zeros(product.type(), product.rowCount(), product.columnCount(), arena);
    scalar.epilogue(epilogue, product, null, null, applied, null);
    return applied;
  }

  private static void checkRow(String name, long row, HostMatrix expected, HostMatrix actual) {
    MemorySegment computed = actual.rows(row, 1).span().segment();
    long mismatch = expected.span().segment().mismatch(computed);
    if (mismatch >= 0) {
      long column = mismatch / actual.type().bytes();
      throw wrong(
          name,
          row,
          "column "
              + column
              + " is "
              + Numbers.get(actual, row, column)
              + " but should be "
              + Numbers.get(expected, 0, column)
              + ", to the bit");
    }
  }

  private static IllegalStateException wrong(String name, long row, String what) {
    return new IllegalStateException("wrong " + name + ": row " + row + ", " + what);
  }

  private static long[] rows(Matrix matrix) {
    long count = matrix.rowCount();
    return LongStream.of(0, count / 2, count - 1).distinct().toArray();
  }
}
