package io.github.jdropout.backend.cuda;

/** Thrown when a call of the CUDA driver fails; the message has the call, its status and why. */
public final class CudaException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  private final int status;

  CudaException(int status, String message) {
    super(message);
    this.status = status;
  }

  /** Returns the driver's status, a {@code CUresult}, for example 2 for lack of memory. */
  public int status() {
    return status;
  }

  /**
   * Returns whether the failure has destroyed the context: every later call in it fails, and all
   * its memory is lost.
   */
  public boolean isContextLost() {
    return CudaStatus.losesContext(status);
  }
}
