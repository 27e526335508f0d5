package io.github.jdropout.backend.tiled;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jdropout.parity.reference.ReferenceArithmetic;
import io.github.jdropout.parity.reference.ReferenceEpilogue;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.Elements;
import io.github.jdropout.spec.HostMatrix;
import io.github.jdropout.spec.Matrix;
import io.github.jdropout.spec.MatrixShape;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ColumnSumsTest {
  private static final int GAP = 3;

  /** Rows around each power of a group's: sums of sums, and sums of those. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 31, 32, 33, 64, 65, 1023, 1024, 1025, 2049})
  void levelsFollowTheDefinition(int rows) {
    for (int columns : new int[] {1, 5, 1023, 1025}) {
      if ((long) rows * columns > 300_000) {
        continue;
      }
      float[][] groups = random(rows, columns);
      float[] expected = sum(groups, columns);
      float[] gradBias = new float[columns];
      gradBias[0] = Float.NaN;
      ColumnSums.finish(matrix(groups, columns), Elements.of(gradBias), false);
      assertArrayEquals(bits(expected), bits(gradBias), rows + " x " + columns);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"F32", "F16", "BF16"})
  void whatWasThereIsAddedBeforeRounding(ElementType type) {
    float[][] groups = random(100, 7);
    float[] sums = sum(groups, 7);
    for (boolean accumulates : new boolean[] {false, true}) {
      MemorySegment before = MemorySegment.ofArray(new byte[7 * type.bytes()]);
      long[] expected = new long[7];
      for (int column = 0; column < 7; column++) {
        long old = ReferenceArithmetic.narrow(type, 1.1f * column - 3);
        set(before, type, column, old);
        float sum = sums[column];
        expected[column] =
            ReferenceArithmetic.narrow(
                type, accumulates ? ReferenceArithmetic.widen(type, old) + sum : sum);
      }
      ColumnSums.finish(matrix(groups, 7), Elements.of(type, before), accumulates);
      for (int column = 0; column < 7; column++) {
        assertEquals(expected[column], get(before, type, column), type + " " + accumulates);
      }
    }
  }

  /** A sum begins with +0, which -0 does not change. */
  @Test
  void sumsOfNegativeZerosArePositive() {
    float[][] groups = new float[33][1];
    for (float[] row : groups) {
      row[0] = -0f;
    }
    float[] gradBias = {1};
    ColumnSums.finish(matrix(groups, 1), Elements.of(gradBias), false);
    assertEquals(0, Float.floatToRawIntBits(gradBias[0]));
  }

  @Test
  void whatDoesNotFitIsRefused() {
    HostMatrix sums = matrix(new float[2][4], 4);
    IllegalArgumentException wrongLength =
        assertThrows(
            IllegalArgumentException.class,
            () -> ColumnSums.finish(sums, Elements.of(new float[5]), false));
    assertEquals("gradBias must have 4 elements but has 5", wrongLength.getMessage());
    HostMatrix halves =
        Matrix.of(ElementType.F16, MemorySegment.ofArray(new short[8]), MatrixShape.of(2, 4));
    IllegalArgumentException wrongType =
        assertThrows(
            IllegalArgumentException.class,
            () -> ColumnSums.finish(halves, Elements.of(new float[4]), false));
    assertTrue(wrongType.getMessage().contains("f16"), wrongType.getMessage());
  }

  /** The definition, by recursion. */
  private static float[] sum(float[][] rows, int columns) {
    return switch (rows.length) {
      case 0 -> new float[columns];
      case 1 -> rows[0];
      default -> sum(ReferenceEpilogue.groupSums(rows, columns), columns);
    };
  }

  private static float[][] random(int rows, int columns) {
    SplittableRandom random = new SplittableRandom(rows);
    float[][] values = new float[rows][columns];
    for (float[] row : values) {
      for (int column = 0; column < columns; column++) {
        row[column] = (float) random.nextGaussian();
      }
    }
    return values;
  }

  private static HostMatrix matrix(float[][] rows, int columns) {
    MatrixShape shape = new MatrixShape(rows.length, columns, columns + GAP);
    float[] elements = new float[(int) shape.span()];
    for (int row = 0; row < rows.length; row++) {
      System.arraycopy(rows[row], 0, elements, row * (columns + GAP), columns);
    }
    return new HostMatrix(Elements.of(elements), shape);
  }

  private static int[] bits(float[] values) {
    int[] bits = new int[values.length];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = Float.floatToRawIntBits(values[i]);
    }
    return bits;
  }

  private static void set(MemorySegment memory, ElementType type, int index, long bits) {
    if (type == ElementType.F32) {
      memory.set(ValueLayout.JAVA_INT_UNALIGNED, 4L * index, (int) bits);
    } else {
      memory.set(ValueLayout.JAVA_SHORT_UNALIGNED, 2L * index, (short) bits);
    }
  }

  private static long get(MemorySegment memory, ElementType type, int index) {
    return type == ElementType.F32
        ? memory.get(ValueLayout.JAVA_INT_UNALIGNED, 4L * index) & 0xFFFFFFFFL
        : memory.get(ValueLayout.JAVA_SHORT_UNALIGNED, 2L * index) & 0xFFFF;
  }
}
