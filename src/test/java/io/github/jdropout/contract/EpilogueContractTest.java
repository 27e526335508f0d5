package io.github.jdropout.contract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jdropout.backend.EpilogueBackend;
import io.github.jdropout.parity.Pairs;
import io.github.jdropout.parity.reference.ReferenceArithmetic;
import io.github.jdropout.spec.Activation;
import io.github.jdropout.spec.DropoutSpec;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.Elements;
import io.github.jdropout.spec.Epilogue;
import io.github.jdropout.spec.HostMatrix;
import io.github.jdropout.spec.MaskKey;
import io.github.jdropout.spec.MatrixShape;
import io.github.jdropout.testing.KnownAnswers;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What every epilogue of a layer must do, to the bit; a subclass gives the backend, or what takes a
 * GPU for one.
 *
 * <p>Each two values of two axes – types, activations, sizes, strides, places, indices – meet in
 * some case. Sizes stand around a quad (8), a word of mask bits (64), a tile (1024) and a group of
 * rows (32). Outputs are poisoned before; gaps between rows and canaries on both sides are checked
 * after.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class EpilogueContractTest {
  private static final List<ElementType> TYPES =
      List.of(ElementType.F32, ElementType.F16, ElementType.BF16);

  private static final List<Activation> ACTIVATIONS = List.of(Activation.values());
  private static final int[] COLUMNS = {1, 7, 8, 9, 63, 64, 65, 100, 1023, 1024, 1025};
  private static final int[] ROWS = {0, 1, 2, 31, 32, 33, 65};
  private static final double[] PROBABILITIES = {0, 1e-9, 0.1, 0.5, 0.9, 1};

  /** Of index 0 and unaligned ones, where the quad's index and its low half wrap, and the last. */
  private static final long[] FIRST_INDICES = {
    0, 3, (1L << 32) - 5, (1L << 35) - 1029, (1L << 40) - 500, Long.MAX_VALUE
  };

  private static final MaskKey KEY = new MaskKey(1, 2);

  /** Elements between rows; the last stands for different ones in each matrix. */
  private static final int[] GAPS = {0, 1, 64, -1};

  private enum Residual {
    NONE,
    NONE_OUTPUT_OVER_PRODUCT,
    APART,
    OUTPUT_OVER_PRODUCT,
    OUTPUT_OVER_RESIDUAL
  }

  private enum GradProduct {
    APART,
    OVER_GRAD_OUTPUT,
    OVER_PRODUCT
  }

  /** Returns what is tested; called once for each test. */
  abstract EpilogueBackend subject();

  private EpilogueBackend subject;

  @BeforeEach
  void makeSubject() {
    subject = subject();
  }

  @ParameterizedTest
  @EnumSource
  void knownActivations(Activation activation) {
    List<KnownAnswers.Activated> known =
        KnownAnswers.activations().stream().filter(k -> k.activation() == activation).toList();
    int count = known.size();
    float[] numbers = new float[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = Float.intBitsToFloat(known.get(i).bits());
    }
    float[] values = new float[count];
    float[] derivatives = new float[count];
    Arrays.fill(derivatives, 1);
    MatrixShape shape = MatrixShape.of(1, count);
    HostMatrix product = new HostMatrix(Elements.of(numbers), shape);
    HostMatrix gradient = new HostMatrix(Elements.of(derivatives), shape);
    Epilogue epilogue = Epilogue.training(DropoutSpec.of(0), activation, KEY, 0, count);
    MemorySegment signs = null;
    if (activation == Activation.RELU) {
      signs = MemorySegment.ofArray(new byte[(int) Epilogue.signBytes(shape)]);
    }
    HostMatrix output = new HostMatrix(Elements.of(values), shape);
    subject.epilogue(epilogue, product, null, null, output, signs);
    HostMatrix needed = activation.needsProduct() ? product : null;
    subject.epilogueGradient(epilogue, gradient, needed, null, signs, gradient, null);
    for (int i = 0; i < count; i++) {
      // Unlike floatToRawIntBits, it makes every NaN the one that stands for all.
      assertEquals(known.get(i).value(), Float.floatToIntBits(values[i]), known.get(i)::toString);
      assertEquals(
          known.get(i).derivative(), Float.floatToIntBits(derivatives[i]), known.get(i)::toString);
    }
  }

  static Stream<int[]> combinations() {
    return Pairs.covering(
        TYPES.size(),
        ACTIVATIONS.size(),
        COLUMNS.length,
        ROWS.length,
        PROBABILITIES.length,
        2,
        FIRST_INDICES.length,
        3,
        2,
        Residual.values().length,
        GradProduct.values().length,
        GAPS.length,
        Storage.values().length + 1,
        2)
        .stream();
  }

  @Test
  void combinationsFollowTheOracle() {
    SplittableRandom random = new SplittableRandom(5);
    combinations().forEach(values -> check(values, random));
  }

  private void check(int[] values, SplittableRandom random) {
    ElementType type = TYPES.get(values[0]);
    int columns = COLUMNS[values[2]];
    int rows = ROWS[values[3]];
    DropoutSpec inverted = DropoutSpec.of(PROBABILITIES[values[4]]);
    long stride = new long[] {columns, columns + 24L, 3L * columns + 7}[values[7]];
    // The last index that there is belongs to the last element.
    long last = Long.MAX_VALUE - rows * stride - columns;
    Residual residual = Residual.values()[values[9]];
    boolean hasResidual =
        residual != Residual.NONE && residual != Residual.NONE_OUTPUT_OVER_PRODUCT;
    EpilogueCase given =
        EpilogueCase.training(
            type,
            ACTIVATIONS.get(values[1]),
            values[5] == 0 ? inverted : inverted.classical(),
            Math.min(FIRST_INDICES[values[6]], last),
            stride,
            rows,
            columns,
            Patterns.operand(type, rows * columns, random),
            Patterns.operand(type, rows * columns, random),
            values[8] == 0 ? null : Patterns.operand(type, columns, random),
            hasResidual ? Patterns.operand(type, rows * columns, random) : null);
    Layout layout = new Layout(given, GAPS[values[11]], values[12]);
    boolean isComplete = values[13] == 0;
    checkForward(given, layout, residual, isComplete);
    checkBackward(given, layout, GradProduct.values()[values[10]], isComplete);
  }

  /** Where the operands of a case lie. */
  private record Layout(EpilogueCase given, int gap, int storage) {
    Storage storageOf(int operand) {
      Storage[] all = Storage.values();
      return storage < all.length ? all[storage] : all[operand % all.length];
    }

    MatrixShape shapeOf(int operand) {
      int between = gap >= 0 ? gap : 3 * operand;
      return new MatrixShape(given.rows, given.columns, given.columns + between);
    }

    TestMatrix matrix(int operand, long[] bits) {
      return TestMatrix.of(given.type, storageOf(operand), shapeOf(operand), bits);
    }

    TestMatrix poisoned(int operand) {
      return TestMatrix.poisoned(given.type, storageOf(operand), shapeOf(operand));
    }

    /** Returns the bias; null for none. */
    Storage.Cells bias() {
      return given.bias == null ? null : storageOf(1).allocate(given.type, given.bias);
    }

    /** Returns memory for sign bits, 64 of them taken for an f64. */
    Storage.Cells signs(long[] words) {
      return storageOf(4).allocate(ElementType.F64, words);
    }
  }

  private static Elements elements(Storage.Cells cells) {
    return cells == null ? null : cells.elements();
  }

  private static HostMatrix matrix(TestMatrix tested) {
    return tested == null ? null : tested.matrix();
  }

  private void checkForward(EpilogueCase given, Layout layout, Residual place, boolean hasSigns) {
    TestMatrix product = layout.matrix(0, given.product);
    Storage.Cells bias = layout.bias();
    TestMatrix residual = given.residual == null ? null : layout.matrix(2, given.residual);
    TestMatrix output =
        switch (place) {
          case NONE, APART -> layout.poisoned(3);
          case NONE_OUTPUT_OVER_PRODUCT, OUTPUT_OVER_PRODUCT -> product;
          case OUTPUT_OVER_RESIDUAL -> residual;
        };
    Storage.Cells signs = null;
    if (hasSigns && given.epilogue.activation() == Activation.RELU) {
      signs = layout.signs(Patterns.poison(ElementType.F64, given.signs().length));
    }
    subject.epilogue(
        given.epilogue,
        product.matrix(),
        elements(bias),
        matrix(residual),
        output.matrix(),
        signs == null ? null : signs.elements().segment());
    String context = place + ", " + layout;
    assertNull(given.firstDifference(given.type, given.output(), output.bits()), context);
    assertTrue(output.isIntactOutside(), context);
    assertTrue(output == product || product.holds(given.product), context);
    assertTrue(residual == null || output == residual || residual.holds(given.residual), context);
    checkBias(given, bias, context);
    if (signs != null) {
      assertArrayEquals(given.signs(), signs.bits(), context);
      assertTrue(signs.areGuardsIntact(), context);
    }
  }

  private static void checkBias(EpilogueCase given, Storage.Cells bias, String context) {
    if (bias != null) {
      assertArrayEquals(given.bias, bias.bits(), context);
      assertTrue(bias.areGuardsIntact(), context);
    }
  }

  private void checkBackward(
      EpilogueCase given, Layout layout, GradProduct place, boolean hasSums) {
    Activation activation = given.epilogue.activation();
    TestMatrix gradOutput = layout.matrix(0, given.gradOutput);
    TestMatrix product = activation.needsProduct() ? layout.matrix(2, given.product) : null;
    Storage.Cells bias = layout.bias();
    Storage.Cells signs = activation == Activation.RELU ? layout.signs(given.signs()) : null;
    TestMatrix gradProduct = layout.poisoned(3);
    if (place == GradProduct.OVER_GRAD_OUTPUT) {
      gradProduct = gradOutput;
    } else if (place == GradProduct.OVER_PRODUCT && product != null) {
      gradProduct = product;
    }
    MatrixShape sumsShape = MatrixShape.of(Epilogue.groups(given.rows), given.columns);
    TestMatrix sums =
        hasSums ? TestMatrix.poisoned(ElementType.F32, layout.storageOf(5), sumsShape) : null;
    subject.epilogueGradient(
        given.epilogue,
        gradOutput.matrix(),
        matrix(product),
        elements(bias),
        signs == null ? null : signs.elements().segment(),
        gradProduct.matrix(),
        matrix(sums));
    String context = "gradient, " + place + ", " + layout;
    float[][] gradient = given.gradient();
    assertNull(
        given.firstDifference(given.type, given.rounded(gradient), gradProduct.bits()), context);
    assertTrue(gradProduct.isIntactOutside(), context);
    assertTrue(gradProduct == gradOutput || gradOutput.holds(given.gradOutput), context);
    assertTrue(product == null || gradProduct == product || product.holds(given.product), context);
    checkBias(given, bias, context);
    if (signs != null) {
      assertArrayEquals(given.signs(), signs.bits(), context);
    }
    if (sums != null) {
      assertNull(
          given.firstDifference(ElementType.F32, given.groupSums(gradient), sums.bits()),
          "sums, " + context);
      assertTrue(sums.isIntactOutside(), context);
    }
  }

  static Stream<Arguments> typesAndActivations() {
    return TYPES.stream().flatMap(type -> ACTIVATIONS.stream().map(a -> Arguments.of(type, a)));
  }

  /** All of the 16-bit numbers, and as many of f32 from all of its range. */
  @ParameterizedTest
  @MethodSource("typesAndActivations")
  void everyNumberIsActivated(ElementType type, Activation activation) {
    long[] numbers = new long[65536];
    long[] ones = new long[numbers.length];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = type == ElementType.F32 ? i * 65537L : i;
      ones[i] = ReferenceArithmetic.narrow(type, 1);
    }
    EpilogueCase given =
        EpilogueCase.training(
            type, activation, DropoutSpec.of(0), 0, 1024, 64, 1024, numbers, ones, null, null);
    Layout layout = new Layout(given, 0, 0);
    checkForward(given, layout, Residual.NONE, true);
    checkBackward(given, layout, GradProduct.APART, true);
  }

  @ParameterizedTest
  @MethodSource("typesAndActivations")
  void inferenceKeepsAll(ElementType type, Activation activation) {
    SplittableRandom random = new SplittableRandom(6);
    for (double p : PROBABILITIES) {
      DropoutSpec inverted = DropoutSpec.of(p);
      for (DropoutSpec spec : List.of(inverted, inverted.classical())) {
        boolean hasResidual = random.nextBoolean();
        EpilogueCase given =
            EpilogueCase.inference(
                type,
                activation,
                spec,
                5,
                65,
                Patterns.operand(type, 5 * 65, random),
                null,
                Patterns.operand(type, 65, random),
                hasResidual ? Patterns.operand(type, 5 * 65, random) : null);
        Residual place = hasResidual ? Residual.APART : Residual.NONE_OUTPUT_OVER_PRODUCT;
        checkForward(given, new Layout(given, 1, random.nextInt(4)), place, true);
      }
    }
  }

  /**
   * Large enough to be split over threads, in memory that allows it and in memory that does not.
   */
  @ParameterizedTest
  @EnumSource(names = {"RELU", "GELU_TANH"})
  void largeCallsFollowTheOracle(Activation activation) {
    int rows = 140;
    int columns = 1030;
    SplittableRandom random = new SplittableRandom(7);
    EpilogueCase given =
        EpilogueCase.training(
            ElementType.BF16,
            activation,
            DropoutSpec.of(0.3),
            (1L << 33) + 11,
            columns,
            rows,
            columns,
            Patterns.operand(ElementType.BF16, rows * columns, random),
            Patterns.operand(ElementType.BF16, rows * columns, random),
            Patterns.operand(ElementType.BF16, columns, random),
            null);
    Layout layout = new Layout(given, 2, 0);
    checkForward(given, layout, Residual.NONE, true);
    checkBackward(given, layout, GradProduct.OVER_GRAD_OUTPUT, true);
    try (Arena arena = Arena.ofConfined()) {
      HostMatrix product = confined(arena, given.product, rows, columns);
      subject.epilogue(given.epilogue, product, confined(arena, given.bias), null, product, null);
      assertNull(given.firstDifference(ElementType.BF16, given.output(), bits(product)));
    }
  }

  private static Elements confined(Arena arena, long[] bits) {
    MemorySegment segment = arena.allocate(2L * bits.length);
    short[] shorts = new short[bits.length];
    for (int i = 0; i < shorts.length; i++) {
      shorts[i] = (short) bits[i];
    }
    segment.copyFrom(MemorySegment.ofArray(shorts));
    return Elements.of(ElementType.BF16, segment);
  }

  private static HostMatrix confined(Arena arena, long[] bits, int rows, int columns) {
    return new HostMatrix(confined(arena, bits), MatrixShape.of(rows, columns));
  }

  private static long[] bits(HostMatrix matrix) {
    short[] shorts = new short[(int) matrix.elementCount()];
    matrix.elements().read(0, shorts, shorts.length);
    long[] bits = new long[shorts.length];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = shorts[i] & 0xFFFF;
    }
    return bits;
  }

  /** Data parallelism has some of the rows, tensor parallelism some of the columns. */
  @ParameterizedTest
  @MethodSource("typesAndActivations")
  void partsOfAMatrixDrawItsMask(ElementType type, Activation activation) {
    int[] rowCuts = {0, 13, 32, 65};
    int[] columnCuts = {0, 7, 64, 200};
    SplittableRandom random = new SplittableRandom(8);
    long[] product = Patterns.operand(type, 65 * 200, random);
    long[] gradOutput = Patterns.operand(type, 65 * 200, random);
    long[] bias = Patterns.operand(type, 200, random);
    Part whole = new Part(type, activation, 0, 65, 0, 200, product, gradOutput, bias);
    for (int i = 0; i < rowCuts.length - 1; i++) {
      for (int j = 0; j < columnCuts.length - 1; j++) {
        Part part =
            new Part(
                type,
                activation,
                rowCuts[i],
                rowCuts[i + 1],
                columnCuts[j],
                columnCuts[j + 1],
                product,
                gradOutput,
                bias);
        part.checkIsOf(whole);
      }
    }
  }

  /** Some rows and columns of a matrix of 200 columns, through the backend in both directions. */
  private final class Part {
    private static final int ALL_COLUMNS = 200;

    private final int fromRow;
    private final int fromColumn;
    private final int columns;
    private final EpilogueCase given;
    private final long[] output;
    private final long[] gradProduct;

    Part(
        ElementType type,
        Activation activation,
        int fromRow,
        int toRow,
        int fromColumn,
        int toColumn,
        long[] product,
        long[] gradOutput,
        long[] bias) {
      this.fromRow = fromRow;
      this.fromColumn = fromColumn;
      this.columns = toColumn - fromColumn;
      long[] biasPart = new long[columns];
      System.arraycopy(bias, fromColumn, biasPart, 0, columns);
      given =
          EpilogueCase.training(
              type,
              activation,
              DropoutSpec.of(0.4),
              (long) fromRow * ALL_COLUMNS + fromColumn,
              ALL_COLUMNS,
              toRow - fromRow,
              columns,
              cut(product, toRow - fromRow),
              cut(gradOutput, toRow - fromRow),
              biasPart,
              null);
      Layout layout = new Layout(given, 0, 0);
      TestMatrix matrix = layout.matrix(0, given.product);
      Elements biasElements = layout.bias().elements();
      Storage.Cells signs = null;
      if (activation == Activation.RELU) {
        signs = layout.signs(new long[given.signs().length]);
      }
      MemorySegment signBits = signs == null ? null : signs.elements().segment();
      TestMatrix forward = layout.poisoned(1);
      subject.epilogue(
          given.epilogue, matrix.matrix(), biasElements, null, forward.matrix(), signBits);
      output = forward.bits();
      TestMatrix backward = layout.matrix(2, given.gradOutput);
      subject.epilogueGradient(
          given.epilogue,
          backward.matrix(),
          activation.needsProduct() ? matrix.matrix() : null,
          biasElements,
          signBits,
          backward.matrix(),
          null);
      gradProduct = backward.bits();
    }

    private long[] cut(long[] matrix, int rows) {
      long[] part = new long[rows * columns];
      for (int row = 0; row < rows; row++) {
        int from = (fromRow + row) * ALL_COLUMNS + fromColumn;
        System.arraycopy(matrix, from, part, row * columns, columns);
      }
      return part;
    }

    void checkIsOf(Part whole) {
      assertNull(given.firstDifference(given.type, cut(whole.output, given.rows), output));
      assertNull(
          given.firstDifference(given.type, cut(whole.gradProduct, given.rows), gradProduct));
    }
  }
}
