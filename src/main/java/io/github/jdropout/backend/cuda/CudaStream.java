package io.github.jdropout.backend.cuda;

import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A stream of a device's primary context, for programs that have none of their own: work on it runs
 * in order, and beside that of other streams.
 */
public final class CudaStream implements AutoCloseable {
  private final CudaContext context;
  private final long handle;
  private final AtomicBoolean isClosed = new AtomicBoolean();

  private CudaStream(CudaContext context, long handle) {
    this.context = context;
    this.handle = handle;
  }

  /**
   * Creates a stream, which does not wait for the default stream.
   *
   * @throws CudaException if the driver fails
   * @throws io.github.jdropout.spec.BackendUnavailableException if no GPU can be used here
   */
  public static CudaStream create(CudaDevice device) {
    Objects.requireNonNull(device, "device");
    CudaContext context = CudaSupport.cuda().primary(device);
    long[] handle = new long[1];
    context.push();
    try {
      context.check(context.driver().createStream(handle), "cuStreamCreate");
    } finally {
      context.pop();
    }
    return new CudaStream(context, handle[0]);
  }

  /**
   * Returns the {@code CUstream}.
   *
   * @throws IllegalStateException if the stream is closed
   */
  public long handle() {
    if (isClosed.get()) {
      throw new IllegalStateException("the stream has been closed");
    }
    return handle;
  }

  /** Returns the device. */
  public CudaDevice device() {
    return context.device();
  }

  CudaContext context() {
    return context;
  }

  /**
   * Waits until all work on the stream is done.
   *
   * @throws CudaException if the work has failed: the message has what was launched last
   * @throws IllegalStateException if the stream is closed
   */
  public void synchronize() {
    long stream = handle();
    context.push();
    try {
      context.check(context.driver().synchronizeStream(stream), "cuStreamSynchronize");
    } finally {
      context.pop();
    }
  }

  /**
   * Records what {@code work} queues on this stream instead of running it.
   *
   * @param work runs in the calling thread, which must not be virtual if it waits for something:
   *     the driver ties a recording to a thread of the system
   * @return the recorded work, to run any number of times; the memory that it uses must live as
   *     long
   * @throws CudaException if the driver fails, or the work cannot be recorded
   * @throws IllegalStateException if the stream is closed
   */
  public CudaGraph capture(Runnable work) {
    Objects.requireNonNull(work, "work");
    long stream = handle();
    long[] graph = new long[1];
    context.push();
    try {
      context.check(context.driver().beginCapture(stream), "cuStreamBeginCapture");
      boolean isRecorded = false;
      int status;
      try {
        work.run();
        isRecorded = true;
      } finally {
        status = context.driver().endCapture(stream, graph);
        if (!isRecorded && graph[0] != 0) {
          context.driver().destroyGraph(graph[0]);
        }
      }
      context.check(status, "cuStreamEndCapture");
      return CudaGraph.instantiate(context, graph[0]);
    } finally {
      context.pop();
    }
  }

  /**
   * Destroys the stream. Work that is under way on it goes on, and this does not wait for it.
   *
   * @throws IllegalStateException if the stream has been closed before
   * @throws CudaException if the driver fails
   */
  @Override
  public void close() {
    if (!isClosed.compareAndSet(false, true)) {
      throw new IllegalStateException("the stream has been closed before");
    }
    context.push();
    try {
      context.check(context.driver().destroyStream(handle), "cuStreamDestroy");
    } finally {
      context.pop();
    }
  }
}
