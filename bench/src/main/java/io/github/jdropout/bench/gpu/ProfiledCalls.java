package io.github.jdropout.bench.gpu;

import io.github.jdropout.backend.cuda.CudaStream;
import io.github.jdropout.spec.ElementType;
import java.util.List;

/**
 * Calls each operation that has a kernel once for each type: what a profiler looks at, which runs a
 * kernel dozens of times for each time that it is called.
 */
public final class ProfiledCalls {
  private static final List<Operation> OPERATIONS =
      List.of(
          Operation.FORWARD,
          Operation.MASK,
          Operation.APPLY_MASK,
          Operation.VARIATIONAL,
          Operation.SPATIAL);

  private ProfiledCalls() {}

  /** Runs the calls on tensors of 2 to the power of the argument elements. */
  public static void main(String[] args) {
    if (args.length != 1) {
      throw new IllegalArgumentException("wants: EXPONENT");
    }
    Gpu gpu = Gpu.open();
    try (CudaStream stream = CudaStream.create(gpu.device())) {
      for (ElementType type : ElementType.values()) {
        long count = 1L << Integer.parseInt(args[0]);
        try (Buffers buffers = new Buffers(gpu, type, count, 1, stream.handle())) {
          OPERATIONS.forEach(operation -> operation.queue(gpu, buffers, 0, stream.handle()));
          stream.synchronize();
        }
      }
    }
  }
}
