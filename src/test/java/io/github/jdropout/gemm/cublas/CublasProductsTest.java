package io.github.jdropout.gemm.cublas;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jdropout.backend.cuda.CudaDevice;
import io.github.jdropout.backend.cuda.CudaStream;
import io.github.jdropout.gemm.Batches;
import io.github.jdropout.gemm.GemmCall;
import io.github.jdropout.gemm.Transpose;
import io.github.jdropout.spec.DeviceElements;
import io.github.jdropout.spec.DeviceMatrix;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.MatrixShape;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Products on a GPU, against sums in binary64. */
class CublasProductsTest {
  private static final int[] SIZES = {1, 2, 7, 33, 64, 100};

  /** Each size meets each other in the first two of m, n and k. */
  private static final int CASES = SIZES.length * SIZES.length;

  private static final float[][] SCALARS = {
    {1, 0}, {1, 1}, {0.5f, -2}, {0, 0.75f}, {-1.25f, 0}, {0, 0}, {2, 0.5f}
  };

  /** Half the distance from 1 to the next number of binary32. */
  private static final double U = 0x1p-24;

  private CudaDevice device;
  private CudaStream stream;
  private CublasGemm gemm;

  @BeforeEach
  void cublasIsThere() {
    device = Cublas.device();
    stream = CudaStream.create(device);
    gemm = CublasGemm.open(device, stream.handle());
  }

  @AfterEach
  void close() {
    if (gemm != null) {
      gemm.close();
      stream.close();
    }
  }

  /** One product, or several. */
  private record Case(
      int m,
      int n,
      int k,
      int gap,
      int count,
      boolean sharesA,
      boolean sharesB,
      float alpha,
      float beta) {
    static Case of(int number, SplittableRandom random) {
      float[] scalars = SCALARS[number % SCALARS.length];
      return new Case(
          SIZES[number % SIZES.length],
          SIZES[number / SIZES.length % SIZES.length],
          SIZES[random.nextInt(SIZES.length)],
          number % 3,
          number % 4 == 3 ? 3 : 1,
          random.nextBoolean(),
          random.nextBoolean(),
          scalars[0],
          scalars[1]);
    }
  }

  @ParameterizedTest
  @CsvSource({"F32, F32", "F16, F16", "BF16, BF16", "F16, F32", "BF16, F32"})
  void productsAreAsNearAsTheirRoundingsAllow(ElementType factors, ElementType result) {
    SplittableRandom random = new SplittableRandom(1);
    for (Transpose transposeA : Transpose.values()) {
      for (Transpose transposeB : Transpose.values()) {
        for (int number = 0; number < CASES; number++) {
          check(factors, result, transposeA, transposeB, Case.of(number, random), random);
        }
      }
    }
  }

  private DeviceMatrices matrices(
      ElementType type, int rows, int columns, Case c, boolean isShared, SplittableRandom random) {
    MatrixShape shape = new MatrixShape(rows, columns, columns + c.gap);
    long stride = c.count == 1 || isShared ? 0 : shape.span() + c.gap;
    return DeviceMatrices.random(device, type, shape, stride, c.count, random);
  }

  private void check(
      ElementType factors,
      ElementType result,
      Transpose transposeA,
      Transpose transposeB,
      Case c,
      SplittableRandom random) {
    boolean swapsA = transposeA == Transpose.YES;
    boolean swapsB = transposeB == Transpose.YES;
    try (DeviceMatrices a =
            matrices(factors, swapsA ? c.k : c.m, swapsA ? c.m : c.k, c, c.sharesA, random);
        DeviceMatrices b =
            matrices(factors, swapsB ? c.n : c.k, swapsB ? c.k : c.n, c, c.sharesB, random);
        DeviceMatrices product = matrices(result, c.m, c.n, c, false, random)) {
      float[] before = product.written();
      if (c.beta == 0) {
        Arrays.fill(before, Float.intBitsToFloat(0x7FFF0000)); // A NaN of every type.
        product.write(before);
        before = product.read();
      }
      GemmCall call =
          new GemmCall(
              new Batches(c.count, a.stride(), b.stride(), product.stride()),
              c.alpha,
              a.matrix(),
              transposeA,
              b.matrix(),
              transposeB,
              c.beta,
              product.matrix());
      gemm.multiply(call);
      stream.synchronize();
      float[] after = product.read();
      for (int index = 0; index < c.count; index++) {
        for (int row = 0; row < c.m; row++) {
          for (int column = 0; column < c.n; column++) {
            double sum = 0;
            double magnitude = 0;
            for (int term = 0; term < c.k; term++) {
              double left = swapsA ? a.at(index, term, row) : a.at(index, row, term);
              double right = swapsB ? b.at(index, column, term) : b.at(index, term, column);
              sum += left * right;
              magnitude += Math.abs(left * right);
            }
            int place = product.place(index, row, column);
            double old = c.beta == 0 ? 0 : before[place];
            double expected = c.alpha * sum + c.beta * old;
            double bound =
                bound(c, Math.abs(c.alpha) * magnitude + Math.abs(c.beta * old), expected, result);
            double error = Math.abs(after[place] - expected);
            assertTrue(
                error <= bound,
                () ->
                    call + ", " + c + ": error " + error + " of " + expected + ", bound " + bound);
            before[place] = after[place];
          }
        }
      }
      // Nothing between the rows and the matrices has changed.
      assertArrayEquals(before, after, call.toString());
    }
  }

  /**
   * Returns how far a result may be from the exact one.
   *
   * <p>A sum of k products in binary32, in any order, has an error of at most gamma(k) = k u / (1 -
   * k u) times the sum of the magnitudes (Higham, Accuracy and Stability of Numerical Algorithms,
   * 3.1; a fused multiplication has less). The products with alpha and beta and their sum are three
   * more roundings; another one is more than what the reference itself errs in binary64. The result
   * is then rounded to its type, by half a unit in its last place; of f16 at least by half its
   * smallest number.
   */
  private static double bound(Case c, double magnitude, double expected, ElementType result) {
    double roundings = (c.k + 4) * U;
    double sum = roundings / (1 - roundings) * magnitude;
    return switch (result) {
      case F32, F64 -> sum;
      case F16 -> sum + Math.max(0x1p-11 * (Math.abs(expected) + sum), 0x1p-25);
      case BF16 -> sum + 0x1p-8 * (Math.abs(expected) + sum);
    };
  }

  /** 6300 ones: f16 has no 2049, bf16 no 257. */
  @ParameterizedTest
  @CsvSource({"F16", "BF16"})
  void sumsOf16BitFactorsAreNeverOf16Bits(ElementType type) {
    int terms = 6300;
    try (DeviceMatrices a = DeviceMatrices.filled(device, type, 1, terms, 1);
        DeviceMatrices b = DeviceMatrices.filled(device, type, terms, 1, 1);
        DeviceMatrices c = DeviceMatrices.filled(device, ElementType.F32, 1, 1, 0)) {
      gemm.multiply(1, a.matrix(), Transpose.NO, b.matrix(), Transpose.NO, 0, c.matrix());
      stream.synchronize();
      assertEquals(terms, c.read()[0]);
    }
  }

  /** 1 + 2^-12 is no number of TF32, and its square is its own rounding of binary32. */
  @Test
  void factorsOf32BitsKeepThemAll() {
    float x = 1 + 0x1p-12f;
    try (DeviceMatrices a = DeviceMatrices.filled(device, ElementType.F32, 16, 16, x);
        DeviceMatrices b = DeviceMatrices.filled(device, ElementType.F32, 16, 16, 1);
        DeviceMatrices c = DeviceMatrices.filled(device, ElementType.F32, 16, 16, 0)) {
      gemm.multiply(1, a.matrix(), Transpose.NO, b.matrix(), Transpose.NO, 0, c.matrix());
      stream.synchronize();
      float[] expected = new float[256];
      Arrays.fill(expected, 16 * x);
      assertArrayEquals(expected, c.read());
    }
  }

  /** Where there is one row, a stride of any size does not matter, but it must arrive. */
  @Test
  void sizesBeyond32BitsAreTaken() {
    MatrixShape wide = new MatrixShape(1, 3, 1L << 33);
    try (DeviceMatrices a = DeviceMatrices.filled(device, ElementType.F32, 1, 6, 2);
        DeviceMatrices b = DeviceMatrices.filled(device, ElementType.F32, 3, 2, 3);
        DeviceMatrices c = DeviceMatrices.filled(device, ElementType.F32, 1, 4, 5)) {
      DeviceMatrix left = new DeviceMatrix(a.matrix().elements(), wide);
      DeviceMatrix right = b.matrix();
      DeviceMatrix result =
          new DeviceMatrix(c.matrix().elements(), new MatrixShape(1, 2, 1L << 32));
      gemm.multiply(1, left, Transpose.NO, right, Transpose.NO, 1, result);
      stream.synchronize();
      assertArrayEquals(new float[] {23, 23, 5, 5}, c.read());
      gemm.multiply(
          new GemmCall(
              new Batches(2, 3, 0, 2), 1, left, Transpose.NO, right, Transpose.NO, -1, result));
      stream.synchronize();
      assertArrayEquals(new float[] {-5, -5, 13, 13}, c.read());
    }
  }

  @Test
  void resultsWithoutElementsAreNothing() {
    try (DeviceMatrices a = DeviceMatrices.filled(device, ElementType.F32, 2, 3, 1)) {
      DeviceMatrix nothing = empty(ElementType.F32, 3, 0);
      gemm.multiply(
          1, a.matrix(), Transpose.NO, nothing, Transpose.NO, 1, empty(ElementType.F32, 2, 0));
      gemm.multiply(
          1, nothing, Transpose.YES, a.matrix(), Transpose.YES, 1, empty(ElementType.F32, 0, 2));
      stream.synchronize();
      assertArrayEquals(a.written(), a.read());
    }
  }

  private static DeviceMatrix empty(ElementType type, long rows, long columns) {
    return new DeviceMatrix(new DeviceElements(type, 0, 0), MatrixShape.of(rows, columns));
  }

  @Test
  void sumsWithoutTermsAreZero() {
    SplittableRandom random = new SplittableRandom(2);
    for (ElementType type : List.of(ElementType.F32, ElementType.F16, ElementType.BF16)) {
      for (int gap : new int[] {0, 2}) {
        MatrixShape shape = new MatrixShape(3, 5, 5 + gap);
        try (DeviceMatrices c =
            DeviceMatrices.random(device, type, shape, shape.span() + gap, 2, random)) {
          for (float beta : new float[] {0, 1, -0.5f}) {
            checkWithoutTerms(c, type, shape, beta);
          }
        }
      }
    }
  }

  private void checkWithoutTerms(
      DeviceMatrices c, ElementType type, MatrixShape shape, float beta) {
    float[] expected = c.written();
    c.write(expected);
    for (int index = 0; index < 2; index++) {
      for (long row = 0; row < shape.rows(); row++) {
        for (long column = 0; column < shape.columns(); column++) {
          // Halves of what has eight bits are exact.
          expected[c.place(index, row, column)] = beta == 0 ? 0 : beta * c.at(index, row, column);
        }
      }
    }
    gemm.multiply(
        new GemmCall(
            new Batches(2, 0, 0, c.stride()),
            1,
            empty(type, 3, 0),
            Transpose.NO,
            empty(type, 0, 5),
            Transpose.NO,
            beta,
            c.matrix()));
    stream.synchronize();
    assertArrayEquals(expected, c.read(), type + " " + shape + " " + beta);
  }
}
