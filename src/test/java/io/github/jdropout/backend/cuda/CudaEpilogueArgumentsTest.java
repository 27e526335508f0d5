package io.github.jdropout.backend.cuda;

import static io.github.jdropout.testing.Messages.assertNullNamed;
import static io.github.jdropout.testing.Messages.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jdropout.backend.BackendId;
import io.github.jdropout.spec.Activation;
import io.github.jdropout.spec.Bytes;
import io.github.jdropout.spec.DeviceElements;
import io.github.jdropout.spec.DeviceMatrix;
import io.github.jdropout.spec.DropoutSpec;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.Epilogue;
import io.github.jdropout.spec.MaskKey;
import io.github.jdropout.spec.Matrix;
import io.github.jdropout.spec.MatrixShape;
import io.github.jdropout.testing.Backends;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Bad arguments of epilogues in device memory: each is named, and nothing is written. */
class CudaEpilogueArgumentsTest {
  private static final int ROWS = 33;
  private static final int COLUMNS = 10;
  private static final int COUNT = ROWS * COLUMNS;
  private static final MaskKey KEY = new MaskKey(1, 2);

  private CudaEpilogue subject;
  private DeviceKey deviceKey;
  private Floats in;
  private Floats out;
  private Floats sums;
  private DeviceMatrix input;
  private DeviceMatrix output;
  private DeviceMatrix groupSums;
  private DeviceElements bias;
  private Bytes.OfDevice signs;

  @BeforeEach
  void allocate() {
    Backends.assumeAvailable(BackendId.CUDA);
    CudaDevice device = CudaSupport.devices().getFirst();
    subject = CudaEpilogue.of(device);
    deviceKey = DeviceKey.of(device, KEY);
    in = Floats.counting(device, 2 * COUNT);
    out = Floats.poisoned(device, 2 * COUNT);
    sums = Floats.poisoned(device, 200);
    input = Matrix.onDevice(ElementType.F32, in.address(), ROWS, COLUMNS);
    output = Matrix.onDevice(ElementType.F32, out.address(), ROWS, COLUMNS);
    bias = in.elements().slice(COUNT, COLUMNS);
    groupSums = Matrix.onDevice(ElementType.F32, sums.address(), 2, COLUMNS);
    signs = new Bytes.OfDevice(sums.address() + 80, 8 * ROWS);
  }

  @AfterEach
  void free() {
    if (deviceKey != null) {
      List.of(deviceKey, in, out, sums).forEach(CudaEpilogueArgumentsTest::close);
    }
  }

  private static void close(AutoCloseable resource) {
    try {
      resource.close();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static Epilogue epilogue(Activation activation) {
    return Epilogue.training(DropoutSpec.of(0.3), activation, KEY, 0, COLUMNS);
  }

  private static Epilogue epilogue(int threshold, long firstIndex, long indexStride) {
    return new Epilogue(Activation.IDENTITY, threshold, 1, KEY, firstIndex, indexStride);
  }

  private void assertNothingWritten() {
    assertTrue(out.isPoisoned());
    assertTrue(sums.isPoisoned());
    assertArrayEquals(Floats.counting(2 * COUNT), in.values());
  }

  /** Asserts that a forward call is refused, with the key in either place. */
  private void assertForwardRefused(
      String message,
      Epilogue epilogue,
      DeviceMatrix product,
      DeviceElements given,
      DeviceMatrix residual,
      DeviceMatrix target,
      Bytes.OfDevice bits) {
    assertRefused(
        message, () -> subject.epilogue(epilogue, product, given, residual, target, bits, 0));
    assertRefused(
        message,
        () -> subject.epilogue(epilogue, deviceKey, product, given, residual, target, bits, 0));
    assertNothingWritten();
  }

  /** Asserts that a gradient is refused, with the key in either place. */
  private void assertGradientRefused(
      String message,
      Activation activation,
      DeviceMatrix gradOutput,
      DeviceMatrix product,
      Bytes.OfDevice bits,
      DeviceMatrix gradProduct,
      DeviceMatrix groups) {
    Epilogue epilogue = epilogue(activation);
    assertRefused(
        message,
        () ->
            subject.epilogueGradient(
                epilogue, gradOutput, product, bias, bits, gradProduct, groups, 0));
    assertRefused(
        message,
        () ->
            subject.epilogueGradient(
                epilogue, deviceKey, gradOutput, product, bias, bits, gradProduct, groups, 0));
    assertNothingWritten();
  }

  private static DeviceMatrix part(DeviceMatrix matrix, long rows, long columns) {
    return Matrix.onDevice(matrix.type(), matrix.address(), rows, columns);
  }

  @Test
  void typesAndSizesMustBeTheSame() {
    Epilogue identity = epilogue(Activation.IDENTITY);
    String start =
        "types and sizes must be those of product, with one number of the bias for each column,"
            + " but product is f32[33 x 10]";
    assertForwardRefused(
        start + ", bias is 10 f32, residual is f32[33 x 10], output is f32[32 x 10]",
        identity,
        input,
        bias,
        input,
        part(output, 32, COLUMNS),
        null);
    assertForwardRefused(
        start + ", residual is f32[33 x 9], output is f32[33 x 10]",
        identity,
        input,
        null,
        part(input, ROWS, 9),
        output,
        null);
    assertForwardRefused(
        start + ", bias is 9 f32, output is f32[33 x 10]",
        identity,
        input,
        bias.slice(0, 9),
        null,
        output,
        null);
    assertForwardRefused(
        start + ", output is bf16[33 x 10]",
        identity,
        input,
        null,
        null,
        Matrix.onDevice(ElementType.BF16, out.address(), ROWS, COLUMNS),
        null);
    assertGradientRefused(
        "types and sizes must be those of gradOutput, with one number of the bias for each column,"
            + " but gradOutput is f32[33 x 10], bias is 10 f32, product is f32[33 x 9],"
            + " gradProduct is f32[33 x 10]",
        Activation.SILU,
        input,
        part(input, ROWS, 9),
        null,
        output,
        null);
  }

  @Test
  void typeMustBeOneOfLayers() {
    DeviceMatrix f64 = Matrix.onDevice(ElementType.F64, out.address(), ROWS, COLUMNS);
    assertForwardRefused(
        "product must be f32, f16 or bf16 but is f64",
        epilogue(Activation.IDENTITY),
        f64,
        null,
        null,
        f64,
        null);
    assertRefused(
        "type must be f32, f16 or bf16 but is f64", () -> subject.prepare(ElementType.F64));
    assertRefused(
        "gradBias must be f32, f16 or bf16 but is f64",
        () ->
            subject.columnSums(
                groupSums, new DeviceElements(ElementType.F64, out.address(), 10), false, null, 0));
  }

  @Test
  void thresholdAndIndicesMustBeInRange() {
    for (int threshold : new int[] {-1, 65537}) {
      assertForwardRefused(
          "threshold must be in [0, 65536] but is " + threshold,
          epilogue(threshold, 0, COLUMNS),
          input,
          null,
          null,
          output,
          null);
    }
    assertForwardRefused(
        "indexStride must be at least the columns of product[33 x 10] but is 9",
        epilogue(5, 0, 9),
        input,
        null,
        null,
        output,
        null);
    long last = Long.MAX_VALUE - 32 * 10 - 9;
    for (long[] bad : new long[][] {{-1, 10}, {last + 1, 10}, {0, Long.MAX_VALUE / 32 + 1}}) {
      assertForwardRefused(
          "the indices of product[33 x 10] must be in [0, 2^63 - 1] but firstIndex is "
              + bad[0]
              + " and indexStride "
              + bad[1],
          epilogue(5, bad[0], bad[1]),
          input,
          null,
          null,
          output,
          null);
    }
    // The largest index that there is; and none matters where nothing is drawn.
    subject.epilogue(epilogue(5, last, 10), input, null, null, output, null, 0);
    subject.epilogue(epilogue(65536, -1, 0), input, null, null, output, null, 0);
    assertEquals(in.values()[COUNT - 1], out.values()[COUNT - 1]);
  }

  @Test
  void overlapIsRefusedUnlessItIsTheSamePlace() {
    Epilogue identity = epilogue(Activation.IDENTITY);
    DeviceMatrix shifted = Matrix.onDevice(ElementType.F32, out.address() + 40, ROWS, COLUMNS);
    assertForwardRefused(
        "output overlaps product but is not the same place",
        identity,
        output,
        null,
        null,
        shifted,
        null);
    assertForwardRefused(
        "output overlaps residual but is not the same place",
        identity,
        input,
        null,
        output,
        shifted,
        null);
    assertGradientRefused(
        "gradProduct overlaps gradOutput but is not the same place",
        Activation.IDENTITY,
        shifted,
        null,
        null,
        output,
        null);
    assertGradientRefused(
        "gradProduct overlaps product but is not the same place",
        Activation.GELU,
        input,
        shifted,
        null,
        output,
        null);
    assertForwardRefused(
        "output must not overlap bias",
        identity,
        input,
        out.elements().slice(5, COLUMNS),
        null,
        output,
        null);
    assertForwardRefused(
        "signs must not overlap output",
        epilogue(Activation.RELU),
        input,
        null,
        null,
        output,
        new Bytes.OfDevice(out.address() + 4 * COUNT - 1, 8 * ROWS));
    assertGradientRefused(
        "groupSums must not overlap gradOutput",
        Activation.IDENTITY,
        input,
        null,
        null,
        output,
        Matrix.onDevice(ElementType.F32, in.address(), 2, COLUMNS));
  }

  /** Columns 0 to 4 and 5 to 9 of one matrix lie beside each other; 0 to 4 and 4 to 8 do not. */
  @Test
  void partsOfTheColumnsOfAMatrixDoNotOverlap() {
    Epilogue keepAll = epilogue(65536, 0, 0);
    MatrixShape half = new MatrixShape(ROWS, 5, COLUMNS);
    DeviceMatrix left = Matrix.onDevice(ElementType.F32, out.address(), half);
    for (int column : new int[] {4, 1, 6, 9}) {
      DeviceMatrix over = Matrix.onDevice(ElementType.F32, out.address() + 4L * column, half);
      assertForwardRefused(
          "output overlaps product but is not the same place",
          keepAll,
          left,
          null,
          null,
          over,
          null);
      assertForwardRefused(
          "output overlaps product but is not the same place",
          keepAll,
          over,
          null,
          null,
          left,
          null);
    }
    DeviceMatrix right = Matrix.onDevice(ElementType.F32, out.address() + 20, half);
    DeviceMatrix source = Matrix.onDevice(ElementType.F32, in.address(), half);
    subject.epilogue(keepAll, source, null, null, left, null, 0);
    subject.epilogue(keepAll, left, null, null, right, null, 0);
    float[] values = out.values();
    for (int i = 0; i < COUNT; i++) {
      int from = i / COLUMNS * COLUMNS + i % 5;
      assertEquals(from + 1, (int) values[i]);
    }
  }

  @Test
  void signsMustBeReLUsAndLargeEnough() {
    assertForwardRefused(
        "signs are for relu only, and must be null for gelu",
        epilogue(Activation.GELU),
        input,
        null,
        null,
        output,
        signs);
    Bytes.OfDevice few = new Bytes.OfDevice(signs.address(), 8 * ROWS - 1);
    String message = "signs must have at least 264 bytes for [33 x 10] but have 263";
    assertForwardRefused(message, epilogue(Activation.RELU), input, null, null, output, few);
    assertGradientRefused(message, Activation.RELU, input, null, few, output, null);
  }

  @Test
  void gradientMustHaveWhatItsActivationNeeds() {
    assertGradientRefused(
        "product must not be null for the gradient of gelu_tanh",
        Activation.GELU_TANH,
        input,
        null,
        null,
        output,
        null);
    assertGradientRefused(
        "product must be null for the gradient of relu",
        Activation.RELU,
        input,
        input,
        signs,
        output,
        null);
    assertGradientRefused(
        "signs must not be null for the gradient of relu",
        Activation.RELU,
        input,
        null,
        null,
        output,
        null);
    assertGradientRefused(
        "signs must be null for the gradient of identity",
        Activation.IDENTITY,
        input,
        null,
        signs,
        output,
        null);
  }

  @Test
  void groupSumsMustHaveARowForEach32() {
    String message = "groupSums must be f32[2 x 10] for gradOutput[33 x 10] but are ";
    assertGradientRefused(
        message + "f32[1 x 10]",
        Activation.IDENTITY,
        input,
        null,
        null,
        output,
        part(groupSums, 1, COLUMNS));
    assertGradientRefused(
        message + "f16[2 x 10]",
        Activation.IDENTITY,
        input,
        null,
        null,
        output,
        Matrix.onDevice(ElementType.F16, sums.address(), 2, COLUMNS));
  }

  @Test
  void columnSumsMustSuitEachOther() {
    DeviceElements gradBias = out.elements().slice(0, COLUMNS);
    assertRefused(
        "groupSums must be f32 but are bf16[2 x 10]",
        () ->
            subject.columnSums(
                Matrix.onDevice(ElementType.BF16, sums.address(), 2, COLUMNS),
                gradBias,
                false,
                null,
                0));
    assertRefused(
        "gradBias has 9 elements but groupSums have 10 columns: [2 x 10]",
        () -> subject.columnSums(groupSums, gradBias.slice(0, 9), false, null, 0));
    assertRefused(
        "gradBias must not overlap groupSums",
        () -> subject.columnSums(groupSums, sums.elements().slice(9, COLUMNS), true, null, 0));
    DeviceMatrix many = Matrix.onDevice(ElementType.F32, in.address(), 1025, 1);
    assertRefused(
        "workspace must have at least 8 bytes at a multiple of 4 for groupSums [1025 x 1] but has 0"
            + " at 0x0",
        () -> subject.columnSums(many, gradBias.slice(0, 1), false, null, 0));
    assertNothingWritten();
  }

  @Test
  void memoryMustBeTheDevices() {
    DeviceMatrix beyond = Matrix.onDevice(ElementType.F32, out.address() + 8, 66, COLUMNS);
    DeviceMatrix source = Matrix.onDevice(ElementType.F32, in.address(), 66, COLUMNS);
    assertForwardRefused(
        "output has 2640 bytes from 0x"
            + Long.toHexString(beyond.address())
            + " on but the allocation has only 2632 there",
        epilogue(Activation.IDENTITY),
        source,
        null,
        null,
        beyond,
        null);
    DeviceMatrix nowhere = Matrix.onDevice(ElementType.F32, 64, ROWS, COLUMNS);
    String message = " must be memory of CUDA but 0x40 is not: it has been freed, or is the host's";
    assertForwardRefused(
        "residual" + message, epilogue(Activation.IDENTITY), input, null, nowhere, output, null);
    assertGradientRefused(
        "gradOutput" + message, Activation.IDENTITY, nowhere, null, null, output, null);
  }

  @Test
  void closedKeyIsRefused() {
    DeviceKey closed = DeviceKey.of(CudaSupport.devices().getFirst(), KEY);
    closed.close();
    Epilogue identity = epilogue(Activation.IDENTITY);
    assertThrows(
        IllegalStateException.class,
        () -> subject.epilogue(identity, closed, input, null, null, output, null, 0));
    assertThrows(
        IllegalStateException.class,
        () -> subject.epilogueGradient(identity, closed, input, null, null, null, output, null, 0));
    assertNothingWritten();
  }

  @Test
  void nullsAreNamed() {
    Epilogue identity = epilogue(Activation.IDENTITY);
    assertNullNamed("device", () -> CudaEpilogue.of(null));
    assertNullNamed("type", () -> subject.prepare(null));
    assertNullNamed("epilogue", () -> subject.epilogue(null, input, null, null, output, null, 0));
    assertNullNamed("product", () -> subject.epilogue(identity, null, null, null, output, null, 0));
    assertNullNamed("output", () -> subject.epilogue(identity, input, null, null, null, null, 0));
    assertNullNamed(
        "key", () -> subject.epilogue(identity, null, input, null, null, output, null, 0));
    assertNullNamed(
        "gradOutput",
        () -> subject.epilogueGradient(identity, null, null, null, null, output, null, 0));
    assertNullNamed(
        "gradProduct",
        () -> subject.epilogueGradient(identity, input, null, null, null, null, null, 0));
    assertNullNamed("groupSums", () -> subject.columnSums(null, bias, false, null, 0));
    assertNullNamed("gradBias", () -> subject.columnSums(groupSums, null, false, null, 0));
    assertNothingWritten();
  }

  @Test
  void nothingIsDoneToNoElements() {
    DeviceMatrix none = Matrix.onDevice(ElementType.F32, 0, 0, COLUMNS);
    Epilogue identity = epilogue(Activation.IDENTITY);
    subject.epilogue(identity, none, null, null, none, null, 0);
    subject.epilogueGradient(identity, none, null, null, null, none, none, 0);
    subject.columnSums(
        Matrix.onDevice(ElementType.F32, 0, 5, 0),
        new DeviceElements(ElementType.F32, 0, 0),
        true,
        null,
        0);
    assertNothingWritten();
  }
}
