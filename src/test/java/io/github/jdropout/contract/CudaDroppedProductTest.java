package io.github.jdropout.contract;

import static io.github.jdropout.contract.DroppedNumbers.TYPES;
import static io.github.jdropout.contract.DroppedNumbers.at;
import static io.github.jdropout.contract.DroppedNumbers.bits;
import static io.github.jdropout.contract.DroppedNumbers.dropped;
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
import io.github.jdropout.spec.DeviceMatrix;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.Epilogue;
import io.github.jdropout.spec.Matrix;
import io.github.jdropout.spec.MatrixShape;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The product of a dropped matrix on tensor cores, to the bit: of small integers, whose sums are
 * exact in any order.
 */
class CudaDroppedProductTest {
  private CudaDevice device;
  private CudaDroppedProduct product;

  @BeforeEach
  void tensorCoresAreThere() {
    device = DroppedNumbers.device();
    product = CudaDroppedProduct.in(CudaAccess.primary(device));
  }

  private record Shapes(MatrixShape input, MatrixShape weights, MatrixShape output) {
    static Shapes of(int rows, int columns, int rank, int gap) {
      return new Shapes(
          new MatrixShape(rows, columns, columns + 8L * gap),
          new MatrixShape(rank, columns, columns + 8L * gap),
          new MatrixShape(rows, rank, rank + gap));
    }
  }

  /** Around a block's rows, a warp's and a block's columns, a tile's and a launch's weights. */
  @ParameterizedTest
  @CsvSource({
    "1, 8, 1, 0, 0",
    "15, 24, 8, 0, 8",
    "31, 40, 7, 1, 3",
    "32, 256, 16, 0, 0",
    "33, 264, 9, 2, 4294967291",
    "47, 1000, 17, 0, 7",
    "64, 512, 32, 0, 16",
    "65, 520, 33, 3, 16",
    "2, 2048, 64, 0, 1099511627776",
    "200, 16, 5, 0, 5"
  })
  void sumsAreThoseOfTheDroppedInput(int rows, int columns, int rank, int gap, long firstIndex) {
    Shapes shapes = Shapes.of(rows, columns, rank, gap);
    for (ElementType type : TYPES) {
      for (int threshold : new int[] {65536, 32768, 16384, 0}) {
        long stride = columns + (long) gap;
        check(
            type,
            shapes,
            DroppedNumbers.dropout(Activation.IDENTITY, threshold, firstIndex, stride));
      }
    }
  }

  private void check(ElementType type, Shapes shapes, Epilogue dropout) {
    SplittableRandom random = new SplittableRandom(dropout.threshold());
    float[] input = numbers(shapes.input, 3, random);
    float[] weights = numbers(shapes.weights, 2, random);
    float[] before = numbers(shapes.output, 100, random);
    poisonDropped(dropout, shapes.input, input);
    float[] dropped = dropped(dropout, shapes.input, input);
    long[] expected = bits(type, before);
    for (int row = 0; row < shapes.output.rows(); row++) {
      for (int column = 0; column < shapes.output.columns(); column++) {
        expected[at(shapes.output, row, column)] =
            ReferenceArithmetic.narrow(type, sum(shapes, dropped, weights, row, column));
      }
    }
    try (CudaStream stream = CudaStream.create(device);
        DeviceBits inputs = new DeviceBits(device, type, bits(type, input));
        DeviceBits others = new DeviceBits(device, type, bits(type, weights));
        DeviceBits outputs = new DeviceBits(device, type, bits(type, before))) {
      product.multiply(
          dropout,
          Matrix.onDevice(type, inputs.elements().address(), shapes.input),
          Matrix.onDevice(type, others.elements().address(), shapes.weights),
          Matrix.onDevice(type, outputs.elements().address(), shapes.output),
          stream.handle());
      stream.synchronize();
      assertArrayEquals(expected, outputs.read(), () -> type + " " + shapes + " " + dropout);
      assertArrayEquals(bits(type, input), inputs.read());
      assertArrayEquals(bits(type, weights), others.read());
    }
  }

  private static float sum(Shapes shapes, float[] dropped, float[] weights, int row, int weight) {
    float sum = 0;
    for (int column = 0; column < shapes.input.columns(); column++) {
      float kept = dropped[at(shapes.input, row, column)];
      sum += kept * weights[at(shapes.weights, weight, column)];
    }
    return sum;
  }

  /** Each is refused before anything is queued, and {@code takes} says which are. */
  @Test
  void whatTheKernelDoesNotTakeIsRefused() {
    try (DeviceBits memory = new DeviceBits(device, ElementType.BF16, new long[4096])) {
      long address = memory.elements().address();
      DeviceMatrix good = Matrix.onDevice(ElementType.BF16, address, 4, 16);
      DeviceMatrix weights = Matrix.onDevice(ElementType.BF16, address + 256, 2, 16);
      DeviceMatrix output = Matrix.onDevice(ElementType.BF16, address + 512, 4, 2);
      assertTrue(product.takes(good, weights));
      DeviceMatrix[] bad = {
        Matrix.onDevice(ElementType.F32, address, 4, 16),
        Matrix.onDevice(ElementType.BF16, address, 4, 12),
        Matrix.onDevice(ElementType.BF16, address, 4, 0),
        Matrix.onDevice(ElementType.F16, address, 4, 16),
        Matrix.onDevice(ElementType.BF16, address, 4, 24),
        Matrix.onDevice(ElementType.BF16, address + 2, 4, 16),
        Matrix.onDevice(ElementType.BF16, address, new MatrixShape(4, 16, 17))
      };
      for (DeviceMatrix input : bad) {
        assertFalse(product.takes(input, weights), input::toString);
        assertRefusedStarting(
            "a dropped product takes input [T x I], ",
            () -> product.multiply(dropout(Activation.IDENTITY), input, weights, output, 0));
      }
      assertFalse(product.takes(good, Matrix.onDevice(ElementType.BF16, address, 65, 16)));
      assertRefusedStarting(
          "a dropped product takes input [T x I], ",
          () -> product.multiply(dropout(Activation.IDENTITY), good, weights, good, 0));
      assertRefused(
          "dropout must be of identity but is of relu",
          () -> product.multiply(dropout(Activation.RELU), good, weights, output, 0));
      DeviceMatrix overlapping = Matrix.onDevice(ElementType.BF16, address + 256 + 60, 4, 2);
      assertRefused(
          "output must not overlap weights",
          () -> product.multiply(dropout(Activation.IDENTITY), good, weights, overlapping, 0));
      assertArrayEquals(new long[4096], memory.read());
    }
  }

  private static Epilogue dropout(Activation activation) {
    return DroppedNumbers.dropout(activation, 32768, 0, 16);
  }
}
