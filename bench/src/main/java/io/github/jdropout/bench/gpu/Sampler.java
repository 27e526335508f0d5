package io.github.jdropout.bench.gpu;

import io.github.jdropout.backend.cuda.CudaGraph;
import io.github.jdropout.backend.cuda.CudaStream;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Times calls of one operation by the device's clock, between two events.
 *
 * <p>A sample is many calls in a row. Short ones are recorded into a graph and replayed, because
 * the host cannot queue them as fast as the device runs them; before the first event runs another
 * replay or call, so that the device is busy while the host queues the rest.
 */
final class Sampler implements AutoCloseable {
  /** Traffic of a sample: milliseconds on a fast device. */
  private static final long SAMPLE_BYTES = 8L << 30;

  /** Calls of a sample at most. */
  static final int MAX_CALLS = 1024;

  /** Calls with less traffic than this go through a graph. */
  private static final long GRAPH_BYTES = 64 << 20;

  private final Gpu gpu;
  private final Operation operation;
  private final Buffers buffers;
  private final CudaStream stream;
  private final int calls;
  private final CudaGraph graph;
  private final long start;
  private final long end;

  Sampler(Gpu gpu, Operation operation, Buffers buffers, CudaStream stream, boolean isQuick) {
    this.gpu = gpu;
    this.operation = operation;
    this.buffers = buffers;
    this.stream = stream;
    int sets = operation.sets(buffers);
    // A mask is so few bytes that its time is that of drawing it, for which it counts as f16.
    long bytes = Math.max(operation.bytes(buffers), 2 * buffers.count());
    calls = isQuick ? 2 : Math.clamp(SAMPLE_BYTES / bytes, sets, MAX_CALLS);
    operation.prepare(gpu, buffers, stream.handle());
    // Loads the kernel, which nothing can do while a graph is recorded.
    operation.queue(gpu, buffers, 0, stream.handle());
    stream.synchronize();
    graph = bytes < GRAPH_BYTES ? stream.capture(this::queueAll) : null;
    start = gpu.createEvent();
    end = gpu.createEvent();
  }

  /** Compares the output of one call, outside of any graph: a fault is seen before the timing. */
  void checkCall() {
    check(0, () -> operation.queue(gpu, buffers, 0, stream.handle()));
  }

  /** Runs once more what is timed, and compares its output on the first and the last set. */
  void checkTimed() {
    check(Math.min(operation.sets(buffers), calls) - 1, this::queueTimed);
  }

  /**
   * Compares what some calls leave behind.
   *
   * @param last the last turn to compare, besides the first
   * @throws IllegalStateException if a bit differs
   */
  void check(int last, Runnable queued) {
    long handle = stream.handle();
    List<Output> outputs = new ArrayList<>();
    for (int turn : IntStream.of(0, last).distinct().toArray()) {
      operation.renew(gpu, buffers, turn, handle);
      outputs.addAll(operation.outputs(buffers, turn));
    }
    try {
      Output.check(gpu, outputs, queued, handle);
    } catch (IllegalStateException e) {
      throw new IllegalStateException(
          operation.label() + " " + buffers.type().label() + " " + buffers.count(), e);
    }
  }

  /** Returns nanoseconds per call. */
  double sample() {
    long handle = stream.handle();
    if (graph != null) {
      graph.launch(stream);
    } else {
      operation.queue(gpu, buffers, calls, handle);
    }
    gpu.record(start, handle);
    queueTimed();
    gpu.record(end, handle);
    return gpu.nanosBetween(start, end) / calls;
  }

  private void queueTimed() {
    if (graph != null) {
      graph.launch(stream);
    } else {
      queueAll();
    }
  }

  private void queueAll() {
    long handle = stream.handle();
    for (int call = 0; call < calls; call++) {
      operation.queue(gpu, buffers, call, handle);
    }
  }

  Operation operation() {
    return operation;
  }

  int calls() {
    return calls;
  }

  boolean isGraph() {
    return graph != null;
  }

  long bytes() {
    return operation.bytes(buffers);
  }

  @Override
  public void close() {
    if (graph != null) {
      graph.close();
    }
    gpu.destroyEvent(start);
    gpu.destroyEvent(end);
  }
}
