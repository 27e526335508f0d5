package io.github.jdropout.bench.gpu;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.jdropout.backend.cuda.CudaDropout;
import io.github.jdropout.backend.cuda.CudaStream;
import io.github.jdropout.spec.DeviceElements;
import io.github.jdropout.spec.DropoutSpec;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.MaskKey;
import java.util.List;

/** Times what a call costs its caller, by the host's clock. */
final class HostTimes {
  private static final MaskKey KEY = new MaskKey(42, 7);

  /** Fewer than the driver's queue holds, so that no call waits for the device. */
  private static final int BURST = 200;

  private static final long SMALL = 1 << 10;

  private final Gpu gpu;
  private final CudaStream stream;
  private final int bursts;

  HostTimes(Gpu gpu, CudaStream stream, boolean isQuick) {
    this.gpu = gpu;
    this.stream = stream;
    this.bursts = isQuick ? 2 : 200;
  }

  /** Appends a node for each kind of call. */
  void measure(ArrayNode results) {
    try (Buffers buffers = new Buffers(gpu, ElementType.F32, SMALL, 1, stream.handle())) {
      DeviceElements input = buffers.input(0);
      DeviceElements output = buffers.output(0);
      long handle = stream.handle();
      CudaDropout checking = dropout(true);
      CudaDropout trusting = dropout(false);
      queue(
          results,
          "driver's copy",
          Operation.COPY.outputs(buffers, 0),
          () -> gpu.copy(output.address(), input.address(), input.byteSize(), handle));
      List<Output> forward = Operation.FORWARD.outputs(buffers, 0);
      queue(results, "forward", forward, () -> checking.forward(input, output, KEY, 0, handle));
      queue(
          results,
          "forward, pointers unchecked",
          forward,
          () -> trusting.forward(input, output, KEY, 0, handle));
      queue(
          results,
          "backward and forward, pointers unchecked",
          forward,
          () -> {
            trusting.backward(input, output, KEY, 0, handle);
            trusting.forward(input, output, KEY, 0, handle);
          });
    }
    for (long count : new long[] {SMALL, 1 << 16, 1 << 20}) {
      latency(results, count);
    }
  }

  /** The property is read when the object is made. */
  private static CudaDropout dropout(boolean checksPointers) {
    String before = System.getProperty(CudaDropout.CHECK_PROPERTY);
    System.setProperty(CudaDropout.CHECK_PROPERTY, Boolean.toString(checksPointers));
    try {
      return CudaDropout.of(DropoutSpec.of(Operation.P));
    } finally {
      if (before == null) {
        System.clearProperty(CudaDropout.CHECK_PROPERTY);
      } else {
        System.setProperty(CudaDropout.CHECK_PROPERTY, before);
      }
    }
  }

  /** Times calls that are queued and not waited for, and checks what they compute. */
  private void queue(ArrayNode results, String name, List<Output> outputs, Runnable call) {
    double[] nanos = new double[bursts];
    for (int burst = -bursts; burst < bursts; burst++) {
      long start = System.nanoTime();
      for (int i = 0; i < BURST; i++) {
        call.run();
      }
      double time = (System.nanoTime() - start) / (double) BURST;
      gpu.synchronize(stream.handle());
      nanos[Math.max(burst, 0)] = time;
    }
    Output.check(gpu, outputs, call, stream.handle());
    add(results, "queue", name, SMALL, nanos);
  }

  /** Times a call until its result is there, and checks that. */
  private void latency(ArrayNode results, long count) {
    CudaDropout dropout = dropout(true);
    try (Buffers buffers = new Buffers(gpu, ElementType.F32, count, 1, stream.handle())) {
      Runnable call =
          () -> dropout.forward(buffers.input(0), buffers.output(0), KEY, 0, stream.handle());
      double[] nanos = new double[5 * bursts];
      for (int turn = -nanos.length; turn < nanos.length; turn++) {
        long start = System.nanoTime();
        call.run();
        stream.synchronize();
        nanos[Math.max(turn, 0)] = System.nanoTime() - start;
      }
      Output.check(gpu, Operation.FORWARD.outputs(buffers, 0), call, stream.handle());
      add(results, "until done", "forward", count, nanos);
    }
  }

  private static void add(
      ArrayNode results, String measured, String call, long count, double[] nanos) {
    ObjectNode node = results.addObject();
    node.put("measured", measured);
    node.put("call", call);
    node.put("type", ElementType.F32.label());
    node.put("elements", count);
    ArrayNode times = node.putArray("nanosPerCall");
    for (double time : nanos) {
      times.add(time);
    }
  }
}
