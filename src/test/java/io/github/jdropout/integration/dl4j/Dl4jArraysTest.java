package io.github.jdropout.integration.dl4j;

import static io.github.jdropout.integration.dl4j.Nets.assertSameBits;
import static io.github.jdropout.integration.dl4j.Nets.bits;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jdropout.Dropout;
import io.github.jdropout.rng.StreamAllocator;
import io.github.jdropout.spec.MaskKey;
import io.github.jdropout.spec.PackedMask;
import java.util.List;
import java.util.stream.Stream;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.memory.conf.WorkspaceConfiguration;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** The mask belongs to the logical index, whatever the memory layout; nothing else is written. */
class Dl4jArraysTest {
  private static final double P = 0.5;
  private static final long SEED = 11;
  private static final int SAMPLE = 5;
  private static final JDropout DROPOUT = JDropout.dropping(P).withSeed(SEED);
  private static final MaskKey KEY =
      new MaskKey(SEED, StreamAllocator.stream(0, (1L << 42) + SAMPLE));

  @ParameterizedTest
  @EnumSource(names = {"FLOAT", "DOUBLE", "HALF", "BFLOAT16"})
  void denseArraysOfEveryType(DataType type) {
    INDArray input = Nets.normal(1, 20, 33).castTo(type);
    List<Long> before = bits(input);
    INDArray output = Nd4j.createUninitialized(type, 20, 33).assign(7);
    forward(input, output);
    assertSameBits(expected(input), output);
    assertEquals(before, bits(input));
    forward(input, input);
    assertSameBits(output, input);
  }

  @Test
  void viewsStartAtTheirOffset() {
    INDArray whole = Nets.normal(1, 30, 8);
    INDArray view = whole.get(NDArrayIndex.interval(11, 21), NDArrayIndex.all());
    assertNotEquals(0, view.offset());
    assertTrue(ArrayDropout.isDense(view));
    assertEquals(
        ArrayDropout.elements(whole).segment().address() + 11 * 8 * Double.BYTES,
        ArrayDropout.elements(view).segment().address());
    assertInPlaceOnView(whole, view);
  }

  @Test
  void columnsOfAMatrixAreOneCopy() {
    INDArray whole = Nets.normal(1, 30, 8);
    INDArray view = whole.get(NDArrayIndex.all(), NDArrayIndex.interval(2, 5));
    assertFalse(ArrayDropout.isDense(view));
    assertInPlaceOnView(whole, view);
  }

  @Test
  void everySecondRowIsOneCopy() {
    INDArray whole = Nets.normal(1, 30, 8);
    INDArray view = whole.get(NDArrayIndex.interval(1, 2, 29), NDArrayIndex.all());
    assertFalse(ArrayDropout.isDense(view));
    assertInPlaceOnView(whole, view);
  }

  @ParameterizedTest
  @CsvSource({"c,c", "c,f", "f,c", "f,f"})
  void ordersAgree(char inputOrder, char outputOrder) {
    INDArray input = Nets.normal(1, 6, 5, 4).dup(inputOrder);
    INDArray output = Nd4j.createUninitialized(DataType.DOUBLE, new long[] {6, 5, 4}, outputOrder);
    INDArray expected = expected(input);
    forward(input, output);
    assertSameBits(expected, output);
  }

  static Stream<INDArray> unusualLayouts() {
    INDArray base = Nets.normal(1, 3, 4, 5);
    return Stream.of(
        base.permute(2, 0, 1),
        base.permute(1, 0, 2),
        base.tensorAlongDimension(1, 0, 2),
        base.slice(2),
        base.reshape(1, 3, 1, 20),
        Nd4j.scalar(DataType.DOUBLE, 3),
        Nets.normal(1, 1),
        Nets.normal(1, 1, 70).transpose());
  }

  @ParameterizedTest
  @MethodSource("unusualLayouts")
  void unusualLayoutsForwardAndBackward(INDArray input) {
    INDArray expected = expected(input);
    INDArray output = Nd4j.createUninitialized(DataType.DOUBLE, input.shape(), 'c');
    JDropout dropout = DROPOUT.clone();
    forward(dropout, input, output);
    assertSameBits(expected, output);
    INDArray gradient = input.dup('f');
    assertSameBits(expected, dropout.backprop(gradient, gradient, 0, 0));
    forward(dropout, input, input);
    assertSameBits(expected, input);
  }

  @Test
  void inputOfAnotherTypeIsConverted() {
    INDArray input = Nets.normal(1, 9, 9);
    INDArray output = Nd4j.createUninitialized(DataType.FLOAT, 9, 9);
    forward(input, output);
    assertSameBits(expected(input.castTo(DataType.FLOAT)), output);
  }

  @Test
  void gradientOfNhwcConvolutionArrivesAsNchw() {
    INDArray input = Nets.normal(1, 2, 5, 6, 3);
    JDropout dropout = DROPOUT.clone();
    INDArray output = forward(dropout, input, input.dup('c'));
    INDArray gradient = input.permute(0, 3, 1, 2).dup('c');
    dropout.backprop(gradient, gradient, 0, 0);
    assertSameBits(output, gradient.permute(0, 2, 3, 1));
  }

  @Test
  void droppedValuesAreZeroAlsoWhereTheyWereNot() {
    INDArray input = Nd4j.valueArrayOf(new long[] {64}, Double.NaN, DataType.DOUBLE);
    INDArray output = forward(DROPOUT.clone(), input, input.dup());
    PackedMask mask = mask(64);
    for (int i = 0; i < 64; i++) {
      assertEquals(mask.isKept(i), Double.isNaN(output.getDouble(i)));
    }
  }

  @Test
  void emptyArraysAreLeftAlone() {
    INDArray empty = Nd4j.empty(DataType.FLOAT);
    assertTrue(forward(DROPOUT.clone(), empty, empty).isEmpty());
  }

  @Test
  void otherTypesAreRefused() {
    INDArray ints = Nd4j.ones(DataType.INT32, 4);
    IllegalArgumentException thrown =
        assertThrows(IllegalArgumentException.class, () -> forward(ints, ints));
    assertEquals(
        "resultArray must be FLOAT, DOUBLE, HALF or BFLOAT16 but is INT", thrown.getMessage());
    assertThrows(IllegalArgumentException.class, () -> DROPOUT.clone().backprop(ints, ints, 0, 0));
  }

  @Test
  void otherShapesAreRefused() {
    INDArray input = Nets.normal(1, 4, 6);
    IllegalArgumentException thrown =
        assertThrows(IllegalArgumentException.class, () -> forward(input, Nets.normal(1, 6, 4)));
    assertEquals(
        "resultArray has shape [6, 4] but inputActivations has [4, 6]", thrown.getMessage());
    JDropout dropout = DROPOUT.clone();
    forward(dropout, input, input);
    INDArray gradient = Nets.normal(1, 6, 4);
    thrown =
        assertThrows(
            IllegalArgumentException.class, () -> dropout.backprop(gradient, gradient, 0, 0));
    assertEquals(
        "gradAtOutput has shape [6, 4] but the forward call had [4, 6]", thrown.getMessage());
  }

  @Test
  void negativeIterationIsRefused() {
    INDArray x = Nets.normal(1, 4);
    IllegalArgumentException thrown =
        assertThrows(
            IllegalArgumentException.class,
            () -> DROPOUT.clone().applyDropout(x, x, -1, 0, LayerWorkspaceMgr.noWorkspaces()));
    assertEquals("iteration must be at least 0 but is -1", thrown.getMessage());
  }

  @Test
  void withoutAForwardCallTheGradientPasses() {
    INDArray gradient = Nets.normal(1, 4, 6);
    INDArray target = Nd4j.createUninitialized(DataType.DOUBLE, 4, 6);
    JDropout dropout = DROPOUT.clone();
    assertSameBits(gradient, dropout.backprop(gradient, target, 0, 0));
    forward(dropout, gradient, target);
    dropout.clear();
    assertSameBits(gradient, dropout.backprop(gradient, target, 0, 0));
  }

  @Test
  void aSecondBackwardCallDropsTheSame() {
    INDArray x = Nets.normal(1, 40);
    JDropout dropout = DROPOUT.clone();
    INDArray output = forward(dropout, x, x.dup());
    for (int call = 0; call < 2; call++) {
      assertSameBits(output, dropout.backprop(x, x.dup(), 0, 0));
    }
  }

  @Test
  void forwardCallsWithoutBackwardDoNotPileUp() {
    INDArray x = Nets.normal(1, 40);
    JDropout dropout = DROPOUT.clone();
    LayerWorkspaceMgr none = LayerWorkspaceMgr.noWorkspaces();
    INDArray output = x.dup();
    for (int call = 0; call < 3000; call++) {
      dropout.applyDropout(x, output, 0, 0, none);
    }
    assertSameBits(output, dropout.backprop(x, x.dup(), 0, 0));
  }

  @Test
  void temporaryCopiesStayInTheOpenWorkspace() {
    WorkspaceConfiguration configuration =
        WorkspaceConfiguration.builder().initialSize(1 << 20).build();
    INDArray input = Nets.normal(1, 8, 9).dup('f');
    INDArray output = Nd4j.createUninitialized(DataType.DOUBLE, new long[] {8, 9}, 'f');
    try (MemoryWorkspace workspace =
        Nd4j.getWorkspaceManager().getAndActivateWorkspace(configuration, "temporary copies")) {
      long before = workspace.getPrimaryOffset();
      forward(input, output);
      assertTrue(workspace.getPrimaryOffset() >= before + 8 * 9 * Double.BYTES);
    }
    assertSameBits(expected(input), output);
  }

  @ParameterizedTest
  @CsvSource({"scalar", "vector", "SCALAR"})
  void everyBackendGivesTheSameBits(String label) {
    INDArray input = Nets.normal(1, 1000);
    assertSameBits(
        expected(input), forward(DROPOUT.withBackend(label).clone(), input, input.dup()));
  }

  private static void assertInPlaceOnView(INDArray whole, INDArray view) {
    INDArray before = whole.dup();
    INDArray expected = expected(view);
    forward(view, view);
    assertSameBits(expected, view);
    // With the view restored, the rest must be as it was.
    INDArray viewBefore = before.dup();
    view.assign(0);
    INDArray untouched = whole.dup();
    long changed =
        Stream.iterate(0, i -> i + 1)
            .limit(whole.length())
            .filter(i -> untouched.getDouble(i) != viewBefore.getDouble(i))
            .count();
    assertEquals(view.length(), changed);
  }

  /** The library's own result for the logical values, computed on the heap. */
  private static INDArray expected(INDArray input) {
    double[] values = input.dup('c').data().asDouble();
    PackedMask mask = mask(values.length);
    Dropout dropout = Dropout.of(P);
    for (int i = 0; i < values.length; i++) {
      values[i] = mask.isKept(i) ? values[i] * dropout.scale() : 0;
    }
    // With p = 0.5 the scale is 2, so no type rounds.
    return Nd4j.createFromArray(values).reshape('c', input.shape()).castTo(input.dataType());
  }

  private static PackedMask mask(int count) {
    PackedMask mask = PackedMask.allocate(count);
    Dropout.of(P).mask(mask, KEY);
    return mask;
  }

  private static void forward(INDArray input, INDArray output) {
    forward(DROPOUT.clone(), input, output);
  }

  private static INDArray forward(JDropout dropout, INDArray input, INDArray output) {
    try (MaskScope _ = MaskScope.open(SAMPLE)) {
      return dropout.applyDropout(input, output, 0, 0, LayerWorkspaceMgr.noWorkspaces());
    }
  }
}
