package io.github.jdropout.gemm.layers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jdropout.backend.cuda.CudaDevice;
import io.github.jdropout.backend.cuda.CudaGraph;
import io.github.jdropout.backend.cuda.CudaStream;
import io.github.jdropout.gemm.DeviceMatrixMemory;
import io.github.jdropout.gemm.MatrixMemory;
import io.github.jdropout.gemm.cublas.Cublas;
import io.github.jdropout.gemm.cublas.CublasGemm;
import io.github.jdropout.spec.Activation;
import io.github.jdropout.spec.Bytes;
import io.github.jdropout.spec.DropoutSpec;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.MaskKey;
import io.github.jdropout.spec.Matrix;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Layers on a GPU; the build runs this with the kernels and a cuBLAS on the host. */
class CudaLayersTest extends LayersContract {
  private CudaDevice device;
  private CudaStream stream;
  private DeviceMatrixMemory memory;

  @Override
  Engine open() {
    device = Cublas.device();
    stream = CudaStream.create(device);
    memory = new DeviceMatrixMemory(device, stream);
    return Engine.cuda(device, stream.handle());
  }

  @Override
  MatrixMemory memory() {
    return memory;
  }

  @Override
  void release() {
    memory.close();
    stream.close();
  }

  /** Recorded work repeats its arguments; the workspace is the caller's. */
  @Test
  void stepsAreRecorded() {
    long size = CublasGemm.recommendedWorkspaceBytes(device);
    Bytes.OfDevice workspace = (Bytes.OfDevice) memory.bytes(size);
    ElementType type = ElementType.F32;
    Matrix input = memory.matrix(type, 2, 2, new double[] {1, 2, 3, 4});
    Matrix weight = memory.matrix(type, 2, 2, new double[] {1, 0, 0, 1});
    Matrix output = memory.unwritten(type, 2, 2);
    try (Engine recorded = Engine.cuda(stream.handle(), workspace)) {
      recorded.prepare(type);
      DropoutLinear layer = DropoutLinear.of(recorded, DropoutSpec.of(0.5), Activation.IDENTITY);
      MaskPlace place = MaskPlace.of(new MaskKey(1, 2));
      // cuBLAS loads what a shape needs at its first product.
      layer.infer(input, weight, null, null, output);
      try (CudaGraph graph =
          stream.capture(() -> layer.forward(place, input, weight, null, null, output, null))) {
        graph.launch(stream);
        double[] factors = LayerModel.factors(1, 2, 0, 2, 2, 2, 32768);
        double[] expected = {factors[0], 2 * factors[1], 3 * factors[2], 4 * factors[3]};
        assertArrayEquals(expected, memory.values(output));
      }
    }
  }

  /** Eight inputs and outputs, and rank 2: sizes of tensor cores. */
  private LoraWeights weights(ElementType type) {
    return new LoraWeights(
        memory.matrix(type, 8, 8, ramp(64)),
        memory.matrix(type, 2, 8, ramp(16)),
        memory.matrix(type, 8, 2, ramp(16)));
  }

  /**
   * Small integers, so that every sum is exact; the type and the sizes are those of tensor cores.
   */
  @Test
  void adaptersStepsAreRecorded() {
    ElementType type = ElementType.BF16;
    Bytes.OfDevice own =
        (Bytes.OfDevice) memory.bytes(CublasGemm.recommendedWorkspaceBytes(device));
    try (Engine recorded = Engine.cuda(stream.handle(), own)) {
      recorded.prepare(type);
      LoraLinear layer = LoraLinear.of(recorded, DropoutSpec.of(0.5), 2);
      Bytes workspace = memory.bytes(layer.workspaceBytes(type, 4, 8, 2));
      Matrix input = memory.matrix(type, 4, 8, ramp(32));
      LoraWeights weights = weights(type);
      Matrix gradOutput = memory.matrix(type, 4, 8, ramp(32));
      List<double[]> results = new ArrayList<>();
      for (boolean isRecorded : new boolean[] {false, true}) {
        Matrix hidden = memory.unwritten(type, 4, 2);
        Matrix output = memory.unwritten(type, 4, 8);
        LoraGradients gradients =
            new LoraGradients(
                memory.unwritten(type, 4, 2),
                memory.unwritten(type, 4, 8),
                memory.unwritten(type, 2, 8),
                memory.unwritten(type, 8, 2),
                false);
        Runnable step =
            () -> {
              layer.forward(PLACE, input, weights, hidden, output, workspace);
              layer.backward(PLACE, input, weights, hidden, gradOutput, gradients, workspace);
            };
        if (isRecorded) {
          try (CudaGraph graph = stream.capture(step)) {
            graph.launch(stream);
            stream.synchronize();
          }
        } else {
          step.run();
        }
        for (Matrix result :
            List.of(output, gradients.gradInput(), gradients.gradA(), gradients.gradB())) {
          results.add(memory.values(result));
        }
      }
      for (int i = 0; i < 4; i++) {
        assertArrayEquals(results.get(i), results.get(i + 4));
      }
    }
  }

  /**
   * The workspace shows what was dropped in memory, where there are no tensor cores for bf16;
   * elsewhere only a sum may be written.
   */
  @Test
  void adaptersDropInRegisters() {
    ElementType type = ElementType.BF16;
    Matrix input = memory.matrix(type, 300, 8, ramp(2400));
    LoraWeights weights = weights(type);
    int words = 100;
    double[] marks = new double[words];
    Arrays.fill(marks, 12345);
    Matrix workspace = memory.matrix(ElementType.F32, 1, words, marks);
    Matrix hidden = memory.unwritten(type, 300, 2);
    Matrix output = memory.unwritten(type, 300, 8);
    try (Engine engine = Engine.cuda(device, stream.handle())) {
      LoraLinear layer = LoraLinear.of(engine, DropoutSpec.of(0.5), 2);
      layer.forward(PLACE, input, weights, hidden, output, workspace.bytes());
      boolean hasTensorCores = device.capability() >= 80;
      assertEquals(hasTensorCores, Arrays.equals(marks, memory.values(workspace)));
      if (!hasTensorCores) {
        return;
      }
      Matrix gradA = memory.unwritten(type, 2, 8);
      LoraGradients gradients =
          new LoraGradients(
              memory.unwritten(type, 300, 2), memory.unwritten(type, 300, 8), gradA, null, false);
      layer.backward(PLACE, input, weights, hidden, output, gradients, workspace.bytes());
      double[] after = memory.values(workspace);
      for (int i = 0; i < 16; i++) {
        assertEquals(memory.values(gradA)[i], MatrixMemory.round(type, after[i]));
      }
      assertArrayEquals(Arrays.copyOfRange(marks, 16, words), Arrays.copyOfRange(after, 16, words));
    }
  }

  @Test
  void hostMemoryIsRefused() {
    Matrix host = Matrix.of(ElementType.F32, MemorySegment.ofArray(new float[4]), 2, 2);
    try (Engine engine = Engine.cuda(device, stream.handle())) {
      DropoutLinear layer = DropoutLinear.of(engine, DropoutSpec.of(0.5), Activation.IDENTITY);
      String message =
          assertThrows(
                  IllegalArgumentException.class, () -> layer.infer(host, host, null, null, host))
              .getMessage();
      assertEquals(
          "input must be on the device but is in the host's memory",
          message.replaceAll(": .*", ""));
    }
  }

  /** The product must not be queued before the residual has been found to be nowhere. */
  @Test
  void nothingIsWrittenBeforeAllMemoryIsChecked() {
    Matrix square = memory.matrix(ElementType.F32, 2, 2, new double[] {1, 2, 3, 4});
    Matrix weight = memory.matrix(ElementType.F32, 2, 2, new double[] {1, 0, 0, 1});
    Matrix output = memory.matrix(ElementType.F32, 2, 2, new double[] {5, 6, 7, 8});
    Matrix nowhere = Matrix.onDevice(ElementType.F32, 64, 2, 2);
    try (Engine engine = Engine.cuda(device, stream.handle())) {
      DropoutLinear layer = DropoutLinear.of(engine, DropoutSpec.of(0.5), Activation.IDENTITY);
      String message =
          assertThrows(
                  IllegalArgumentException.class,
                  () -> layer.infer(square, weight, null, nowhere, output))
              .getMessage();
      assertTrue(message.startsWith("residual "), message);
      assertArrayEquals(new double[] {5, 6, 7, 8}, memory.values(output));
    }
  }
}
