package io.github.jdropout.backend.cuda.jcuda;

import static io.github.jdropout.backend.cuda.driver.CudaConstants.CUDA_ERROR_UNKNOWN;

import java.util.function.IntSupplier;
import jcuda.CudaException;
import jcuda.driver.CUresult;

/**
 * Statuses of JCuda's calls.
 *
 * <p>JCuda returns them unless somebody in this JVM has called {@code setExceptionsEnabled(true)};
 * from then on it throws.
 */
final class Statuses {
  private Statuses() {}

  /** Returns the status of a call in either case. */
  static int of(IntSupplier call) {
    try {
      return call.getAsInt();
    } catch (CudaException e) {
      return thrown(e);
    }
  }

  /** Returns the status that an exception tells by its name. */
  static int thrown(CudaException exception) {
    for (int status = 0; status < CUDA_ERROR_UNKNOWN; status++) {
      if (CUresult.stringFor(status).equals(exception.getMessage())) {
        return status;
      }
    }
    return CUDA_ERROR_UNKNOWN;
  }
}
