package io.github.jdropout.bench.training;

import io.github.jdropout.bench.training.Estimate.Lines;
import io.github.jdropout.gemm.layers.LoraGradients;
import io.github.jdropout.gemm.layers.LoraLinear;
import io.github.jdropout.gemm.layers.LoraWeights;
import io.github.jdropout.gemm.layers.MaskPlace;
import io.github.jdropout.spec.Activation;
import io.github.jdropout.spec.Bytes;
import io.github.jdropout.spec.DropoutSpec;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.Epilogue;
import io.github.jdropout.spec.HostMatrix;
import io.github.jdropout.spec.MaskKey;
import io.github.jdropout.spec.Matrix;
import java.lang.foreign.Arena;
import java.util.SplittableRandom;

/**
 * The feed-forward half of a decoder block with frozen weights and low-rank adapters, which alone
 * are trained: {@code lora(silu(lora(input)))}, with dropout on the adapters' paths.
 *
 * <p>A step is the output and the gradients of both adapters and of the input. SiLU is a pass of
 * its own, the same with dropout and without.
 */
final class LoraFeedForward {
  static final long RANK = 16;

  /** As PEFT's examples have it, twice the rank. */
  private static final double ALPHA = 2 * RANK;

  private static final MaskKey UP_KEY = new MaskKey(42, 9);
  private static final MaskKey DOWN_KEY = new MaskKey(42, 10);
  private static final Epilogue SILU = Epilogue.inference(DropoutSpec.of(0), Activation.SILU);

  private final StepPlace place;
  private final Matrix input;
  private final Matrix gradOutput;
  private final Matrix hidden;
  private final Matrix gradProduct;
  private final Projection up;
  private final Projection down;

  LoraFeedForward(StepPlace place, StepShape shape) {
    this.place = place;
    SplittableRandom random = new SplittableRandom(42);
    input = given(shape, shape.tokens(), shape.hidden(), 1, random);
    gradOutput = given(shape, shape.tokens(), shape.hidden(), 1, random);
    hidden = place.result(shape, shape.tokens(), shape.feedForward());
    gradProduct = place.result(shape, shape.tokens(), shape.feedForward());
    up = new Projection(shape, shape.hidden(), shape.feedForward(), UP_KEY, random);
    down = new Projection(shape, shape.feedForward(), shape.hidden(), DOWN_KEY, random);
  }

  /** Places numbers of variance {@code 1 / terms}, so that sums of as many are about 1. */
  private Matrix given(
      StepShape shape, long rows, long columns, long terms, SplittableRandom random) {
    try (Arena arena = Arena.ofConfined()) {
      double bound = Math.sqrt(3.0 / terms);
      return place.given(Numbers.random(shape.type(), rows, columns, bound, random, arena));
    }
  }

  /** One of the two layers, with all that it reads and writes but its input and its gradient. */
  private final class Projection {
    final MaskKey key;
    final LoraWeights weights;
    final Matrix low;
    final Matrix output;
    final LoraGradients gradients;

    Projection(StepShape shape, long inputs, long outputs, MaskKey key, SplittableRandom random) {
      this.key = key;
      weights =
          new LoraWeights(
              given(shape, outputs, inputs, inputs, random),
              given(shape, RANK, inputs, inputs, random),
              given(shape, outputs, RANK, RANK, random));
      low = place.result(shape, shape.tokens(), RANK);
      output = place.result(shape, shape.tokens(), outputs);
      gradients =
          new LoraGradients(
              place.result(shape, shape.tokens(), RANK),
              place.result(shape, shape.tokens(), inputs),
              place.result(shape, RANK, inputs),
              place.result(shape, outputs, RANK),
              false);
    }

    void forward(LoraLinear layer, Matrix layerInput, Bytes workspace) {
      layer.forward(MaskPlace.of(key), layerInput, weights, low, output, workspace);
    }

    void backward(LoraLinear layer, Matrix layerInput, Matrix gradient, Bytes workspace) {
      layer.backward(MaskPlace.of(key), layerInput, weights, low, gradient, gradients, workspace);
    }
  }

  /** Returns the step with this probability of dropping. */
  Runnable step(double p) {
    LoraLinear layer = LoraLinear.of(place.engine(), DropoutSpec.of(p), ALPHA);
    Bytes workspace =
        place.bytes(Math.max(workspaceBytes(layer, input), workspaceBytes(layer, hidden)));
    Matrix gradHidden = down.gradients.gradInput();
    return () -> {
      up.forward(layer, input, workspace);
      place.apply(SILU, up.output, hidden);
      down.forward(layer, hidden, workspace);
      down.backward(layer, hidden, gradOutput, workspace);
      place.applyGradient(SILU, gradHidden, up.output, gradProduct);
      up.backward(layer, input, gradProduct, workspace);
    };
  }

  private static long workspaceBytes(LoraLinear layer, Matrix input) {
    return layer.workspaceBytes(input.type(), input.rowCount(), input.columnCount(), RANK);
  }

  /**
   * Runs a step and compares all that it computes with what it should be.
   *
   * @param step with that probability of dropping
   * @throws IllegalStateException if something is wrong
   */
  void check(Runnable step, double p) {
    place.poisonResults();
    step.run();
    Oracle oracle = new Oracle();
    try (Arena arena = Arena.ofConfined()) {
      HostMatrix product = place.read(up.output, arena);
      HostMatrix between = place.read(hidden, arena);
      HostMatrix gradBetween = place.read(gradProduct, arena);
      HostMatrix gradHidden = place.read(down.gradients.gradInput(), arena);
      oracle.checkOutput("hidden features", SILU, product, null, between);
      oracle.checkGradient("gradient of SiLU", SILU, gradHidden, product, null, gradBetween);
      check(oracle, p, up, place.read(input, arena), gradBetween, arena);
      check(oracle, p, down, between, place.read(gradOutput, arena), arena);
    }
  }

  private void check(
      Oracle oracle, double p, Projection layer, HostMatrix x, HostMatrix gradient, Arena arena) {
    ElementType type = x.type();
    Epilogue dropout =
        Epilogue.training(DropoutSpec.of(p), Activation.IDENTITY, layer.key, 0, x.columnCount());
    Epilogue unscaled =
        new Epilogue(
            Activation.IDENTITY, dropout.threshold(), 1, layer.key, 0, dropout.indexStride());
    HostMatrix dropped = oracle.applied(dropout, x, arena);
    HostMatrix kept = oracle.applied(unscaled, x, arena);
    HostMatrix ones = Numbers.ones(type, x.rowCount(), x.columnCount(), arena);
    HostMatrix isKept = oracle.applied(unscaled, ones, arena);
    HostMatrix weight = place.read(layer.weights.weight(), arena);
    HostMatrix a = place.read(layer.weights.a(), arena);
    HostMatrix b = place.read(layer.weights.b(), arena);
    HostMatrix low = place.read(layer.low, arena);
    HostMatrix gradLow = place.read(layer.gradients.gradHidden(), arena);
    double scale = ALPHA / RANK;
    // The factor multiplies the input, which is rounded then, or sums of what is kept of it.
    oracle.checkElements(
        "down to the rank",
        low,
        (row, column) -> Estimate.dot(Lines.rows(dropped), row, Lines.rows(a), column).stored(type),
        (row, column) ->
            Estimate.dot(Lines.rows(kept), row, Lines.rows(a), column)
                .times(dropout.factor())
                .stored(type));
    oracle.checkElements(
        "output of a projection",
        place.read(layer.output, arena),
        (row, column) ->
            Estimate.dot(Lines.rows(x), row, Lines.rows(weight), column)
                .stored(type)
                .plus(Estimate.dot(Lines.rows(low), row, Lines.rows(b), column).times(scale))
                .stored(type));
    oracle.checkElements(
        "gradient at the rank",
        gradLow,
        (row, column) ->
            Estimate.dot(Lines.rows(gradient), row, Lines.columns(b), column)
                .times(scale)
                .stored(type));
    HostMatrix gradB = place.read(layer.gradients.gradB(), arena);
    oracle.checkElements(
        "gradient of b",
        gradB,
        (row, column) ->
            Estimate.dot(Lines.columns(gradient), row, Lines.columns(low), column)
                .times(scale)
                .stored(type));
    HostMatrix gradA = place.read(layer.gradients.gradA(), arena);
    oracle.checkElements(
        "gradient of a",
        gradA,
        (row, column) ->
            Estimate.dot(Lines.columns(gradLow), row, Lines.columns(dropped), column).stored(type),
        (row, column) ->
            Estimate.dot(Lines.columns(gradLow), row, Lines.columns(kept), column)
                .times(dropout.factor())
                .stored(type));
    HostMatrix gradInput = place.read(layer.gradients.gradInput(), arena);
    oracle.checkElements(
        "gradient of the features",
        gradInput,
        (row, column) ->
            Estimate.dot(Lines.rows(gradient), row, Lines.columns(weight), column)
                .stored(type)
                .plus(
                    Estimate.dot(Lines.rows(gradLow), row, Lines.columns(a), column)
                        .stored(type)
                        .times(Numbers.get(isKept, row, column) * dropout.factor()))
                .stored(type));
  }
}
