package io.github.jdropout.gemm.layers;

import static io.github.jdropout.gemm.layers.LayerModel.absolute;
import static io.github.jdropout.gemm.layers.LayerModel.activate;
import static io.github.jdropout.gemm.layers.LayerModel.dot;
import static io.github.jdropout.gemm.layers.LayerModel.gradient;
import static io.github.jdropout.gemm.layers.LayerModel.timesTransposed;
import static io.github.jdropout.gemm.layers.LayerModel.transpose;

import io.github.jdropout.gemm.Bound;
import io.github.jdropout.gemm.MatrixMemory;
import io.github.jdropout.spec.Activation;
import io.github.jdropout.spec.Bytes;
import io.github.jdropout.spec.DropoutSpec;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.MaskKey;
import io.github.jdropout.spec.Matrix;
import java.util.Arrays;
import java.util.Random;

/**
 * One training step of {@link DropoutLinear}, whose output and gradients are compared with the
 * model: the gradients with its quotients of differences, with the mask held fixed.
 *
 * <p>Inputs and weights are few small multiples of powers of two, so that the product is exact in
 * every type, and never 0 or next to it, where ReLU has no derivative.
 */
record LinearStep(
    ElementType type,
    Activation activation,
    int tokens,
    int inputs,
    int outputs,
    boolean hasBias,
    boolean hasResidual,
    double p,
    long seed) {
  /** No derivative of an activation is larger, and none is off by more than 5 v. */
  private static final double LARGEST_SLOPE = 1.13;

  private double[] multiples(Random random, int count, int largest, double unit) {
    double[] values = new double[count];
    for (int i = 0; i < count; i++) {
      values[i] = (random.nextInt(2 * largest + 1) - largest) * unit;
    }
    return values;
  }

  /** Runs the step and compares. */
  void check(Engine engine, MatrixMemory memory) {
    Random random = new Random(seed);
    double[] input = multiples(random, tokens * inputs, 2, 1);
    double[] weight = multiples(random, outputs * inputs, 3, 0x1p-3);
    for (int row = 0; row < tokens; row++) {
      input[row * inputs + inputs - 1] = 1;
    }
    for (int row = 0; row < outputs; row++) {
      // Odd multiples of half the others' unit: no sum with them is 0.
      weight[row * inputs + inputs - 1] = (2 * random.nextInt(8) - 7) * 0x1p-4;
    }
    double[] bias = hasBias ? multiples(random, outputs, 15, 0x1p-3) : new double[outputs];
    double[] residual = multiples(random, tokens * outputs, hasResidual ? 31 : 0, 0x1p-3);
    double[] gradOutput = multiples(random, tokens * outputs, 15, 0x1p-3);

    DropoutSpec spec = DropoutSpec.of(p);
    MaskKey key = new MaskKey(seed, 17);
    MaskPlace place = new MaskPlace(key, 5, outputs + 3);
    double[] factors =
        LayerModel.factors(seed, 17, 5, outputs + 3, tokens, outputs, spec.threshold());

    Matrix inputMatrix = memory.matrix(type, tokens, inputs, input);
    Matrix weightMatrix = memory.matrix(type, outputs, inputs, weight);
    Matrix biasMatrix = hasBias ? memory.matrix(type, 1, outputs, bias) : null;
    Matrix residualMatrix = hasResidual ? memory.matrix(type, tokens, outputs, residual) : null;
    Matrix output = memory.unwritten(type, tokens, outputs);
    DropoutLinear layer = DropoutLinear.of(engine, spec, activation);
    Bytes kept = memory.bytes(layer.keptBytes(type, tokens, outputs));
    layer.forward(place, inputMatrix, weightMatrix, biasMatrix, residualMatrix, output, kept);
    double[] expected = output(input, weight, bias, residual, factors);
    double[] product = timesTransposed(input, weight, tokens, inputs, outputs);
    double[] size = new double[expected.length];
    for (int i = 0; i < size.length; i++) {
      double z = Math.abs(product[i] + bias[i % outputs]);
      size[i] = factors[i] * z + Math.abs(residual[i]);
    }
    // An activation is off by at most 3 v of max(1, |z|).
    Bound.ofValues(type, 1, 6).check(this + " output", expected, memory.values(output), size);

    Matrix gradOutputMatrix = memory.matrix(type, tokens, outputs, gradOutput);
    LinearGradients gradients =
        new LinearGradients(
            memory.unwritten(type, tokens, outputs),
            memory.unwritten(type, tokens, inputs),
            memory.unwritten(type, outputs, inputs),
            memory.unwritten(type, 1, outputs),
            false);
    Bytes workspace = memory.bytes(layer.workspaceBytes(tokens, outputs));
    layer.backward(
        place, inputMatrix, weightMatrix, biasMatrix, kept, gradOutputMatrix, gradients, workspace);

    double[] gradSize = new double[gradOutput.length];
    for (int i = 0; i < gradSize.length; i++) {
      gradSize[i] = Math.abs(gradOutput[i]) * factors[i] * LARGEST_SLOPE;
    }
    Bound.ofGradient(type, 3, 10 + outputs)
        .check(
            this + " gradInput",
            gradient(input, x -> dot(output(x, weight, bias, residual, factors), gradOutput)),
            memory.values(gradients.gradInput()),
            timesTransposed(
                gradSize, transpose(absolute(weight), outputs, inputs), tokens, outputs, inputs));
    Bound.ofGradient(type, 3, 10 + tokens)
        .check(
            this + " gradWeight",
            gradient(weight, x -> dot(output(input, x, bias, residual, factors), gradOutput)),
            memory.values(gradients.gradWeight()),
            timesTransposed(
                transpose(gradSize, tokens, outputs),
                transpose(absolute(input), tokens, inputs),
                outputs,
                tokens,
                inputs));
    double[] ones = new double[tokens];
    Arrays.fill(ones, 1);
    Bound.ofGradient(type, 1, 10 + 64)
        .check(
            this + " gradBias",
            gradient(bias, x -> dot(output(input, weight, x, residual, factors), gradOutput)),
            memory.values(gradients.gradBias()),
            timesTransposed(ones, transpose(gradSize, tokens, outputs), 1, tokens, outputs));
    // Of the residual, the gradient is what came in: it must still be there.
    Bound.ofGradient(type, 0, 0)
        .check(
            this + " gradResidual",
            gradient(residual, x -> dot(output(input, weight, bias, x, factors), gradOutput)),
            memory.values(gradOutputMatrix),
            absolute(gradOutput));
  }

  private double[] output(
      double[] input, double[] weight, double[] bias, double[] residual, double[] factors) {
    double[] output = timesTransposed(input, weight, tokens, inputs, outputs);
    for (int i = 0; i < output.length; i++) {
      double z = output[i] + bias[i % outputs];
      output[i] = residual[i] + factors[i] * activate(activation, z);
    }
    return output;
  }
}
