package io.github.jdropout.backend.cuda;

import io.github.jdropout.backend.cuda.driver.CudaDriver;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;

/** Recorded work of a stream, see {@link CudaStream#capture}. */
public final class CudaGraph implements AutoCloseable {
  private final CudaContext context;
  private final long executable;
  private final AtomicBoolean isClosed = new AtomicBoolean();

  private CudaGraph(CudaContext context, long executable) {
    this.context = context;
    this.executable = executable;
  }

  /** Makes a graph ready to run, in the current context, and destroys the record. */
  static CudaGraph instantiate(CudaContext context, long graph) {
    CudaDriver driver = context.driver();
    long[] executable = new long[1];
    int status = driver.instantiateGraph(graph, executable);
    driver.destroyGraph(graph);
    context.check(status, "cuGraphInstantiateWithFlags");
    return new CudaGraph(context, executable[0]);
  }

  /**
   * Queues the recorded work.
   *
   * @throws CudaException if the driver fails
   * @throws IllegalStateException if the graph or the stream is closed
   */
  public void launch(CudaStream stream) {
    Objects.requireNonNull(stream, "stream");
    if (isClosed.get()) {
      throw new IllegalStateException("the graph has been closed");
    }
    long handle = stream.handle();
    context.push();
    try {
      context.check(context.driver().launchGraph(executable, handle), "cuGraphLaunch");
    } finally {
      context.pop();
    }
  }

  /**
   * Destroys the graph. Runs that are under way go on, and this does not wait for them.
   *
   * @throws IllegalStateException if the graph has been closed before
   * @throws CudaException if the driver fails
   */
  @Override
  public void close() {
    if (!isClosed.compareAndSet(false, true)) {
      throw new IllegalStateException("the graph has been closed before");
    }
    context.push();
    try {
      context.check(context.driver().destroyExecutable(executable), "cuGraphExecDestroy");
    } finally {
      context.pop();
    }
  }
}
