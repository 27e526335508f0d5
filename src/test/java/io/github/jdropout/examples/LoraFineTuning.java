package io.github.jdropout.examples;

import static io.github.jdropout.gemm.Transpose.NO;

import io.github.jdropout.backend.cuda.jcuda.JCudaHandles;
import io.github.jdropout.gemm.layers.Engine;
import io.github.jdropout.gemm.layers.LoraGradients;
import io.github.jdropout.gemm.layers.LoraLinear;
import io.github.jdropout.gemm.layers.LoraWeights;
import io.github.jdropout.gemm.layers.MaskPlace;
import io.github.jdropout.spec.Bytes;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.Matrix;
import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.JCudaDriver;

final class LoraFineTuning {
  /** A matrix in device memory of JCuda's. */
  static Matrix onDevice(float[] values, long rows, long columns) {
    CUdeviceptr memory = new CUdeviceptr();
    JCudaDriver.cuMemAlloc(memory, rows * columns * Float.BYTES);
    JCudaDriver.cuMemcpyHtoD(memory, Pointer.to(values), rows * columns * Float.BYTES);
    return Matrix.onDevice(ElementType.F32, JCudaHandles.address(memory), rows, columns);
  }

  /** What a step works on; {@code one} is the 1 x 1 matrix of a 1. */
  record Tensors(
      Matrix input,
      Matrix target,
      LoraWeights weights,
      Matrix hidden,
      Matrix output,
      LoraGradients gradients,
      Bytes workspace,
      Matrix one) {}

  /** A step of gradient descent on half the squared error. */
  static void step(Engine engine, LoraLinear lora, Tensors t, MaskPlace place, float rate) {
    lora.forward(place, t.input, t.weights, t.hidden, t.output, t.workspace);
    // The output becomes the error, which is the output's gradient.
    add(engine, -1, t.target, t.one, t.output);
    lora.backward(place, t.input, t.weights, t.hidden, t.output, t.gradients, t.workspace);
    add(engine, -rate, t.gradients.gradA(), t.one, t.weights.a());
    add(engine, -rate, t.gradients.gradB(), t.one, t.weights.b());
  }

  /** y += factor * x, a product with terms of their own. */
  static void add(Engine engine, float factor, Matrix x, Matrix one, Matrix y) {
    long count = x.rowCount() * x.columnCount();
    engine.gemm().multiply(factor, x.reshaped(count, 1), NO, one, NO, 1, y.reshaped(count, 1));
  }

  private LoraFineTuning() {}
}
