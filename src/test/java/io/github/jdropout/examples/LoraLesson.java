package io.github.jdropout.examples;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jdropout.gemm.layers.Engine;
import io.github.jdropout.gemm.layers.LoraGradients;
import io.github.jdropout.gemm.layers.LoraLinear;
import io.github.jdropout.gemm.layers.LoraWeights;
import io.github.jdropout.gemm.layers.MaskPlace;
import io.github.jdropout.rng.StreamAllocator;
import io.github.jdropout.spec.Bytes;
import io.github.jdropout.spec.DropoutSpec;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.MaskKey;
import io.github.jdropout.spec.Matrix;
import java.util.Random;

/**
 * What the adapter of {@link LoraFineTuning} is to learn: a change of the weight of its own rank.
 */
abstract class LoraLesson {
  private static final int TOKENS = 32;
  private static final int INPUTS = 16;
  private static final int OUTPUTS = 12;
  private static final int RANK = 2;
  private static final int STEPS = 300;

  private final Random random = new Random(1);

  /** Returns a matrix of f32. */
  abstract Matrix matrix(float[] values, long rows, long columns);

  /** Returns the numbers of a matrix, when the engine's work is done. */
  abstract float[] values(Matrix matrix);

  /** Returns memory to work in. */
  abstract Bytes bytes(long size);

  /** Trains and checks that the error at inference has become small. */
  void teach(Engine engine) {
    LoraLinear lora = LoraLinear.of(engine, DropoutSpec.of(0.05), 2 * RANK);
    float[] inputs = numbers(TOKENS * INPUTS, 1);
    float[] weight = numbers(OUTPUTS * INPUTS, 1);
    Matrix input = matrix(inputs, TOKENS, INPUTS);
    Matrix output = matrix(new float[TOKENS * OUTPUTS], TOKENS, OUTPUTS);
    Matrix hidden = matrix(new float[TOKENS * RANK], TOKENS, RANK);
    LoraWeights teacher =
        new LoraWeights(
            matrix(weight, OUTPUTS, INPUTS),
            matrix(numbers(RANK * INPUTS, 0.3), RANK, INPUTS),
            matrix(numbers(OUTPUTS * RANK, 0.3), OUTPUTS, RANK));
    Matrix target = matrix(new float[TOKENS * OUTPUTS], TOKENS, OUTPUTS);
    lora.infer(input, teacher, hidden, target);
    // As usual, an adapter begins with no effect: b is 0.
    LoraWeights weights =
        new LoraWeights(
            matrix(weight, OUTPUTS, INPUTS),
            matrix(numbers(RANK * INPUTS, 0.3), RANK, INPUTS),
            matrix(new float[OUTPUTS * RANK], OUTPUTS, RANK));
    LoraGradients gradients =
        new LoraGradients(
            matrix(new float[TOKENS * RANK], TOKENS, RANK),
            null,
            matrix(new float[RANK * INPUTS], RANK, INPUTS),
            matrix(new float[OUTPUTS * RANK], OUTPUTS, RANK),
            false);
    LoraFineTuning.Tensors tensors =
        new LoraFineTuning.Tensors(
            input,
            target,
            weights,
            hidden,
            output,
            gradients,
            bytes(lora.workspaceBytes(ElementType.F32, TOKENS, INPUTS, RANK)),
            matrix(new float[] {1}, 1, 1));

    lora.infer(input, weights, hidden, output);
    double before = distance(output, target);
    StreamAllocator streams = StreamAllocator.withSeed(7);
    for (int step = 0; step < STEPS; step++) {
      MaskPlace place = MaskPlace.of(new MaskKey(7, streams.next()));
      LoraFineTuning.step(engine, lora, tensors, place, 0.002f);
    }
    lora.infer(input, weights, hidden, output);
    double after = distance(output, target);
    assertTrue(after < before / 10, () -> "error before " + before + ", after " + after);
  }

  private float[] numbers(int count, double size) {
    float[] numbers = new float[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = (float) (random.nextGaussian() * size);
    }
    return numbers;
  }

  private double distance(Matrix left, Matrix right) {
    float[] a = values(left);
    float[] b = values(right);
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += Math.pow((double) a[i] - b[i], 2);
    }
    return Math.sqrt(sum / a.length);
  }
}
