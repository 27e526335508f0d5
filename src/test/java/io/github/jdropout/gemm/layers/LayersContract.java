package io.github.jdropout.gemm.layers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jdropout.gemm.MatrixMemory;
import io.github.jdropout.spec.Activation;
import io.github.jdropout.spec.Bytes;
import io.github.jdropout.spec.DropoutSpec;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.MaskKey;
import io.github.jdropout.spec.Matrix;
import io.github.jdropout.spec.MatrixShape;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What layers do on every engine. */
abstract class LayersContract {
  private static final List<ElementType> TYPES =
      List.of(ElementType.F32, ElementType.F16, ElementType.BF16);
  static final MaskPlace PLACE = MaskPlace.of(new MaskKey(4, 2));

  private Engine engine;
  private MatrixMemory memory;

  /** Returns the engine under test; the caller closes it. */
  abstract Engine open();

  /** Returns memory of the engine's. */
  abstract MatrixMemory memory();

  @BeforeEach
  void openEngine() {
    engine = open();
    memory = memory();
  }

  @AfterEach
  void closeEngine() {
    if (engine != null) {
      engine.close();
      release();
    }
  }

  /** Gives back what the engine used, after it has been closed. */
  void release() {}

  /** Sizes around a quad, around a group of rows of the bias's gradient, and single ones. */
  @ParameterizedTest
  @EnumSource(Activation.class)
  void outputAndGradientsAreTheModels(Activation activation) {
    long seed = 100;
    for (ElementType type : TYPES) {
      new LinearStep(type, activation, 1, 1, 1, true, true, 0.5, seed++).check(engine, memory);
      new LinearStep(type, activation, 3, 5, 7, false, true, 0.1, seed++).check(engine, memory);
      new LinearStep(type, activation, 33, 4, 9, true, false, 0.3, seed++).check(engine, memory);
      new LinearStep(type, activation, 2, 16, 24, true, true, 0.1, seed++).check(engine, memory);
      new LinearStep(type, activation, 5, 8, 16, true, true, 0, seed++).check(engine, memory);
      new LinearStep(type, activation, 4, 8, 8, true, true, 1, seed++).check(engine, memory);
    }
  }

  @Test
  void adapterAndItsGradientsAreTheModels() {
    long seed = 200;
    for (ElementType type : TYPES) {
      new LoraStep(type, 1, 1, 1, 1, 1, 0.5, 1, seed++).check(engine, memory);
      new LoraStep(type, 9, 7, 5, 3, 16, 0.05, 2, seed++).check(engine, memory);
      new LoraStep(type, 12, 16, 8, 8, 8, 0.1, 5, seed++).check(engine, memory);
      new LoraStep(type, 3, 24, 16, 16, 32, 0.5, 3, seed++).check(engine, memory);
      new LoraStep(type, 4, 8, 8, 2, 4, 0, 4, seed++).check(engine, memory);
      new LoraStep(type, 4, 8, 8, 2, 4, 1, 4, seed++).check(engine, memory);
    }
  }

  @Test
  void ranksUpTo256() {
    new LoraStep(ElementType.F32, 3, 4, 5, 256, 16, 0.1, 2, 300).check(engine, memory);
    new LoraStep(ElementType.BF16, 2, 4, 3, 255, 16, 0.1, 2, 301).check(engine, memory);
  }

  /** Data parallelism: each part of the tokens draws its part of the mask. */
  @Test
  void partsOfTheTokensMakeTheWhole() {
    ElementType type = ElementType.F32;
    int tokens = 10;
    int columns = 6;
    Matrix input = memory.matrix(type, tokens, columns, ramp(tokens * columns));
    Matrix weight = memory.matrix(type, 4, columns, ramp(4 * columns));
    DropoutSpec spec = DropoutSpec.of(0.5);
    MaskKey key = new MaskKey(8, 1);
    DropoutLinear layer = DropoutLinear.of(engine, spec, Activation.IDENTITY);
    Matrix whole = memory.unwritten(type, tokens, 4);
    layer.forward(MaskPlace.of(key), input, weight, null, null, whole, null);
    Matrix parts = memory.unwritten(type, tokens, 4);
    for (int from = 0; from < tokens; from += 4) {
      long count = Math.min(4, tokens - from);
      MaskPlace place = MaskPlace.ofRows(key, from, 4);
      layer.forward(
          place, input.rows(from, count), weight, null, null, parts.rows(from, count), null);
    }
    assertArrayEquals(memory.values(whole), memory.values(parts));
  }

  /** Tensor parallelism: each part of the outputs draws its part of the mask. */
  @Test
  void partsOfTheOutputsMakeTheWhole() {
    ElementType type = ElementType.BF16;
    Matrix input = memory.matrix(type, 5, 3, ramp(15));
    double[] weights = ramp(16 * 3);
    Matrix weight = memory.matrix(type, 16, 3, weights);
    DropoutLinear layer = DropoutLinear.of(engine, DropoutSpec.of(0.5), Activation.SILU);
    Matrix whole = memory.unwritten(type, 5, 16);
    MaskKey key = new MaskKey(8, 3);
    layer.forward(MaskPlace.of(key), input, weight, null, null, whole, memory.bytes(5 * 16 * 2));
    double[] expected = memory.values(whole);
    for (long part = 0; part < 2; part++) {
      Matrix output = memory.unwritten(type, 5, 8);
      layer.forward(
          new MaskPlace(key, part * 8, 16),
          input,
          weight.rows(part * 8, 8),
          null,
          null,
          output,
          memory.bytes(5 * 8 * 2));
      double[] actual = memory.values(output);
      for (int row = 0; row < 5; row++) {
        for (int column = 0; column < 8; column++) {
          assertEquals(expected[row * 16 + (int) part * 8 + column], actual[row * 8 + column]);
        }
      }
    }
  }

  @Test
  void gradientsAccumulate() {
    ElementType type = ElementType.F32;
    Matrix input = memory.matrix(type, 4, 3, ramp(12));
    Matrix weight = memory.matrix(type, 2, 3, ramp(6));
    Matrix gradOutput = memory.matrix(type, 4, 2, ramp(8));
    DropoutLinear layer = DropoutLinear.of(engine, DropoutSpec.of(0.5), Activation.IDENTITY);
    Bytes workspace = memory.bytes(layer.workspaceBytes(4, 2));
    Matrix gradProduct = memory.unwritten(type, 4, 2);
    Matrix gradWeight = memory.unwritten(type, 2, 3);
    Matrix gradBias = memory.unwritten(type, 1, 2);
    LinearGradients first = new LinearGradients(gradProduct, null, gradWeight, gradBias, false);
    layer.backward(PLACE, input, weight, null, null, gradOutput, first, workspace);
    double[] once = memory.values(gradWeight);
    double[] biasOnce = memory.values(gradBias);
    LinearGradients second = new LinearGradients(gradProduct, null, gradWeight, gradBias, true);
    layer.backward(PLACE, input, weight, null, null, gradOutput, second, workspace);
    assertArrayEquals(twice(once), memory.values(gradWeight));
    assertArrayEquals(twice(biasOnce), memory.values(gradBias));
  }

  @Test
  void sixteenBitGradientsCanBeF32() {
    ElementType type = ElementType.F16;
    Matrix input = memory.matrix(type, 4, 3, ramp(12));
    Matrix weight = memory.matrix(type, 2, 3, ramp(6));
    Matrix gradOutput = memory.matrix(type, 4, 2, ramp(8));
    DropoutLinear layer = DropoutLinear.of(engine, DropoutSpec.of(0.5), Activation.IDENTITY);
    Bytes workspace = memory.bytes(layer.workspaceBytes(4, 2));
    Matrix gradProduct = memory.unwritten(type, 4, 2);
    Matrix gradWeight = memory.unwritten(ElementType.F32, 2, 3);
    Matrix gradBias = memory.unwritten(ElementType.F32, 1, 2);
    LinearGradients gradients = new LinearGradients(gradProduct, null, gradWeight, gradBias, false);
    layer.backward(PLACE, input, weight, null, null, gradOutput, gradients, workspace);
    double[] product = memory.values(gradProduct);
    double[] expectedBias = {0, 0};
    for (int i = 0; i < product.length; i++) {
      expectedBias[i % 2] += product[i];
    }
    assertArrayEquals(expectedBias, memory.values(gradBias));
    double[] expected =
        LayerModel.timesTransposed(
            LayerModel.transpose(product, 4, 2),
            LayerModel.transpose(memory.values(input), 4, 3),
            2,
            4,
            3);
    assertArrayEquals(expected, memory.values(gradWeight));
  }

  @Test
  void inferenceDropsNothing() {
    ElementType type = ElementType.F32;
    Matrix input = memory.matrix(type, 2, 2, new double[] {1, 2, 3, 4});
    Matrix weight = memory.matrix(type, 2, 2, new double[] {1, 0, 0, 1});
    Matrix output = memory.unwritten(type, 2, 2);
    DropoutLinear.of(engine, DropoutSpec.of(0.9), Activation.RELU)
        .infer(input, weight, null, null, output);
    assertArrayEquals(new double[] {1, 2, 3, 4}, memory.values(output));
    DropoutLinear.of(engine, DropoutSpec.of(0.75).classical(), Activation.RELU)
        .infer(input, weight, null, null, output);
    assertArrayEquals(new double[] {0.25, 0.5, 0.75, 1}, memory.values(output));
  }

  /** PEFT's lora_dropout: at inference the adapter sees the input as it is, merged or not. */
  @Test
  void mergedWeightsInferTheSame() {
    for (ElementType type : TYPES) {
      Matrix input = memory.matrix(type, 3, 4, ramp(12));
      LoraWeights weights =
          new LoraWeights(
              memory.matrix(type, 2, 4, ramp(8)),
              memory.matrix(type, 2, 4, ramp(8)),
              memory.matrix(type, 2, 2, ramp(4)));
      LoraLinear layer = LoraLinear.of(engine, DropoutSpec.of(0.5), 4);
      Matrix output = memory.unwritten(type, 3, 2);
      layer.infer(input, weights, memory.unwritten(type, 3, 2), output);
      Matrix merged = memory.unwritten(type, 2, 4);
      layer.merge(weights, merged);
      Matrix mergedOutput = memory.unwritten(type, 3, 2);
      DropoutLinear.of(engine, DropoutSpec.of(0), Activation.IDENTITY)
          .infer(input, merged, null, null, mergedOutput);
      // All of these numbers are exact in every type.
      double[] expected =
          LayerModel.timesTransposed(memory.values(input), memory.values(merged), 3, 4, 2);
      assertArrayEquals(expected, memory.values(mergedOutput), type.label());
      assertArrayEquals(expected, memory.values(output), type.label());
      layer.merge(weights, weights.weight());
      assertArrayEquals(memory.values(merged), memory.values(weights.weight()));
    }
  }

  @Test
  void droppedNaNIsZeroAndKeptStays() {
    ElementType type = ElementType.F32;
    Matrix input = memory.matrix(type, 8, 1, filled(8, Double.NaN));
    Matrix weight = memory.matrix(type, 8, 1, filled(8, 1));
    Matrix residual = memory.matrix(type, 8, 8, filled(64, 3));
    Matrix output = memory.unwritten(type, 8, 8);
    DropoutLinear layer = DropoutLinear.of(engine, DropoutSpec.of(0.5), Activation.GELU);
    layer.forward(PLACE, input, weight, null, residual, output, memory.bytes(8 * 8 * 4));
    double[] factors = LayerModel.factors(4, 2, 0, 8, 8, 8, 32768);
    double[] values = memory.values(output);
    for (int i = 0; i < 64; i++) {
      assertEquals(factors[i] == 0 ? 3 : Double.NaN, values[i], "element " + i);
    }
  }

  @Test
  void infinitiesFlow() {
    ElementType type = ElementType.F32;
    Matrix input = memory.matrix(type, 1, 1, new double[] {1});
    Matrix weight =
        memory.matrix(
            type, 2, 1, new double[] {Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY});
    Matrix output = memory.unwritten(type, 1, 2);
    for (Activation activation : Activation.values()) {
      DropoutLinear.of(engine, DropoutSpec.of(0), activation)
          .infer(input, weight, null, null, output);
      double[] values = memory.values(output);
      assertEquals(Double.POSITIVE_INFINITY, values[0], activation.label());
      // The limit, of either sign where it is zero.
      double negative = activation == Activation.IDENTITY ? Double.NEGATIVE_INFINITY : 0;
      assertTrue(values[1] == negative, () -> activation + ": " + values[1]);
    }
  }

  @Test
  void rowStridesLeaveGapsAlone() {
    ElementType type = ElementType.F16;
    MatrixShape shape = new MatrixShape(3, 4, 7);
    Matrix input = memory.matrix(type, shape, ramp(12));
    Matrix weight = memory.matrix(type, new MatrixShape(5, 4, 6), ramp(20));
    Matrix output = memory.matrix(type, new MatrixShape(3, 5, 9), ramp(15));
    Matrix dense = memory.unwritten(type, 3, 5);
    byte[] before = memory.contents(output.bytes());
    DropoutLinear layer = DropoutLinear.of(engine, DropoutSpec.of(0.5), Activation.RELU);
    Bytes kept = memory.bytes(layer.keptBytes(type, 3, 5));
    layer.forward(PLACE, input, weight, null, null, output, kept);
    layer.forward(
        PLACE,
        memory.matrix(type, 3, 4, ramp(12)),
        memory.matrix(type, 5, 4, ramp(20)),
        null,
        null,
        dense,
        kept);
    assertArrayEquals(memory.values(dense), memory.values(output));
    byte[] after = memory.contents(output.bytes());
    for (int at = 0; at < after.length; at++) {
      if (at / 2 % 9 >= 5) {
        assertEquals(before[at], after[at], "byte " + at);
      }
    }
  }

  @Test
  void emptyMatricesAreNoWork() {
    ElementType type = ElementType.BF16;
    DropoutLinear layer = DropoutLinear.of(engine, DropoutSpec.of(0.5), Activation.RELU);
    Matrix weight = memory.matrix(type, 2, 3, ramp(6));
    Matrix none = memory.unwritten(type, 0, 3);
    Matrix noOutput = memory.unwritten(type, 0, 2);
    layer.forward(PLACE, none, weight, null, null, noOutput, null);
    Matrix gradWeight = memory.unwritten(type, 2, 3);
    Matrix gradBias = memory.unwritten(type, 1, 2);
    layer.backward(
        PLACE,
        none,
        weight,
        null,
        null,
        noOutput,
        new LinearGradients(noOutput, none, gradWeight, gradBias, false),
        null);
    assertArrayEquals(new double[6], memory.values(gradWeight));
    assertArrayEquals(new double[2], memory.values(gradBias));
  }

  @Test
  void withoutInputsTheOutputIsZero() {
    ElementType type = ElementType.BF16;
    LoraWeights weights =
        new LoraWeights(
            memory.unwritten(type, 2, 0),
            memory.unwritten(type, 1, 0),
            memory.matrix(type, 2, 1, ramp(2)));
    Matrix hidden = memory.unwritten(type, 4, 1);
    Matrix output = memory.unwritten(type, 4, 2);
    LoraLinear.of(engine, DropoutSpec.of(0.5), 1)
        .forward(PLACE, memory.unwritten(type, 4, 0), weights, hidden, output, null);
    assertArrayEquals(new double[4], memory.values(hidden));
    assertArrayEquals(new double[8], memory.values(output));
  }

  /** The adapter's sums are f32 over any number of parts: 16 bits would lose most of these ones. */
  @Test
  void manyPartsLoseNothing() {
    int tokens = 2048;
    ElementType type = ElementType.BF16;
    LoraWeights weights =
        new LoraWeights(
            memory.matrix(type, 1, 1, new double[] {1}),
            memory.matrix(type, 1, 1, new double[] {1}),
            memory.matrix(type, 1, 1, new double[] {1}));
    Matrix gradA = memory.matrix(type, 1, 1, new double[] {64});
    LoraGradients gradients =
        new LoraGradients(memory.unwritten(type, tokens, 1), null, gradA, null, true);
    LoraLinear layer = LoraLinear.of(engine, DropoutSpec.of(0.5), 1);
    Matrix ones = memory.matrix(type, tokens, 1, filled(tokens, 1));
    layer.backward(PLACE, ones, weights, ones, ones, gradients, memory.bytes(16 + 2 * 7));
    double kept = 0;
    for (double factor : LayerModel.factors(4, 2, 0, 1, tokens, 1, 32768)) {
      kept += factor;
    }
    assertArrayEquals(new double[] {MatrixMemory.round(type, 64 + kept)}, memory.values(gradA));
  }

  @Test
  void adaptersGradientsAccumulateInEitherType() {
    ElementType type = ElementType.F16;
    Matrix input = memory.matrix(type, 4, 2, ramp(8));
    LoraWeights weights =
        new LoraWeights(
            memory.matrix(type, 2, 2, ramp(4)),
            memory.matrix(type, 1, 2, ramp(2)),
            memory.matrix(type, 2, 1, ramp(2)));
    Matrix gradOutput = memory.matrix(type, 4, 2, ramp(8));
    LoraLinear layer = LoraLinear.of(engine, DropoutSpec.of(0.5), 1);
    Bytes workspace = memory.bytes(layer.workspaceBytes(type, 4, 2, 1));
    Matrix hidden = memory.unwritten(type, 4, 1);
    layer.forward(PLACE, input, weights, hidden, memory.unwritten(type, 4, 2), workspace);
    for (ElementType gradType : new ElementType[] {type, ElementType.F32}) {
      Matrix gradHidden = memory.unwritten(type, 4, 1);
      Matrix gradA = memory.unwritten(gradType, 1, 2);
      Matrix gradB = memory.unwritten(gradType, 2, 1);
      LoraGradients first = new LoraGradients(gradHidden, null, gradA, gradB, false);
      layer.backward(PLACE, input, weights, hidden, gradOutput, first, workspace);
      double[] onceA = memory.values(gradA);
      double[] onceB = memory.values(gradB);
      LoraGradients second = new LoraGradients(gradHidden, null, gradA, gradB, true);
      layer.backward(PLACE, input, weights, hidden, gradOutput, second, workspace);
      assertArrayEquals(twice(onceA), memory.values(gradA));
      assertArrayEquals(twice(onceB), memory.values(gradB));
    }
  }

  @Test
  void gradientsMayHaveGaps() {
    ElementType type = ElementType.BF16;
    Matrix input = memory.matrix(type, 6, 3, ramp(18));
    LoraWeights weights =
        new LoraWeights(
            memory.matrix(type, 2, 3, ramp(6)),
            memory.matrix(type, 2, 3, ramp(6)),
            memory.matrix(type, 2, 2, ramp(4)));
    Matrix gradOutput = memory.matrix(type, 6, 2, ramp(12));
    LoraLinear layer = LoraLinear.of(engine, DropoutSpec.of(0.5), 1);
    Bytes workspace = memory.bytes(layer.workspaceBytes(type, 6, 3, 2));
    Matrix hidden = memory.matrix(type, 6, 2, ramp(12));
    Matrix gradHidden = memory.unwritten(type, 6, 2);
    Matrix dense = memory.matrix(type, 2, 3, ramp(6));
    Matrix withGaps = memory.matrix(type, new MatrixShape(2, 3, 5), ramp(6));
    for (Matrix gradA : List.of(dense, withGaps)) {
      LoraGradients gradients = new LoraGradients(gradHidden, null, gradA, null, true);
      layer.backward(PLACE, input, weights, hidden, gradOutput, gradients, workspace);
    }
    assertArrayEquals(memory.values(dense), memory.values(withGaps));
  }

  /** With classical scaling the adapter counts as much less as it was seen while training. */
  @Test
  void classicalAdaptersAreScaledAtInference() {
    ElementType type = ElementType.F32;
    Matrix input = memory.matrix(type, 1, 1, new double[] {3});
    LoraWeights weights =
        new LoraWeights(
            memory.matrix(type, 1, 1, new double[] {5}),
            memory.matrix(type, 1, 1, new double[] {2}),
            memory.matrix(type, 1, 1, new double[] {7}));
    LoraLinear layer = LoraLinear.of(engine, DropoutSpec.of(0.75).classical(), 1);
    Matrix output = memory.unwritten(type, 1, 1);
    layer.infer(input, weights, memory.unwritten(type, 1, 1), output);
    assertArrayEquals(new double[] {3 * (5 + 2 * 7 * 0.25)}, memory.values(output));
    Matrix merged = memory.unwritten(type, 1, 1);
    layer.merge(weights, merged);
    assertArrayEquals(new double[] {5 + 2 * 7 * 0.25}, memory.values(merged));
  }

  /** Without dropout no workspace is needed; a NaN in the input reaches what it should. */
  @Test
  void adaptersWithoutDropoutNeedNoWorkspace() {
    ElementType type = ElementType.F32;
    Matrix input = memory.matrix(type, 2, 1, new double[] {1, Double.NaN});
    LoraWeights weights =
        new LoraWeights(
            memory.matrix(type, 1, 1, new double[] {1}),
            memory.matrix(type, 1, 1, new double[] {2}),
            memory.matrix(type, 1, 1, new double[] {3}));
    Matrix output = memory.unwritten(type, 2, 1);
    LoraLinear.of(engine, DropoutSpec.of(0), 1)
        .forward(PLACE, input, weights, memory.unwritten(type, 2, 1), output, null);
    assertArrayEquals(new double[] {7, Double.NaN}, memory.values(output));
  }

  /** At p = 1 everything in front of the adapter is +0, also what is not a number. */
  @Test
  void droppedNaNDoesNotReachTheAdapter() {
    ElementType type = ElementType.F32;
    Matrix input = memory.matrix(type, 1, 1, new double[] {Double.POSITIVE_INFINITY});
    LoraWeights weights =
        new LoraWeights(
            memory.matrix(type, 1, 1, new double[] {1}),
            memory.matrix(type, 1, 1, new double[] {2}),
            memory.matrix(type, 1, 1, new double[] {3}));
    Matrix hidden = memory.unwritten(type, 1, 1);
    Matrix output = memory.unwritten(type, 1, 1);
    LoraLinear.of(engine, DropoutSpec.of(1), 1)
        .forward(PLACE, input, weights, hidden, output, memory.bytes(4));
    assertArrayEquals(new double[] {0}, memory.values(hidden));
    assertArrayEquals(new double[] {Double.POSITIVE_INFINITY}, memory.values(output));
  }

  @Test
  void closedEnginesDoNothing() {
    ElementType type = ElementType.F32;
    Matrix square = memory.matrix(type, 1, 1, new double[] {1});
    Matrix output = memory.matrix(type, 1, 1, new double[] {9});
    LoraWeights weights = new LoraWeights(square, square, square);
    DropoutLinear linear = DropoutLinear.of(engine, DropoutSpec.of(0.5), Activation.IDENTITY);
    LoraLinear lora = LoraLinear.of(engine, DropoutSpec.of(0.5), 1);
    engine.close();
    LinearGradients gradients = new LinearGradients(output, null, null, null, false);
    LoraGradients loraGradients = new LoraGradients(output, null, null, null, false);
    Bytes workspace = memory.bytes(64);
    List<Executable> calls =
        List.of(
            () -> linear.forward(PLACE, square, square, null, null, output, null),
            () -> linear.infer(square, square, null, null, output),
            () -> linear.backward(PLACE, square, square, null, null, square, gradients, null),
            () -> lora.forward(PLACE, square, weights, output, output, workspace),
            () -> lora.infer(square, weights, output, output),
            () -> lora.merge(weights, output),
            () -> lora.backward(PLACE, square, weights, square, square, loraGradients, workspace),
            () -> engine.prepare(type));
    for (Executable call : calls) {
      String message = assertThrows(IllegalStateException.class, call).getMessage();
      assertTrue(message.startsWith("the engine has been closed: "), message);
    }
    assertArrayEquals(new double[] {9}, memory.values(output));
  }

  @Test
  void messagesHaveAllShapes() {
    ElementType type = ElementType.F32;
    Matrix input = memory.unwritten(type, 4, 3);
    Matrix weight = memory.unwritten(type, 2, 5);
    Matrix output = memory.unwritten(type, 4, 2);
    DropoutLinear layer = DropoutLinear.of(engine, DropoutSpec.of(0.5), Activation.GELU);
    assertMessage(
        "weight must be [2 x 3]: input f32[4 x 3], weight f32[2 x 5], output f32[4 x 2],"
            + " kept 32 bytes",
        () -> layer.forward(PLACE, input, weight, null, null, output, memory.bytes(32)));
    Matrix good = memory.unwritten(type, 2, 3);
    assertMessage(
        "kept must have at least 32 bytes but has 31: input f32[4 x 3], weight f32[2 x 3], output"
            + " f32[4 x 2], kept 31 bytes",
        () -> layer.forward(PLACE, input, good, null, null, output, memory.bytes(31)));
    assertMessage(
        "kept must have at least 32 bytes but is missing: input f32[4 x 3], weight f32[2 x 3],"
            + " output f32[4 x 2]",
        () -> layer.forward(PLACE, input, good, null, null, output, null));
    Matrix half = memory.unwritten(ElementType.F16, 2, 3);
    assertMessage(
        "weight must be f32: input f32[4 x 3], weight f16[2 x 3], output f32[4 x 2], kept 32 bytes",
        () -> layer.forward(PLACE, input, half, null, null, output, memory.bytes(32)));
    assertMessage(
        "output must not overlap input: input f32[4 x 3], weight f32[3 x 3], output f32[4 x 3]",
        () -> layer.infer(input, memory.unwritten(type, 3, 3), null, null, input));
    Matrix wide = memory.unwritten(ElementType.F64, 4, 3);
    assertMessage(
        "input must be f32 or f16 or bf16: input f64[4 x 3], weight f32[2 x 3], output f32[4 x 2]",
        () -> layer.infer(wide, good, null, null, output));
    assertMessage(
        "bias must be [1 x 2]: input f32[4 x 3], weight f32[2 x 3], bias f32[2 x 3], output"
            + " f32[4 x 2]",
        () -> layer.infer(input, good, good, null, output));
    assertMessage(
        "globalColumns must be at least the columns of output [4 x 2] but is 1",
        () ->
            layer.forward(
                new MaskPlace(new MaskKey(1, 1), 0, 1),
                input,
                good,
                null,
                null,
                output,
                memory.bytes(32)));
    assertMessage(
        "firstIndex is 9223372036854775807, too large for output [4 x 2]: indices must be below"
            + " 2^63",
        () ->
            layer.forward(
                new MaskPlace(new MaskKey(1, 1), Long.MAX_VALUE, 0),
                input,
                good,
                null,
                null,
                output,
                memory.bytes(32)));
  }

  @Test
  void adaptersMessages() {
    ElementType type = ElementType.F32;
    LoraLinear layer = LoraLinear.of(engine, DropoutSpec.of(0.5), 1);
    Matrix input = memory.unwritten(type, 4, 3);
    Matrix output = memory.unwritten(type, 4, 2);
    Matrix hidden = memory.unwritten(type, 4, 1);
    LoraWeights weights =
        new LoraWeights(
            memory.unwritten(type, 2, 3),
            memory.unwritten(type, 1, 3),
            memory.unwritten(type, 2, 1));
    String shapes =
        "input f32[4 x 3], weight f32[2 x 3], a f32[1 x 3], b f32[2 x 1], hidden f32[4 x 1], output"
            + " f32[4 x 2]";
    assertMessage(
        "workspace must have at least 12 bytes but has 11: " + shapes + ", workspace 11 bytes",
        () -> layer.forward(PLACE, input, weights, hidden, output, memory.bytes(11)));
    LoraWeights none =
        new LoraWeights(
            weights.weight(), memory.unwritten(type, 0, 3), memory.unwritten(type, 2, 0));
    assertTrue(
        assertThrows(
                IllegalArgumentException.class,
                () -> layer.forward(PLACE, input, none, hidden, output, memory.bytes(12)))
            .getMessage()
            .startsWith("a must have at least one row: "));
    assertMessage(
        "hidden must be [4 x 1]: "
            + shapes.replace("hidden f32[4 x 1]", "hidden f32[4 x 2]")
            + ", workspace 12 bytes",
        () ->
            layer.forward(
                PLACE, input, weights, memory.unwritten(type, 4, 2), output, memory.bytes(12)));
    assertMessage(
        "alpha / rank must be finite in f32 but alpha is 1.0E39 and rank 1",
        () ->
            LoraLinear.of(engine, DropoutSpec.of(0.5), 1e39)
                .forward(PLACE, input, weights, hidden, output, memory.bytes(12)));
    assertMessage(
        "alpha must be finite but is NaN",
        () -> LoraLinear.of(engine, DropoutSpec.of(0.5), Double.NaN));
  }

  private static void assertMessage(String expected, Executable call) {
    assertEquals(expected, assertThrows(IllegalArgumentException.class, call).getMessage());
  }

  static double[] ramp(int count) {
    double[] values = new double[count];
    for (int i = 0; i < count; i++) {
      values[i] = i % 5 - 2;
    }
    return values;
  }

  private static double[] twice(double[] values) {
    double[] twice = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      twice[i] = 2 * values[i];
    }
    return twice;
  }

  private static double[] filled(int count, double value) {
    double[] values = new double[count];
    Arrays.fill(values, value);
    return values;
  }
}
