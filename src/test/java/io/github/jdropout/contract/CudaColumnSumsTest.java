package io.github.jdropout.contract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.jdropout.backend.BackendId;
import io.github.jdropout.backend.cuda.CudaDevice;
import io.github.jdropout.backend.cuda.CudaEpilogue;
import io.github.jdropout.backend.cuda.CudaStream;
import io.github.jdropout.backend.cuda.CudaSupport;
import io.github.jdropout.backend.cuda.DeviceBuffer;
import io.github.jdropout.parity.reference.ReferenceArithmetic;
import io.github.jdropout.spec.Bytes;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.Matrix;
import io.github.jdropout.spec.MatrixShape;
import io.github.jdropout.testing.Backends;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The sums of rows that end the gradient of a bias: their order, to the bit. */
class CudaColumnSumsTest {
  private static final ElementType[] TYPES = {ElementType.F32, ElementType.F16, ElementType.BF16};

  private CudaDevice device;

  @BeforeEach
  void backendIsThere() {
    Backends.assumeAvailable(BackendId.CUDA);
    device = CudaSupport.devices().getFirst();
  }

  /** Numbers of many sizes, whose sum depends on the order; a single row's -0 has to stay. */
  private static float[] numbers(int count, SplittableRandom random) {
    float[] numbers = new float[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = (random.nextFloat() - 0.5f) * (1 << random.nextInt(16));
    }
    numbers[0] = -0.0f;
    return numbers;
  }

  /** Returns the sum by 32 and 32, until one is left. */
  private static float sum(float[] numbers) {
    float[] sums = numbers;
    while (sums.length > 1) {
      float[] next = new float[(sums.length + 31) / 32];
      for (int i = 0; i < sums.length; i++) {
        next[i / 32] += sums[i];
      }
      sums = next;
    }
    return sums[0];
  }

  private static long[] bits(ElementType type, float[] values) {
    long[] bits = new long[values.length];
    Arrays.setAll(bits, i -> ReferenceArithmetic.narrow(type, values[i]));
    return bits;
  }

  /** Around a warp's columns; around the rows of one level, of one launch and of two. */
  @ParameterizedTest
  @CsvSource({
    "1, 5, 0",
    "2, 33, 3",
    "31, 1, 0",
    "32, 64, 0",
    "33, 31, 1",
    "64, 32, 0",
    "1023, 3, 0",
    "1024, 40, 2",
    "1025, 33, 0",
    "3000, 5, 0"
  })
  void columnsAreSummedBy32(int rows, int columns, int gap) {
    SplittableRandom random = new SplittableRandom(rows);
    MatrixShape shape = new MatrixShape(rows, columns, columns + gap);
    float[] groupSums = numbers((int) shape.span(), random);
    for (ElementType type : TYPES) {
      check(shape, groupSums, type, numbers(columns, random), true);
      check(shape, groupSums, type, numbers(columns, random), false);
    }
  }

  private void check(
      MatrixShape shape, float[] groupSums, ElementType type, float[] old, boolean accumulates) {
    int columns = (int) shape.columns();
    long[] before = bits(type, old);
    long workspaceBytes = CudaEpilogue.columnSumsWorkspaceBytes(shape.rows(), columns);
    try (CudaStream stream = CudaStream.create(device);
        DeviceBits sums =
            new DeviceBits(device, ElementType.F32, bits(ElementType.F32, groupSums));
        DeviceBits gradBias = new DeviceBits(device, type, before);
        DeviceBuffer workspace = DeviceBuffer.allocate(device, Math.max(workspaceBytes, 1))) {
      CudaEpilogue.of(device)
          .columnSums(
              Matrix.onDevice(ElementType.F32, sums.elements().address(), shape),
              gradBias.elements(),
              accumulates,
              workspaceBytes == 0 ? null : new Bytes.OfDevice(workspace.address(), workspaceBytes),
              stream.handle());
      stream.synchronize();
      long[] expected = new long[columns];
      for (int column = 0; column < columns; column++) {
        float[] values = new float[(int) shape.rows()];
        for (int row = 0; row < values.length; row++) {
          values[row] = groupSums[(int) (row * shape.rowStride()) + column];
        }
        float sum = sum(values);
        float start = ReferenceArithmetic.widen(type, before[column]);
        expected[column] = ReferenceArithmetic.narrow(type, accumulates ? start + sum : sum);
      }
      assertArrayEquals(expected, gradBias.read(), shape + " to " + type + ", " + accumulates);
      assertArrayEquals(bits(ElementType.F32, groupSums), sums.read());
    }
  }

  @Test
  void sumOfNoRowsIsZero() {
    MatrixShape none = MatrixShape.of(0, 3);
    for (ElementType type : TYPES) {
      check(none, type, true, bits(type, new float[] {1, -2, 3}));
      check(none, type, false, new long[3]);
    }
  }

  private void check(MatrixShape none, ElementType type, boolean accumulates, long[] expected) {
    try (CudaStream stream = CudaStream.create(device);
        DeviceBits gradBias = new DeviceBits(device, type, bits(type, new float[] {1, -2, 3}))) {
      CudaEpilogue.of(device)
          .columnSums(
              Matrix.onDevice(ElementType.F32, 0, none),
              gradBias.elements(),
              accumulates,
              null,
              stream.handle());
      stream.synchronize();
      assertArrayEquals(expected, gradBias.read());
    }
  }

  /** Two launches leave ceil(rows / 1024) and ceil(rows / 1024^2) rows between them. */
  @Test
  void workspaceHoldsWhatIsBetweenLaunches() {
    assertEquals(0, CudaEpilogue.columnSumsWorkspaceBytes(0, 7));
    assertEquals(0, CudaEpilogue.columnSumsWorkspaceBytes(1024, 7));
    assertEquals(2 * 7 * 4, CudaEpilogue.columnSumsWorkspaceBytes(1025, 7));
    assertEquals(1024 * 7 * 4, CudaEpilogue.columnSumsWorkspaceBytes(1 << 20, 7));
    assertEquals((1025 + 2) * 7 * 4, CudaEpilogue.columnSumsWorkspaceBytes((1 << 20) + 1, 7));
  }
}
