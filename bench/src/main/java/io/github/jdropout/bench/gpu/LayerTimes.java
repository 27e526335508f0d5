package io.github.jdropout.bench.gpu;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.jdropout.backend.cuda.CudaStream;
import io.github.jdropout.backend.cuda.DeviceBuffer;
import io.github.jdropout.backend.scalar.ScalarKernels;
import io.github.jdropout.gemm.Transpose;
import io.github.jdropout.gemm.layers.DropoutLinear;
import io.github.jdropout.gemm.layers.Engine;
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
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Times layers with Llama 3.2 1B's shapes, with dropout and without, in turns.
 *
 * <p>A layer without dropout is the same products with the same epilogue kernel, which then draws
 * no random numbers: the plain bias epilogue of equal traffic.
 */
final class LayerTimes {
  private static final MaskPlace PLACE = MaskPlace.of(new MaskKey(42, 7));
  private static final ElementType TYPE = ElementType.BF16;
  private static final long RANK = 16;
  private static final double LORA_P = 0.05;
  private static final String PLAIN_LINEAR = "linear, bias";
  private static final int WARMUPS = 10;

  /** Where each matrix begins: a multiple of what the driver itself aligns memory to. */
  private static final long ALIGNMENT = 256;

  private final Gpu gpu;
  private final boolean isQuick;
  private final int samples;

  LayerTimes(Gpu gpu, boolean isQuick, int samples) {
    this.gpu = gpu;
    this.isQuick = isQuick;
    this.samples = samples;
  }

  /** Returns the layer that a layer is to be compared with. */
  static String withoutDropout(String layer) {
    return layer.startsWith("linear")
        ? PLAIN_LINEAR
        : layer.replace("dropout " + LORA_P, "dropout 0.0");
  }

  /** Times all shapes and appends a node for each case. */
  void measure(ArrayNode results) {
    long[][] shapes =
        isQuick
            ? new long[][] {{64, 32, 128}}
            : new long[][] {
              {4096, 2048, 8192}, {4096, 8192, 2048}, {16384, 2048, 8192}, {16384, 8192, 2048}
            };
    for (long[] shape : shapes) {
      try (CudaStream stream = CudaStream.create(gpu.device());
          Engine engine = Engine.cuda(stream.handle());
          Tensors tensors = new Tensors(shape[0], shape[1], shape[2], stream.handle())) {
        check(engine, tensors, stream);
        Map<String, Runnable> cases = new LinkedHashMap<>();
        addLinear(cases, engine, tensors);
        addLora(cases, engine, tensors);
        time(cases, stream, tensors, results);
      }
    }
  }

  /** The matrices of one shape, in one allocation. */
  private final class Tensors implements AutoCloseable {
    final long tokens;
    final long inputs;
    final long outputs;
    private final DeviceBuffer memory;
    private long used;

    final Matrix input;
    final Matrix weight;
    final Matrix bias;
    final Matrix output;
    final Matrix gradOutput;
    final Matrix gradInput;
    final Matrix hidden;
    final LoraWeights lora;
    final LoraGradients loraGradients;
    final Bytes kept;
    final Bytes workspace;

    Tensors(long tokens, long inputs, long outputs, long stream) {
      this.tokens = tokens;
      this.inputs = inputs;
      this.outputs = outputs;
      long workspaceBytes = 8 << 20;
      long elements =
          tokens * (2 * inputs + 3 * outputs + 2 * RANK)
              + outputs * inputs
              + outputs
              + 2 * RANK * (inputs + outputs);
      memory =
          DeviceBuffer.allocate(
              gpu.device(), elements * TYPE.bytes() + workspaceBytes + 16 * ALIGNMENT);
      RandomData.fill(gpu, TYPE, memory.address(), memory.byteSize() & -8, stream);
      input = matrix(tokens, inputs);
      weight = matrix(outputs, inputs);
      bias = matrix(1, outputs);
      output = matrix(tokens, outputs);
      gradOutput = matrix(tokens, outputs);
      gradInput = matrix(tokens, inputs);
      hidden = matrix(tokens, RANK);
      lora = new LoraWeights(weight, matrix(RANK, inputs), matrix(outputs, RANK));
      loraGradients =
          new LoraGradients(
              matrix(tokens, RANK), gradInput, matrix(RANK, inputs), matrix(outputs, RANK), false);
      kept = matrix(tokens, outputs).bytes();
      workspace = take(workspaceBytes);
    }

    private Matrix matrix(long rows, long columns) {
      long address = take(rows * columns * TYPE.bytes()).address();
      return Matrix.onDevice(TYPE, address, rows, columns);
    }

    private Bytes.OfDevice take(long bytes) {
      Bytes.OfDevice part = new Bytes.OfDevice(memory.address() + used, bytes);
      used += (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
      return part;
    }

    @Override
    public void close() {
      memory.close();
    }
  }

  /** Compares the first row of a layer with the scalar backend's, of the product that it kept. */
  private void check(Engine engine, Tensors t, CudaStream stream) {
    DropoutSpec spec = DropoutSpec.of(0.1);
    DropoutLinear.of(engine, spec, Activation.GELU)
        .forward(PLACE, t.input, t.weight, t.bias, null, t.output, t.kept);
    try (Arena arena = Arena.ofConfined()) {
      long bytes = t.outputs * TYPE.bytes();
      HostMatrix product = row(((Bytes.OfDevice) t.kept).address(), bytes, stream, arena);
      HostMatrix bias = row(address(t.bias), bytes, stream, arena);
      HostMatrix actual = row(address(t.output), bytes, stream, arena);
      HostMatrix expected = Matrix.of(TYPE, arena.allocate(bytes), 1, t.outputs);
      Epilogue epilogue = Epilogue.training(spec, Activation.GELU, PLACE.key(), 0, t.outputs);
      ScalarKernels.epilogues().epilogue(epilogue, product, bias.span(), null, expected, null);
      long mismatch = expected.span().segment().mismatch(actual.span().segment());
      if (mismatch >= 0) {
        throw new IllegalStateException("wrong output of the layer at byte " + mismatch);
      }
    }
  }

  private static long address(Matrix matrix) {
    return ((Bytes.OfDevice) matrix.bytes()).address();
  }

  private HostMatrix row(long address, long bytes, CudaStream stream, Arena arena) {
    MemorySegment row = gpu.download(address, bytes, stream.handle(), arena);
    return Matrix.of(TYPE, row, 1, bytes / TYPE.bytes());
  }

  private static void addLinear(Map<String, Runnable> cases, Engine engine, Tensors t) {
    cases.put(
        "product alone",
        () ->
            engine.gemm().multiply(1, t.input, Transpose.NO, t.weight, Transpose.YES, 0, t.output));
    DropoutLinear plain = DropoutLinear.of(engine, DropoutSpec.of(0), Activation.IDENTITY);
    cases.put(PLAIN_LINEAR, () -> plain.infer(t.input, t.weight, t.bias, null, t.output));
    for (Activation activation : Activation.values()) {
      DropoutLinear layer = DropoutLinear.of(engine, DropoutSpec.of(0.1), activation);
      cases.put(
          "linear, bias, " + activation.label() + ", dropout 0.1",
          () -> layer.forward(PLACE, t.input, t.weight, t.bias, null, t.output, t.kept));
    }
  }

  private static void addLora(Map<String, Runnable> cases, Engine engine, Tensors t) {
    for (double p : new double[] {0, LORA_P}) {
      LoraLinear layer = LoraLinear.of(engine, DropoutSpec.of(p), 2 * RANK);
      String name = "LoRA, rank " + RANK + ", dropout " + p;
      cases.put(name, () -> layer.forward(PLACE, t.input, t.lora, t.hidden, t.output, t.workspace));
      cases.put(
          name + ", forward and backward",
          () -> {
            layer.forward(PLACE, t.input, t.lora, t.hidden, t.output, t.workspace);
            layer.backward(
                PLACE, t.input, t.lora, t.hidden, t.gradOutput, t.loraGradients, t.workspace);
          });
    }
  }

  private void time(
      Map<String, Runnable> cases, CudaStream stream, Tensors tensors, ArrayNode results) {
    int calls = isQuick ? 1 : 10;
    List<String> names = new ArrayList<>(cases.keySet());
    double[][] nanos = new double[names.size()][samples];
    long start = gpu.createEvent();
    long end = gpu.createEvent();
    try {
      for (int round = isQuick ? -1 : -WARMUPS; round < samples; round++) {
        for (int i = 0; i < nanos.length; i++) {
          Runnable work = cases.get(names.get(i));
          work.run(); // Keeps the device busy while the host queues the rest.
          gpu.record(start, stream.handle());
          for (int call = 0; call < calls; call++) {
            work.run();
          }
          gpu.record(end, stream.handle());
          double time = gpu.nanosBetween(start, end) / calls;
          if (round >= 0) {
            nanos[i][round] = time;
          }
        }
      }
    } finally {
      gpu.destroyEvent(start);
      gpu.destroyEvent(end);
    }
    for (int i = 0; i < nanos.length; i++) {
      ObjectNode node = results.addObject();
      node.put("layer", names.get(i));
      node.put("type", TYPE.label());
      node.put("tokens", tensors.tokens);
      node.put("inputs", tensors.inputs);
      node.put("outputs", tensors.outputs);
      ArrayNode times = node.putArray("nanosPerCall");
      for (double time : nanos[i]) {
        times.add(time);
      }
    }
  }
}
