package io.github.jdropout.backend.tiled;

import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.Elements;
import io.github.jdropout.spec.Epilogue;
import io.github.jdropout.spec.HostMatrix;
import java.util.Arrays;

/** The gradient of a bias, from the sums over each 32 rows that an epilogue leaves. */
public final class ColumnSums {
  private static final int TILE = EpilogueScratch.TILE;

  private ColumnSums() {}

  /**
   * Sums each 32 rows until one is left, and writes it, rounded to its type.
   *
   * @param groupSums f32; overwritten. The sum of no rows is +0
   * @param gradBias one number per column, f32, f16 or bf16; must not overlap {@code groupSums}
   * @param accumulates whether to add the sum to what is in {@code gradBias}, before rounding
   * @throws IllegalArgumentException if {@code groupSums} is not of f32, or {@code gradBias} has
   *     not one number per column
   */
  public static void finish(HostMatrix groupSums, Elements gradBias, boolean accumulates) {
    long columns = groupSums.columnCount();
    if (groupSums.type() != ElementType.F32) {
      throw new IllegalArgumentException(
          "groupSums must be of f32 but are of " + groupSums.type().label());
    }
    if (gradBias.count() != columns) {
      throw new IllegalArgumentException(
          "gradBias must have " + columns + " elements but has " + gradBias.count());
    }
    if (accumulates && groupSums.rowCount() == 0) {
      return; // Adding +0 would make +0 of -0.
    }
    EpilogueScratch scratch = EpilogueScratch.ofThread();
    for (long column = 0; column < columns; column += TILE) {
      int count = (int) Math.min(TILE, columns - column);
      for (long rows = groupSums.rowCount(); rows > 1; rows = Epilogue.groups(rows)) {
        sumGroups(scratch, groupSums, rows, column, count);
      }
      float[] sums = scratch.sums;
      Arrays.fill(sums, 0, count, 0);
      if (groupSums.rowCount() > 0) {
        FloatTiles.read(groupSums, 0, column, sums, count, scratch.stage);
      }
      if (accumulates) {
        FloatTiles.read(gradBias, column, scratch.values, count, scratch.stage);
        add(scratch.values, sums, count);
      }
      FloatTiles.write(sums, gradBias, column, count, scratch.stage);
    }
  }

  /** Replaces the first rows by the sums of groups; a group's place is not after its rows. */
  private static void sumGroups(
      EpilogueScratch scratch, HostMatrix matrix, long rows, long column, int count) {
    for (long group = 0; group < Epilogue.groups(rows); group++) {
      long from = group * Epilogue.GROUP_ROWS;
      long to = Math.min(rows, from + Epilogue.GROUP_ROWS);
      Arrays.fill(scratch.sums, 0, count, 0);
      for (long row = from; row < to; row++) {
        FloatTiles.read(matrix, row, column, scratch.values, count, scratch.stage);
        add(scratch.values, scratch.sums, count);
      }
      FloatTiles.write(scratch.sums, matrix, group, column, count, scratch.stage);
    }
  }

  private static void add(float[] addends, float[] sums, int count) {
    for (int i = 0; i < count; i++) {
      sums[i] += addends[i];
    }
  }
}
