package io.github.jdropout.bench.gpu;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.jdropout.backend.cuda.CudaException;
import io.github.jdropout.backend.cuda.CudaStream;
import io.github.jdropout.spec.ElementType;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;

/** Times all operations on the device, in turns with the copy of the same type and size. */
final class DeviceTimes {
  /** The copy has settled when this many samples in a row are within the fraction below. */
  private static final int SETTLED_SAMPLES = 4;

  private static final double SETTLED_SPREAD = 0.02;
  private static final int MAX_WARMUPS = 60;

  /** {@code CUDA_ERROR_OUT_OF_MEMORY}. */
  private static final int OUT_OF_MEMORY = 2;

  private final Gpu gpu;
  private final int samples;
  private final boolean isQuick;

  DeviceTimes(Gpu gpu, int samples, boolean isQuick) {
    this.gpu = gpu;
    this.samples = samples;
    this.isQuick = isQuick;
  }

  /**
   * Checks and times the operations and appends a node for each, or one that says why not.
   *
   * @throws IllegalStateException if an output is wrong or the driver fails
   */
  void measure(ElementType type, long count, List<Operation> operations, ArrayNode results) {
    try (CudaStream stream = CudaStream.create(gpu.device());
        Buffers buffers = new Buffers(gpu, type, count, Sampler.MAX_CALLS, stream.handle())) {
      measure(buffers, stream, operations, results);
    } catch (CudaException e) {
      if (e.status() != OUT_OF_MEMORY) {
        throw e;
      }
      ObjectNode node = results.addObject();
      node.put("type", type.label());
      node.put("elements", count);
      node.put("notRun", e.getMessage());
    }
  }

  private void measure(
      Buffers buffers, CudaStream stream, List<Operation> operations, ArrayNode results) {
    List<Sampler> samplers = new ArrayList<>();
    try {
      for (Operation operation : operations) {
        if (operation.fits(buffers.count())) {
          samplers.add(new Sampler(gpu, operation, buffers, stream, isQuick));
        }
      }
      samplers.forEach(Sampler::checkCall);
      double[][] nanos = sample(samplers);
      samplers.forEach(Sampler::checkTimed);
      for (int i = 0; i < samplers.size(); i++) {
        describe(samplers.get(i), buffers, nanos[i], results.addObject());
      }
    } finally {
      samplers.forEach(Sampler::close);
    }
  }

  private double[][] sample(List<Sampler> samplers) {
    warmUp(samplers);
    double[][] nanos = new double[samplers.size()][samples];
    for (int round = 0; round < samples; round++) {
      for (int i = 0; i < nanos.length; i++) {
        nanos[i][round] = samplers.get(i).sample();
      }
    }
    return nanos;
  }

  /** Runs all until the first one, the copy, takes the same time again and again. */
  private void warmUp(List<Sampler> samplers) {
    Deque<Double> copies = new ArrayDeque<>();
    for (int round = 0; round < (isQuick ? 1 : MAX_WARMUPS) && !isSettled(copies); round++) {
      copies.add(samplers.getFirst().sample());
      for (Sampler sampler : samplers.subList(1, samplers.size())) {
        sampler.sample();
      }
    }
  }

  private static boolean isSettled(Deque<Double> copies) {
    if (copies.size() > SETTLED_SAMPLES) {
      copies.removeFirst();
    }
    return copies.size() == SETTLED_SAMPLES
        && Collections.max(copies) <= Collections.min(copies) * (1 + SETTLED_SPREAD);
  }

  private static void describe(Sampler sampler, Buffers buffers, double[] nanos, ObjectNode node) {
    node.put("operation", sampler.operation().label());
    node.put("type", buffers.type().label());
    node.put("elements", buffers.count());
    node.put("bytes", sampler.bytes());
    node.put("bytesWritten", sampler.operation().bytesWritten(buffers));
    node.put("calls", sampler.calls());
    node.put("sets", Math.min(sampler.operation().sets(buffers), sampler.calls()));
    node.put("queued", sampler.isGraph() ? "graph" : "stream");
    ArrayNode times = node.putArray("nanosPerCall");
    for (double time : nanos) {
      times.add(time);
    }
  }
}
