package io.github.jdropout.gemm.layers;

import static io.github.jdropout.gemm.layers.LayerModel.absolute;
import static io.github.jdropout.gemm.layers.LayerModel.dot;
import static io.github.jdropout.gemm.layers.LayerModel.gradient;
import static io.github.jdropout.gemm.layers.LayerModel.timesTransposed;
import static io.github.jdropout.gemm.layers.LayerModel.transpose;

import io.github.jdropout.gemm.Bound;
import io.github.jdropout.gemm.MatrixMemory;
import io.github.jdropout.spec.Bytes;
import io.github.jdropout.spec.DropoutSpec;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.MaskKey;
import io.github.jdropout.spec.Matrix;
import java.util.Random;

/**
 * One training step of {@link LoraLinear}, whose output and gradients are compared with the model:
 * the gradients with its quotients of differences, with the mask held fixed.
 *
 * @param workspaceRows rows of the input that the workspace holds
 */
record LoraStep(
    ElementType type,
    int tokens,
    int inputs,
    int outputs,
    int rank,
    double alpha,
    double p,
    int workspaceRows,
    long seed) {
  private double[] numbers(Random random, int count) {
    double[] values = new double[count];
    for (int i = 0; i < count; i++) {
      values[i] = MatrixMemory.round(type, random.nextGaussian());
    }
    return values;
  }

  /** Some rows, an odd rest, and the sums of a's gradient. */
  private long workspaceBytes() {
    long sums = type == ElementType.F32 ? 0 : (4L * rank * inputs + 15) / 16 * 16;
    return sums + (long) workspaceRows * inputs * type.bytes() + 1;
  }

  /** Runs the step and compares. */
  void check(Engine engine, MatrixMemory memory) {
    Random random = new Random(seed);
    double[] input = numbers(random, tokens * inputs);
    double[] weight = numbers(random, outputs * inputs);
    double[] a = numbers(random, rank * inputs);
    double[] b = numbers(random, outputs * rank);
    double[] gradOutput = numbers(random, tokens * outputs);
    DropoutSpec spec = DropoutSpec.of(p);
    double[] factors =
        LayerModel.factors(seed, 29, 3, inputs + 5, tokens, inputs, spec.threshold());
    MaskPlace place = new MaskPlace(new MaskKey(seed, 29), 3, inputs + 5);

    Matrix inputMatrix = memory.matrix(type, tokens, inputs, input);
    LoraWeights weights =
        new LoraWeights(
            memory.matrix(type, outputs, inputs, weight),
            memory.matrix(type, rank, inputs, a),
            memory.matrix(type, outputs, rank, b));
    Matrix hidden = memory.unwritten(type, tokens, rank);
    Matrix output = memory.unwritten(type, tokens, outputs);
    Bytes workspace = memory.bytes(workspaceBytes());
    LoraLinear layer = LoraLinear.of(engine, spec, alpha);
    layer.forward(place, inputMatrix, weights, hidden, output, workspace);

    double[] inputSize = absolute(input);
    double[] droppedSize = scaled(inputSize, factors);
    double[] hiddenSize = timesTransposed(droppedSize, absolute(a), tokens, inputs, rank);
    double[] adapterSize = timesTransposed(hiddenSize, absolute(b), tokens, rank, outputs);
    double[] outputSize = timesTransposed(inputSize, absolute(weight), tokens, inputs, outputs);
    for (int i = 0; i < outputSize.length; i++) {
      outputSize[i] += Math.abs(alpha / rank) * adapterSize[i];
    }
    // Rounded to the storage type: the dropped input, the hidden matrix, twice the output.
    Bound.ofValues(type, 4, 10 + inputs + rank)
        .check(
            this + " output",
            output(input, weight, a, b, factors),
            memory.values(output),
            outputSize);

    Matrix gradOutputMatrix = memory.matrix(type, tokens, outputs, gradOutput);
    LoraGradients gradients =
        new LoraGradients(
            memory.unwritten(type, tokens, rank),
            memory.unwritten(type, tokens, inputs),
            memory.unwritten(type, rank, inputs),
            memory.unwritten(type, outputs, rank),
            false);
    layer.backward(place, inputMatrix, weights, hidden, gradOutputMatrix, gradients, workspace);

    double[] gradSize = absolute(gradOutput);
    double[] gradHiddenSize =
        timesTransposed(gradSize, transpose(absolute(b), outputs, rank), tokens, outputs, rank);
    for (int i = 0; i < gradHiddenSize.length; i++) {
      gradHiddenSize[i] *= Math.abs(alpha / rank);
    }
    double[] gradInputSize =
        timesTransposed(
            gradSize, transpose(absolute(weight), outputs, inputs), tokens, outputs, inputs);
    double[] adapterGradSize =
        timesTransposed(gradHiddenSize, transpose(absolute(a), rank, inputs), tokens, rank, inputs);
    for (int i = 0; i < gradInputSize.length; i++) {
      gradInputSize[i] += factors[i] * adapterGradSize[i];
    }
    Bound.ofGradient(type, 4, 10 + outputs + rank)
        .check(
            this + " gradInput",
            gradient(input, x -> dot(output(x, weight, a, b, factors), gradOutput)),
            memory.values(gradients.gradInput()),
            gradInputSize);
    Bound.ofGradient(type, 3, 10 + outputs + tokens)
        .check(
            this + " gradA",
            gradient(a, x -> dot(output(input, weight, x, b, factors), gradOutput)),
            memory.values(gradients.gradA()),
            timesTransposed(
                transpose(gradHiddenSize, tokens, rank),
                transpose(droppedSize, tokens, inputs),
                rank,
                tokens,
                inputs));
    double[] gradBSize =
        timesTransposed(
            transpose(gradSize, tokens, outputs),
            transpose(hiddenSize, tokens, rank),
            outputs,
            tokens,
            rank);
    for (int i = 0; i < gradBSize.length; i++) {
      gradBSize[i] *= Math.abs(alpha / rank);
    }
    Bound.ofGradient(type, 3, 10 + inputs + tokens)
        .check(
            this + " gradB",
            gradient(b, x -> dot(output(input, weight, a, x, factors), gradOutput)),
            memory.values(gradients.gradB()),
            gradBSize);
  }

  private static double[] scaled(double[] values, double[] factors) {
    double[] scaled = new double[values.length];
    for (int i = 0; i < scaled.length; i++) {
      scaled[i] = values[i] * factors[i];
    }
    return scaled;
  }

  private double[] output(
      double[] input, double[] weight, double[] a, double[] b, double[] factors) {
    double[] output = timesTransposed(input, weight, tokens, inputs, outputs);
    double[] hidden = timesTransposed(scaled(input, factors), a, tokens, inputs, rank);
    double[] adapter = timesTransposed(hidden, b, tokens, rank, outputs);
    for (int i = 0; i < output.length; i++) {
      output[i] += alpha / rank * adapter[i];
    }
    return output;
  }
}
