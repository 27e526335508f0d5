package io.github.jdropout.bench.training;

import io.github.jdropout.bench.training.Estimate.Lines;
import io.github.jdropout.gemm.layers.DropoutLinear;
import io.github.jdropout.gemm.layers.Engine;
import io.github.jdropout.gemm.layers.LinearGradients;
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
 * The feed-forward half of a decoder block, all of it trained: {@code input +
 * dropout(dropout(silu(input * U^T + u)) * D^T + d)}, each dropout with a probability of its own.
 *
 * <p>A step is the output and the gradients of both weights, both biases and the input; the
 * gradient that goes past the layers, which is that of the output, is not added to the input's.
 */
final class FeedForward {
  private static final MaskKey HIDDEN_KEY = new MaskKey(42, 7);
  private static final MaskKey OUTPUT_KEY = new MaskKey(42, 8);

  private final StepPlace place;
  private final Matrix input;
  private final Matrix upWeight;
  private final Matrix upBias;
  private final Matrix downWeight;
  private final Matrix downBias;
  private final Matrix gradOutput;
  private final Matrix product;
  private final Matrix hidden;
  private final Matrix output;
  private final LinearGradients upGradients;
  private final LinearGradients downGradients;
  private final Bytes workspace;

  FeedForward(StepPlace place, StepShape shape) {
    this.place = place;
    long tokens = shape.tokens();
    long features = shape.hidden();
    long between = shape.feedForward();
    SplittableRandom random = new SplittableRandom(42);
    input = given(shape, tokens, features, 1, random);
    upWeight = given(shape, between, features, features, random);
    upBias = given(shape, 1, between, 1, random);
    downWeight = given(shape, features, between, between, random);
    downBias = given(shape, 1, features, 1, random);
    gradOutput = given(shape, tokens, features, 1, random);
    product = place.result(shape, tokens, between);
    hidden = place.result(shape, tokens, between);
    output = place.result(shape, tokens, features);
    downGradients =
        new LinearGradients(
            place.result(shape, tokens, features),
            place.result(shape, tokens, between),
            place.result(shape, features, between),
            place.result(shape, 1, features),
            false);
    upGradients =
        new LinearGradients(
            place.result(shape, tokens, between),
            place.result(shape, tokens, features),
            place.result(shape, between, features),
            place.result(shape, 1, between),
            false);
    DropoutLinear any = DropoutLinear.of(place.engine(), DropoutSpec.of(0), Activation.SILU);
    workspace =
        place.bytes(
            Math.max(any.workspaceBytes(tokens, between), any.workspaceBytes(tokens, features)));
  }

  /** Places numbers of variance {@code 1 / terms}, so that sums of as many are about 1. */
  private Matrix given(
      StepShape shape, long rows, long columns, long terms, SplittableRandom random) {
    try (Arena arena = Arena.ofConfined()) {
      double bound = Math.sqrt(3.0 / terms);
      return place.given(Numbers.random(shape.type(), rows, columns, bound, random, arena));
    }
  }

  /** Returns the step with these probabilities of dropping. */
  Runnable step(double hiddenP, double outputP) {
    Engine engine = place.engine();
    DropoutLinear up = DropoutLinear.of(engine, DropoutSpec.of(hiddenP), Activation.SILU);
    DropoutLinear down = DropoutLinear.of(engine, DropoutSpec.of(outputP), Activation.IDENTITY);
    MaskPlace upPlace = MaskPlace.of(HIDDEN_KEY);
    MaskPlace downPlace = MaskPlace.of(OUTPUT_KEY);
    Bytes kept = product.bytes();
    Matrix gradHidden = downGradients.gradInput();
    return () -> {
      up.forward(upPlace, input, upWeight, upBias, null, hidden, kept);
      down.forward(downPlace, hidden, downWeight, downBias, input, output, null);
      down.backward(
          downPlace, hidden, downWeight, downBias, null, gradOutput, downGradients, workspace);
      up.backward(upPlace, input, upWeight, upBias, kept, gradHidden, upGradients, workspace);
    };
  }

  /**
   * Runs a step and compares all that it computes with what it should be.
   *
   * @throws IllegalStateException if something is wrong
   */
  void check(double hiddenP, double outputP) {
    place.poisonResults();
    step(hiddenP, outputP).run();
    Oracle oracle = new Oracle();
    Epilogue up = epilogue(hiddenP, Activation.SILU, HIDDEN_KEY, product);
    Epilogue down = epilogue(outputP, Activation.IDENTITY, OUTPUT_KEY, output);
    try (Arena arena = Arena.ofConfined()) {
      checkUp(oracle, up, arena);
      checkDown(oracle, down, arena);
    }
  }

  private static Epilogue epilogue(double p, Activation activation, MaskKey key, Matrix matrix) {
    return Epilogue.training(DropoutSpec.of(p), activation, key, 0, matrix.columnCount());
  }

  private void checkUp(Oracle oracle, Epilogue epilogue, Arena arena) {
    HostMatrix x = place.read(input, arena);
    HostMatrix weight = place.read(upWeight, arena);
    HostMatrix bias = place.read(upBias, arena);
    HostMatrix z = place.read(product, arena);
    oracle.checkElements(
        "up-projection",
        z,
        (row, column) ->
            Estimate.dot(Lines.rows(x), row, Lines.rows(weight), column).stored(z.type()));
    oracle.checkOutput("hidden features", epilogue, z, bias, place.read(hidden, arena));
    HostMatrix gradHidden = place.read(downGradients.gradInput(), arena);
    HostMatrix gradProduct = place.read(upGradients.gradProduct(), arena);
    oracle.checkGradient(
        "gradient of the up-projection", epilogue, gradHidden, z, bias, gradProduct);
    checkGradients(oracle, upGradients, x, weight, arena);
  }

  private void checkDown(Oracle oracle, Epilogue epilogue, Arena arena) {
    HostMatrix x = place.read(input, arena);
    HostMatrix weight = place.read(downWeight, arena);
    HostMatrix bias = place.read(downBias, arena);
    HostMatrix between = place.read(hidden, arena);
    HostMatrix computed = place.read(output, arena);
    HostMatrix gradient = place.read(gradOutput, arena);
    ElementType type = computed.type();
    // The gradient of dropout is its factors; those of all ones are the mask's.
    HostMatrix ones = Numbers.ones(type, computed.rowCount(), computed.columnCount(), arena);
    HostMatrix factors = oracle.applied(epilogue, ones, arena);
    oracle.checkElements(
        "output",
        computed,
        (row, column) ->
            Estimate.dot(Lines.rows(between), row, Lines.rows(weight), column)
                .stored(type)
                .plus(Estimate.exact(Numbers.get(bias, 0, column)))
                .times(Numbers.get(factors, row, column) == 0 ? 0 : epilogue.factor())
                .plus(Estimate.exact(Numbers.get(x, row, column)))
                .stored(type));
    oracle.checkGradient(
        "gradient of the down-projection",
        epilogue,
        gradient,
        null,
        null,
        place.read(downGradients.gradProduct(), arena));
    checkGradients(oracle, downGradients, between, weight, arena);
  }

  private void checkGradients(
      Oracle oracle, LinearGradients gradients, HostMatrix x, HostMatrix weight, Arena arena) {
    ElementType type = x.type();
    HostMatrix gradProduct = place.read(gradients.gradProduct(), arena);
    Lines rows = Lines.rows(gradProduct);
    Lines columns = Lines.columns(gradProduct);
    HostMatrix gradInput = place.read(gradients.gradInput(), arena);
    oracle.checkElements(
        "gradient of the features",
        gradInput,
        (row, column) -> Estimate.dot(rows, row, Lines.columns(weight), column).stored(type));
    HostMatrix gradWeight = place.read(gradients.gradWeight(), arena);
    oracle.checkElements(
        "gradient of the weight",
        gradWeight,
        (row, column) -> Estimate.dot(columns, row, Lines.columns(x), column).stored(type));
    HostMatrix gradBias = place.read(gradients.gradBias(), arena);
    oracle.checkElements(
        "gradient of the bias",
        gradBias,
        (_, column) -> Estimate.sumOfUnstored(columns, column).stored(type));
  }
}
