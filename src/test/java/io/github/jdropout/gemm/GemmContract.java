package io.github.jdropout.gemm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jdropout.spec.DeviceMatrix;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.HostMatrix;
import io.github.jdropout.spec.Matrix;
import io.github.jdropout.spec.MatrixShape;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** What products of matrices are on everything that multiplies. */
public abstract class GemmContract {
  private static final List<ElementType> TYPES =
      List.of(ElementType.F32, ElementType.F16, ElementType.BF16);
  private static final int[][] SIZES = {
    {1, 1, 1}, {2, 7, 33}, {7, 1, 3}, {64, 33, 100}, {5, 130, 2}, {129, 3, 520}
  };
  private static final float[][] FACTORS = {{1, 0}, {1, 1}, {-0.5f, 0.25f}, {0, 2}, {3, 0}};

  private Gemm gemm;
  private MatrixMemory memory;
  private final Random random = new Random(11);

  /** Returns what is tested; it is closed afterwards. */
  protected abstract Gemm open();

  /** Returns memory that it works in. */
  protected abstract MatrixMemory memory();

  @BeforeEach
  void openGemm() {
    gemm = open();
    memory = memory();
  }

  @AfterEach
  void closeGemm() {
    if (gemm != null) {
      gemm.close();
    }
  }

  private double[] numbers(ElementType type, int count) {
    double[] values = new double[count];
    for (int i = 0; i < count; i++) {
      values[i] = MatrixMemory.round(type, random.nextGaussian());
    }
    return values;
  }

  /** What a product should be, in binary64. */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  private record Expected(double[] values, double[] magnitudes) {}

  private static Expected expected(
      float alpha,
      double[] a,
      boolean isTransposedA,
      double[] b,
      boolean isTransposedB,
      float beta,
      double[] c,
      int m,
      int n,
      int k) {
    double[] values = new double[m * n];
    double[] magnitudes = new double[m * n];
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        double sum = 0;
        double size = 0;
        for (int term = 0; term < k; term++) {
          double product =
              a[isTransposedA ? term * m + i : i * k + term]
                  * b[isTransposedB ? j * k + term : term * n + j];
          sum += product;
          size += Math.abs(product);
        }
        int at = i * n + j;
        values[at] = alpha * sum + (beta == 0 ? 0 : beta * c[at]);
        magnitudes[at] = Math.abs(alpha) * size + (beta == 0 ? 0 : Math.abs(beta * c[at]));
      }
    }
    return new Expected(values, magnitudes);
  }

  private static MatrixShape gaps(long rows, long columns, int gap) {
    return new MatrixShape(rows, columns, columns + gap);
  }

  /** All transpositions, with and without gaps between rows, with all kinds of factors. */
  @Test
  void productsAreWithinTheBound() {
    int at = 0;
    for (ElementType type : TYPES) {
      for (int[] size : SIZES) {
        for (Transpose transposeA : Transpose.values()) {
          for (Transpose transposeB : Transpose.values()) {
            ElementType result = at % 3 == 0 ? ElementType.F32 : type;
            float[] factors = FACTORS[at % FACTORS.length];
            check(type, result, size, transposeA, transposeB, factors, at % 2 * (at % 5));
            at++;
          }
        }
      }
    }
  }

  private void check(
      ElementType type,
      ElementType resultType,
      int[] size,
      Transpose transposeA,
      Transpose transposeB,
      float[] factors,
      int gap) {
    int m = size[0];
    int n = size[1];
    int k = size[2];
    boolean isTransposedA = transposeA == Transpose.YES;
    boolean isTransposedB = transposeB == Transpose.YES;
    double[] a = numbers(type, m * k);
    double[] b = numbers(type, k * n);
    double[] c = numbers(resultType, m * n);
    if (factors[1] == 0) {
      c[m * n / 2] = Double.NaN; // Must not be read.
    }
    Matrix left = memory.matrix(type, isTransposedA ? gaps(k, m, gap) : gaps(m, k, 2 * gap), a);
    Matrix right = memory.matrix(type, isTransposedB ? gaps(n, k, gap) : gaps(k, n, gap), b);
    Matrix result = memory.matrix(resultType, gaps(m, n, gap), c);
    byte[] before = memory.contents(result.bytes());
    gemm.multiply(factors[0], left, transposeA, right, transposeB, factors[1], result);
    Expected expected =
        expected(factors[0], a, isTransposedA, b, isTransposedB, factors[1], c, m, n, k);
    // A product of f32 is rounded, added up to k times, scaled, and added to what was there.
    Bound.ofValues(resultType, 1, k + 4)
        .check(
            type.label() + " " + m + "x" + n + "x" + k,
            expected.values,
            memory.values(result),
            expected.magnitudes);
    checkGaps(before, memory.contents(result.bytes()), result);
  }

  private static void checkGaps(byte[] before, byte[] after, Matrix matrix) {
    long rowBytes = matrix.shape().rowStride() * matrix.type().bytes();
    long usedBytes = matrix.columnCount() * matrix.type().bytes();
    for (int at = 0; at < after.length; at++) {
      if (at % rowBytes >= usedBytes) {
        assertEquals(before[at], after[at], "byte " + at);
      }
    }
  }

  /** The left factor is one for all, the right ones follow each other with a gap. */
  @Test
  void batches() {
    for (ElementType type : TYPES) {
      int count = 3;
      int m = 4;
      int n = 5;
      int k = 6;
      double[] a = numbers(type, m * k);
      double[] b = numbers(type, count * (k * n + 2));
      double[] c = numbers(type, count * m * n);
      Matrix left = memory.matrix(type, m, k, a);
      Matrix right = part(memory.matrix(type, 1, b.length, b), k, n);
      Matrix all = memory.matrix(type, 1, c.length, c);
      gemm.multiply(
          new GemmCall(
              new Batches(count, 0, (long) k * n + 2, (long) m * n),
              2,
              left,
              Transpose.NO,
              right,
              Transpose.NO,
              1,
              part(all, m, n)));
      double[] actual = memory.values(all);
      for (int batch = 0; batch < count; batch++) {
        double[] rightPart = slice(b, batch * (k * n + 2), k * n);
        Expected expected =
            expected(2, a, false, rightPart, false, 1, slice(c, batch * m * n, m * n), m, n, k);
        Bound.ofValues(type, 1, k + 4)
            .check(
                "batch " + batch,
                expected.values,
                slice(actual, batch * m * n, m * n),
                expected.magnitudes);
      }
    }
  }

  /** Returns the first matrix of a batch in the memory of a vector. */
  private static Matrix part(Matrix vector, long rows, long columns) {
    MatrixShape shape = MatrixShape.of(rows, columns);
    return switch (vector) {
      case HostMatrix host -> new HostMatrix(host.elements(), shape);
      case DeviceMatrix device -> new DeviceMatrix(device.elements(), shape);
    };
  }

  private static double[] slice(double[] values, int from, int count) {
    return Arrays.copyOfRange(values, from, from + count);
  }

  @Test
  void withoutTermsTheProductIsZero() {
    ElementType type = ElementType.F32;
    Matrix left = memory.unwritten(type, 2, 0);
    Matrix right = memory.unwritten(type, 0, 2);
    Matrix result = memory.matrix(type, 2, 2, new double[] {1, 2, Double.NaN, 4});
    gemm.multiply(1, left, Transpose.NO, right, Transpose.NO, 0, result);
    assertArrayEquals(new double[4], memory.values(result));
    Matrix old = memory.matrix(type, 2, 2, new double[] {1, 2, 3, 4});
    gemm.multiply(1, left, Transpose.NO, right, Transpose.NO, 2, old);
    assertArrayEquals(new double[] {2, 4, 6, 8}, memory.values(old));
  }

  @Test
  void emptyResultsAreNoWork() {
    ElementType type = ElementType.F32;
    Matrix left = memory.unwritten(type, 0, 3);
    Matrix right = memory.matrix(type, 3, 2, new double[6]);
    Matrix result = memory.unwritten(type, 0, 2);
    gemm.multiply(1, left, Transpose.NO, right, Transpose.NO, 0, result);
    assertEquals(0, memory.values(result).length);
  }

  @Test
  void messagesHaveAllShapes() {
    ElementType type = ElementType.F32;
    Matrix a = memory.unwritten(type, 4, 3);
    Matrix b = memory.unwritten(type, 3, 2);
    Matrix c = memory.unwritten(type, 4, 2);
    assertMessage(
        "shapes do not go together: a [4 x 3], b [3 x 2] transposed, c [4 x 2]",
        () -> gemm.multiply(1, a, Transpose.NO, b, Transpose.YES, 0, c));
    assertMessage(
        "c must not overlap a or b: a [2 x 2], b [2 x 2], c [2 x 2]",
        () -> {
          Matrix square = memory.unwritten(type, 2, 2);
          gemm.multiply(
              1, square, Transpose.NO, memory.unwritten(type, 2, 2), Transpose.NO, 0, square);
        });
    assertMessage(
        "a and b must both be f32, f16 or bf16, and c of their type or f32, but they are f32, f16"
            + " and f32: a [4 x 3], b [3 x 2], c [4 x 2]",
        () ->
            gemm.multiply(
                1, a, Transpose.NO, memory.unwritten(ElementType.F16, 3, 2), Transpose.NO, 0, c));
    assertMessage(
        "b has 6 elements, too few for 2 matrices [3 x 2] at a distance of 6: a [4 x 3], b [3 x 2],"
            + " c [4 x 2]",
        () -> new GemmCall(new Batches(2, 0, 6, 8), 1, a, Transpose.NO, b, Transpose.NO, 0, c));
  }

  @Test
  void saysWhatMultiplies() {
    assertTrue(gemm.description().length() > 10, gemm.description());
  }

  private static void assertMessage(String expected, Executable call) {
    assertEquals(expected, assertThrows(IllegalArgumentException.class, call).getMessage());
  }
}
