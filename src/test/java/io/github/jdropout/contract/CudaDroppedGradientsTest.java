package io.github.jdropout.contract;

import static io.github.jdropout.contract.DroppedNumbers.TYPES;
import static io.github.jdropout.contract.DroppedNumbers.at;
import static io.github.jdropout.contract.DroppedNumbers.bits;
import static io.github.jdropout.contract.DroppedNumbers.dropped;
import static io.github.jdropout.contract.DroppedNumbers.isKept;
import static io.github.jdropout.contract.DroppedNumbers.numbers;
import static io.github.jdropout.contract.DroppedNumbers.poisonDropped;
import static io.github.jdropout.testing.Messages.assertRefused;
import static io.github.jdropout.testing.Messages.assertRefusedStarting;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jdropout.backend.cuda.CudaAccess;
import io.github.jdropout.backend.cuda.CudaDevice;
import io.github.jdropout.backend.cuda.CudaDroppedProduct;
import io.github.jdropout.backend.cuda.CudaStream;
import io.github.jdropout.parity.reference.ReferenceArithmetic;
import io.github.jdropout.spec.Activation;
import io.github.jdropout.spec.Bytes;
import io.github.jdropout.spec.DeviceMatrix;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.Epilogue;
import io.github.jdropout.spec.Matrix;
import io.github.jdropout.spec.MatrixShape;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The gradients of a product of a dropped matrix on tensor cores, to the bit: of small integers,
 * whose sums are exact in any order.
 */
class CudaDroppedGradientsTest {
  private static final int[] THRESHOLDS = {65536, 32768, 16384, 0};

  private CudaDevice device;
  private CudaDroppedProduct product;

  @BeforeEach
  void tensorCoresAreThere() {
    device = DroppedNumbers.device();
    product = CudaDroppedProduct.in(CudaAccess.primary(device));
  }

  /** Of the wide matrix, the narrow one and the weights. */
  private record Shapes(MatrixShape wide, MatrixShape narrow, MatrixShape weights) {
    static Shapes of(int rows, int columns, int rank, int gap) {
      return new Shapes(
          new MatrixShape(rows, columns, columns + 8L * gap),
          new MatrixShape(rows, rank, rank + 2L * gap),
          new MatrixShape(rank, columns, columns + 8L * gap));
    }
  }

  private DeviceMatrix matrix(DeviceBits memory, ElementType type, MatrixShape shape) {
    return Matrix.onDevice(type, memory.elements().address(), shape);
  }

  /** Around a turn's and a block's rows, a warp's and a block's columns, and slices of weights. */
  @ParameterizedTest
  @CsvSource({
    "1, 8, 2, 0, 0",
    "7, 24, 8, 0, 8",
    "8, 32, 6, 1, 3",
    "9, 40, 16, 0, 0",
    "16, 256, 30, 2, 4294967291",
    "17, 264, 32, 0, 7",
    "127, 64, 34, 0, 16",
    "129, 520, 4, 3, 16",
    "145, 16, 64, 0, 1099511627776",
    "300, 8, 10, 0, 5"
  })
  void theInputsGradientIsAdded(int rows, int columns, int rank, int gap, long firstIndex) {
    Shapes shapes = Shapes.of(rows, columns, rank, gap);
    for (ElementType type : TYPES) {
      for (int threshold : THRESHOLDS) {
        checkGradInput(type, shapes, dropout(threshold, firstIndex, columns + (long) gap));
      }
    }
  }

  private void checkGradInput(ElementType type, Shapes shapes, Epilogue dropout) {
    SplittableRandom random = new SplittableRandom(dropout.threshold());
    float[] gradOutput = numbers(shapes.narrow, 3, random);
    float[] weights = numbers(shapes.weights, 2, random);
    float[] before = numbers(shapes.wide, 50, random);
    // Infinity in some rows: where it is dropped, nothing is added.
    for (int column = 0; column < shapes.weights.columns(); column++) {
      weights[at(shapes.weights, 0, column)] = 1;
    }
    for (int row = 0; row < shapes.narrow.rows(); row += 5) {
      gradOutput[at(shapes.narrow, row, 0)] = Float.POSITIVE_INFINITY;
    }
    long[] expected = bits(type, before);
    for (int row = 0; row < shapes.wide.rows(); row++) {
      for (int column = 0; column < shapes.wide.columns(); column++) {
        if (isKept(dropout, row, column)) {
          float sum = 0;
          for (int i = 0; i < shapes.narrow.columns(); i++) {
            sum += gradOutput[at(shapes.narrow, row, i)] * weights[at(shapes.weights, i, column)];
          }
          int place = at(shapes.wide, row, column);
          expected[place] =
              ReferenceArithmetic.narrow(type, before[place] + sum * dropout.factor());
        }
      }
    }
    try (CudaStream stream = CudaStream.create(device);
        DeviceBits narrow = new DeviceBits(device, type, bits(type, gradOutput));
        DeviceBits others = new DeviceBits(device, type, bits(type, weights));
        DeviceBits wide = new DeviceBits(device, type, bits(type, before))) {
      product.addGradInput(
          dropout,
          matrix(narrow, type, shapes.narrow),
          matrix(others, type, shapes.weights),
          matrix(wide, type, shapes.wide),
          stream.handle());
      stream.synchronize();
      assertArrayEquals(expected, wide.read(), () -> type + " " + shapes + " " + dropout);
      assertArrayEquals(bits(type, gradOutput), narrow.read());
      assertArrayEquals(bits(type, weights), others.read());
    }
  }

  /**
   * Around four rows, a turn's and a part's, a warp's columns, and tiles and launches of weights;
   * with room for so many sums.
   */
  @ParameterizedTest
  @CsvSource({
    "1, 8, 2, 0, 0, 1",
    "3, 64, 16, 0, 8, 1",
    "13, 72, 6, 1, 3, 1",
    "16, 120, 18, 0, 0, 2",
    "127, 56, 32, 2, 4294967291, 1",
    "128, 128, 34, 0, 16, 3",
    "129, 24, 64, 0, 1099511627776, 3",
    "400, 40, 8, 1, 24, 1",
    "1100, 16, 10, 0, 5, 4",
    "1100, 136, 34, 1, 0, 2",
    "1600, 8, 4, 0, 7, 100"
  })
  void theWeightsGradientIsSummed(
      int rows, int columns, int rank, int gap, long firstIndex, int sums) {
    Shapes shapes = Shapes.of(rows, columns, rank, gap);
    for (ElementType type : TYPES) {
      for (int threshold : THRESHOLDS) {
        Epilogue dropout = dropout(threshold, firstIndex, columns + (long) gap);
        checkGradWeights(type, type, shapes, dropout, threshold == 32768, sums);
        checkGradWeights(type, ElementType.F32, shapes, dropout, threshold == 16384, sums);
      }
    }
  }

  private void checkGradWeights(
      ElementType type,
      ElementType sumType,
      Shapes shapes,
      Epilogue dropout,
      boolean accumulates,
      int sums) {
    SplittableRandom random = new SplittableRandom(dropout.threshold());
    float[] gradOutput = numbers(shapes.narrow, 3, random);
    float[] input = numbers(shapes.wide, 2, random);
    float[] before = numbers(shapes.weights, 100, random);
    poisonDropped(dropout, shapes.wide, input);
    float[] dropped = dropped(dropout, shapes.wide, input);
    long[] expected = bits(sumType, before);
    for (int weight = 0; weight < shapes.weights.rows(); weight++) {
      for (int column = 0; column < shapes.weights.columns(); column++) {
        int place = at(shapes.weights, weight, column);
        float sum = accumulates ? before[place] : 0;
        for (int row = 0; row < shapes.wide.rows(); row++) {
          float kept = dropped[at(shapes.wide, row, column)];
          sum += gradOutput[at(shapes.narrow, row, weight)] * kept;
        }
        expected[place] = ReferenceArithmetic.narrow(sumType, sum);
      }
    }
    long sumWords = shapes.weights.rows() * shapes.weights.columns();
    // Not at a multiple of 16 bytes.
    int words = Math.toIntExact(1 + 3 + sums * sumWords);
    try (CudaStream stream = CudaStream.create(device);
        DeviceBits narrow = new DeviceBits(device, type, bits(type, gradOutput));
        DeviceBits wide = new DeviceBits(device, type, bits(type, input));
        DeviceBits memory = new DeviceBits(device, ElementType.F32, new long[words]);
        DeviceBits gradient = new DeviceBits(device, sumType, bits(sumType, before))) {
      product.gradWeights(
          dropout,
          matrix(narrow, type, shapes.narrow),
          matrix(wide, type, shapes.wide),
          matrix(gradient, sumType, shapes.weights),
          accumulates,
          new Bytes.OfDevice(memory.elements().address() + 1, 4L * words - 1),
          stream.handle());
      stream.synchronize();
      assertArrayEquals(
          expected, gradient.read(), () -> type + " " + sumType + " " + shapes + " " + dropout);
      assertArrayEquals(bits(type, gradOutput), narrow.read());
      assertArrayEquals(bits(type, input), wide.read());
    }
  }

  /** The gradient of the weights is zero, or what it was; nothing is added to no rows. */
  @Test
  void thereMayBeNoRows() {
    Shapes shapes = Shapes.of(0, 16, 2, 0);
    ElementType type = ElementType.BF16;
    long[] before = new long[32];
    Arrays.fill(before, 0x3F80);
    try (CudaStream stream = CudaStream.create(device);
        DeviceBits weights = new DeviceBits(device, type, before);
        DeviceBits memory = new DeviceBits(device, ElementType.F32, new long[64])) {
      DeviceMatrix narrow = Matrix.onDevice(type, 0, shapes.narrow);
      DeviceMatrix wide = Matrix.onDevice(type, 0, shapes.wide);
      DeviceMatrix gradient = matrix(weights, type, shapes.weights);
      Bytes.OfDevice workspace = memory.elements().bytes();
      Epilogue dropout = dropout(32768, 0, 16);
      product.addGradInput(dropout, narrow, gradient, wide, stream.handle());
      product.gradWeights(dropout, narrow, wide, gradient, true, workspace, stream.handle());
      stream.synchronize();
      assertArrayEquals(before, weights.read());
      product.gradWeights(dropout, narrow, wide, gradient, false, workspace, stream.handle());
      stream.synchronize();
      assertArrayEquals(new long[32], weights.read());
    }
  }

  /** Each is refused before anything is queued, and what takes them says which are. */
  @Test
  void whatTheKernelsDoNotTakeIsRefused() {
    ElementType type = ElementType.BF16;
    try (DeviceBits memory = new DeviceBits(device, type, new long[4096])) {
      long address = memory.elements().address();
      DeviceMatrix wide = Matrix.onDevice(type, address, 4, 16);
      DeviceMatrix weights = Matrix.onDevice(type, address + 256, 2, 16);
      DeviceMatrix narrow = Matrix.onDevice(type, address + 512, 4, 2);
      Bytes.OfDevice workspace = new Bytes.OfDevice(address + 1024, 1024);
      Epilogue dropout = dropout(32768, 0, 16);
      assertTrue(product.takesGradInput(narrow, weights, wide));
      assertTrue(product.takesGradWeights(narrow, wide));
      DeviceMatrix[] bad = {
        Matrix.onDevice(ElementType.F16, address + 512, 4, 2),
        Matrix.onDevice(type, address + 512, 5, 2),
        Matrix.onDevice(type, address + 512, 4, 3),
        Matrix.onDevice(type, address + 512, 4, 66),
        Matrix.onDevice(type, address + 514, 4, 2),
        Matrix.onDevice(type, address + 512, new MatrixShape(4, 2, 3))
      };
      for (DeviceMatrix other : bad) {
        assertFalse(product.takesGradInput(other, weights, wide), other::toString);
        assertFalse(product.takesGradWeights(other, wide), other::toString);
        assertRefusedStarting(
            "a dropped product takes gradOutput [T x R], weights [R x I] and gradInput [T x I] of",
            () -> product.addGradInput(dropout, other, weights, wide, 0));
        assertRefusedStarting(
            "a dropped product takes gradOutput [T x R] and input [T x I] of f16 or bf16 and",
            () -> product.gradWeights(dropout, other, wide, weights, false, workspace, 0));
      }
      DeviceMatrix halves = Matrix.onDevice(ElementType.F16, address + 256, 2, 16);
      assertFalse(product.takesGradInput(narrow, halves, wide));
      assertRefusedStarting(
          "a dropped product takes gradOutput [T x R] and input [T x I] of f16 or bf16 and",
          () -> product.gradWeights(dropout, narrow, wide, halves, false, workspace, 0));
      assertRefusedStarting(
          "a dropped product takes gradOutput [T x R] and input [T x I] of f16 or bf16 and",
          () -> product.gradWeights(dropout, narrow, wide, wide, false, workspace, 0));
      assertRefused(
          "workspace must have at least 143 bytes but has 142",
          () ->
              product.gradWeights(
                  dropout, narrow, wide, weights, false, workspace.slice(0, 142), 0));
      checkOverlaps(address, dropout, wide, weights, narrow);
      assertArrayEquals(new long[4096], memory.read());
    }
  }

  private void checkOverlaps(
      long address,
      Epilogue dropout,
      DeviceMatrix wide,
      DeviceMatrix weights,
      DeviceMatrix narrow) {
    ElementType type = wide.type();
    DeviceMatrix onWeights = Matrix.onDevice(type, address + 256 + 16, 4, 16);
    assertRefused(
        "gradInput must not overlap weights",
        () -> product.addGradInput(dropout, narrow, weights, onWeights, 0));
    DeviceMatrix onNarrow = Matrix.onDevice(type, address + 512, 4, 16);
    assertRefused(
        "gradInput must not overlap gradOutput",
        () -> product.addGradInput(dropout, narrow, weights, onNarrow, 0));
    assertRefused(
        "gradWeights must not overlap workspace", () -> gradWeights(address + 256, dropout, wide));
    assertRefused(
        "workspace must not overlap gradOutput", () -> gradWeights(address + 512, dropout, wide));
    assertRefused("workspace must not overlap input", () -> gradWeights(address, dropout, wide));
    Bytes.OfDevice workspace = new Bytes.OfDevice(address + 1024, 143);
    DeviceMatrix inWide = Matrix.onDevice(type, address + 64, 2, 16);
    assertRefused(
        "gradWeights must not overlap input",
        () -> product.gradWeights(dropout, narrow, wide, inWide, false, workspace, 0));
    DeviceMatrix inNarrow = Matrix.onDevice(type, address + 512, 2, 16);
    assertRefused(
        "gradWeights must not overlap gradOutput",
        () -> product.gradWeights(dropout, narrow, wide, inNarrow, false, workspace, 0));
  }

  private void gradWeights(long workspace, Epilogue dropout, DeviceMatrix wide) {
    DeviceMatrix weights = Matrix.onDevice(wide.type(), wide.address() + 256 + 128, 2, 16);
    DeviceMatrix narrow = Matrix.onDevice(wide.type(), wide.address() + 512 + 64, 4, 2);
    Bytes.OfDevice memory = new Bytes.OfDevice(workspace, 143);
    product.gradWeights(dropout, narrow, wide, weights, false, memory, 0);
  }

  private static Epilogue dropout(int threshold, long firstIndex, long stride) {
    return DroppedNumbers.dropout(Activation.IDENTITY, threshold, firstIndex, stride);
  }
}
