package io.github.jdropout.backend.tiled;

import io.github.jdropout.backend.EpilogueBackend;
import io.github.jdropout.rng.KeepThreshold;
import io.github.jdropout.spec.Activation;
import io.github.jdropout.spec.Bytes;
import io.github.jdropout.spec.Elements;
import io.github.jdropout.spec.Epilogue;
import io.github.jdropout.spec.HostMatrix;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Epilogues on the CPU, one tile after the other: a part of a row, in binary32, step by step.
 *
 * <p>Every step is a loop over the tile, which stays in the first-level cache. Tiles below each
 * other follow one another, so that their part of the bias is widened once.
 */
public final class TiledEpilogues implements EpilogueBackend {
  private static final int TILE = EpilogueScratch.TILE;

  private static final ValueLayout.OfLong SIGN_WORD =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final TileKernels kernels;

  /**
   * Creates a backend.
   *
   * @param kernels the inner loops
   */
  public TiledEpilogues(TileKernels kernels) {
    this.kernels = kernels;
  }

  /** A part of the rows, in whatever thread. */
  @FunctionalInterface
  private interface Rows {
    void run(long from, long to);
  }

  @Override
  public void epilogue(
      Epilogue epilogue,
      HostMatrix product,
      Elements bias,
      HostMatrix residual,
      HostMatrix output,
      MemorySegment signs) {
    boolean isShared = areShared(product, residual, output) && isShared(bias) && isShared(signs);
    run(
        product,
        1,
        isShared,
        (from, to) -> epilogue(epilogue, product, bias, residual, output, signs, from, to));
  }

  private void epilogue(
      Epilogue epilogue,
      HostMatrix product,
      Elements bias,
      HostMatrix residual,
      HostMatrix output,
      MemorySegment signs,
      long fromRow,
      long toRow) {
    EpilogueScratch scratch = prepare(epilogue);
    float[] values = scratch.values;
    long columns = product.columnCount();
    for (long column = 0; column < columns; column += TILE) {
      int count = (int) Math.min(TILE, columns - column);
      readBias(scratch, bias, column, count);
      for (long row = fromRow; row < toRow; row++) {
        FloatTiles.read(product, row, column, values, count, scratch.stage);
        addBias(scratch, bias, values, count);
        drawKeepBits(scratch, epilogue, row, column, count);
        activate(scratch, epilogue.activation(), count);
        if (signs != null) {
          writeSigns(scratch.signs, signs, row, column, columns, count);
        }
        kernels.applyF32(scratch.keep, epilogue.factor(), values, 0, values, 0, count);
        if (residual != null) {
          FloatTiles.read(residual, row, column, scratch.operands, count, scratch.stage);
          add(scratch.operands, values, count);
        }
        FloatTiles.write(values, output, row, column, count, scratch.stage);
      }
    }
  }

  /** ReLU only clears keep bits: what it makes +0 is then dropped. */
  private void activate(EpilogueScratch scratch, Activation activation, int count) {
    if (activation == Activation.RELU) {
      kernels.signs(scratch.values, count, scratch.signs);
      and(scratch.signs, scratch.keep, count);
    } else if (activation != Activation.IDENTITY) {
      kernels.activation(activation, scratch.values, count, scratch.ofKernels);
    }
  }

  @Override
  public void epilogueGradient(
      Epilogue epilogue,
      HostMatrix gradOutput,
      HostMatrix product,
      Elements bias,
      MemorySegment signs,
      HostMatrix gradProduct,
      HostMatrix groupSums) {
    boolean isShared =
        areShared(gradOutput, product, gradProduct, groupSums) && isShared(bias) && isShared(signs);
    run(
        gradOutput,
        groupSums == null ? 1 : Epilogue.GROUP_ROWS,
        isShared,
        (from, to) ->
            gradient(epilogue, gradOutput, product, bias, signs, gradProduct, groupSums, from, to));
  }

  private void gradient(
      Epilogue epilogue,
      HostMatrix gradOutput,
      HostMatrix product,
      Elements bias,
      MemorySegment signs,
      HostMatrix gradProduct,
      HostMatrix groupSums,
      long fromRow,
      long toRow) {
    EpilogueScratch scratch = prepare(epilogue);
    float[] values = scratch.values;
    float[] sums = scratch.sums;
    long columns = gradOutput.columnCount();
    for (long column = 0; column < columns; column += TILE) {
      int count = (int) Math.min(TILE, columns - column);
      readBias(scratch, bias, column, count);
      Arrays.fill(sums, 0, count, 0);
      for (long row = fromRow; row < toRow; row++) {
        FloatTiles.read(gradOutput, row, column, values, count, scratch.stage);
        drawKeepBits(scratch, epilogue, row, column, count);
        switch (epilogue.activation()) {
          case IDENTITY ->
              kernels.applyF32(scratch.keep, epilogue.factor(), values, 0, values, 0, count);
          case RELU -> {
            readSigns(signs, scratch.signs, row, column, columns, count);
            and(scratch.signs, scratch.keep, count);
            kernels.applyF32(scratch.keep, epilogue.factor(), values, 0, values, 0, count);
          }
          case GELU, GELU_TANH, SILU -> {
            FloatTiles.read(product, row, column, scratch.operands, count, scratch.stage);
            addBias(scratch, bias, scratch.operands, count);
            kernels.derivative(epilogue.activation(), scratch.operands, count, scratch.ofKernels);
            multiply(values, epilogue.factor(), scratch.operands, count);
            // Dropped last, because 0 times the derivative might be -0 or NaN.
            kernels.applyF32(scratch.keep, 1, values, 0, values, 0, count);
          }
        }
        FloatTiles.write(values, gradProduct, row, column, count, scratch.stage);
        if (groupSums != null) {
          add(values, sums, count);
          if ((row + 1) % Epilogue.GROUP_ROWS == 0 || row + 1 == toRow) {
            FloatTiles.write(
                sums, groupSums, row / Epilogue.GROUP_ROWS, column, count, scratch.stage);
            Arrays.fill(sums, 0, count, 0);
          }
        }
      }
    }
  }

  /** Returns working memory with what all tiles of an epilogue share. */
  private EpilogueScratch prepare(Epilogue epilogue) {
    EpilogueScratch scratch = EpilogueScratch.ofThread();
    if (epilogue.isRandom()) {
      kernels.expandKey(epilogue.key().seed(), epilogue.threshold(), scratch.expandedKey);
    }
    return scratch;
  }

  private void drawKeepBits(
      EpilogueScratch scratch, Epilogue epilogue, long row, long column, int count) {
    if (epilogue.isRandom()) {
      long first = epilogue.firstIndex() + row * epilogue.indexStride() + column;
      kernels.keepBitsFrom(
          scratch.expandedKey, epilogue.key().stream(), first, count, scratch.keep);
    } else {
      Arrays.fill(scratch.keep, epilogue.threshold() == KeepThreshold.KEEP_ALL ? -1L : 0L);
    }
  }

  private static void readBias(EpilogueScratch scratch, Elements bias, long column, int count) {
    if (bias != null) {
      FloatTiles.read(bias, column, scratch.bias, count, scratch.stage);
    }
  }

  private static void addBias(EpilogueScratch scratch, Elements bias, float[] values, int count) {
    if (bias != null) {
      add(scratch.bias, values, count);
    }
  }

  private static void add(float[] addends, float[] sums, int count) {
    for (int i = 0; i < count; i++) {
      sums[i] += addends[i];
    }
  }

  private static void multiply(float[] values, float factor, float[] factors, int count) {
    for (int i = 0; i < count; i++) {
      values[i] = (values[i] * factor) * factors[i];
    }
  }

  private static void and(long[] source, long[] target, int count) {
    for (int word = 0; word < BitRanges.wordsFor(count); word++) {
      target[word] &= source[word];
    }
  }

  private static void writeSigns(
      long[] words, MemorySegment signs, long row, long column, long columns, int count) {
    int wordCount = BitRanges.wordsFor(count);
    // The bits after the last column are 0.
    words[wordCount - 1] &= -1L >>> -count;
    MemorySegment.copy(words, 0, signs, SIGN_WORD, signByte(row, column, columns), wordCount);
  }

  private static void readSigns(
      MemorySegment signs, long[] words, long row, long column, long columns, int count) {
    long from = signByte(row, column, columns);
    MemorySegment.copy(signs, SIGN_WORD, from, words, 0, BitRanges.wordsFor(count));
  }

  /** Returns where the word of a column, the first of a tile, stands. */
  private static long signByte(long row, long column, long columns) {
    return (row * ((columns + 63) / 64) + column / 64) * Long.BYTES;
  }

  /** Runs over all rows, in several threads where that pays; each has whole units of rows. */
  private static void run(HostMatrix matrix, long unitRows, boolean isShared, Rows body) {
    long rows = matrix.rowCount();
    long columns = matrix.columnCount();
    if (!isShared || !ParallelSlices.pays(rows * columns)) {
      body.run(0, rows);
      return;
    }
    long unit = unitRows * columns;
    ParallelSlices.run(
        rows * columns,
        (from, to) -> {
          // To a slice belong the units that begin in it.
          long fromRow = (from + unit - 1) / unit * unitRows;
          long toRow = Math.min(rows, (to + unit - 1) / unit * unitRows);
          body.run(fromRow, toRow);
        });
  }

  private static boolean areShared(HostMatrix... matrices) {
    for (HostMatrix matrix : matrices) {
      if (matrix != null && !matrix.elements().isSharedBetweenThreads()) {
        return false;
      }
    }
    return true;
  }

  private static boolean isShared(Elements elements) {
    return elements == null || elements.isSharedBetweenThreads();
  }

  private static boolean isShared(MemorySegment signs) {
    return signs == null || new Bytes.OfHost(signs).isSharedBetweenThreads();
  }
}
