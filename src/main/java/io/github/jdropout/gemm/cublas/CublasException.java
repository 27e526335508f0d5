package io.github.jdropout.gemm.cublas;

import io.github.jdropout.gemm.cublas.library.CublasStatus;

/** Thrown when a call of cuBLAS fails; the message has the function, its status and the call. */
public final class CublasException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  private final int status;

  CublasException(String function, int status, String circumstances) {
    super(
        function + " failed: " + CublasStatus.name(status) + " (" + status + "); " + circumstances);
    this.status = status;
  }

  /** Returns cuBLAS's status, a {@code cublasStatus_t}, for example 3 for lack of memory. */
  public int status() {
    return status;
  }
}
