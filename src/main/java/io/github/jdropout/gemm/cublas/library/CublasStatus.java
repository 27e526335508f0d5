package io.github.jdropout.gemm.cublas.library;

/** The names of cuBLAS's statuses, which only newer versions tell themselves. */
public final class CublasStatus {
  /** For a call that failed in a way that has no name. */
  public static final int INTERNAL_ERROR = 14;

  private static final int HIGHEST = 16;

  private CublasStatus() {}

  /** Returns the name, such as CUBLAS_STATUS_EXECUTION_FAILED; "unknown status" if it has none. */
  public static String name(int status) {
    return switch (status) {
      case 0 -> "CUBLAS_STATUS_SUCCESS";
      case 1 -> "CUBLAS_STATUS_NOT_INITIALIZED";
      case 3 -> "CUBLAS_STATUS_ALLOC_FAILED";
      case 7 -> "CUBLAS_STATUS_INVALID_VALUE";
      case 8 -> "CUBLAS_STATUS_ARCH_MISMATCH";
      case 11 -> "CUBLAS_STATUS_MAPPING_ERROR";
      case 13 -> "CUBLAS_STATUS_EXECUTION_FAILED";
      case INTERNAL_ERROR -> "CUBLAS_STATUS_INTERNAL_ERROR";
      case 15 -> "CUBLAS_STATUS_NOT_SUPPORTED";
      case HIGHEST -> "CUBLAS_STATUS_LICENSE_ERROR";
      default -> "unknown status";
    };
  }

  /** Returns the status of a name; {@link #INTERNAL_ERROR} if none has it. */
  public static int ofName(String name) {
    for (int status = 0; status <= HIGHEST; status++) {
      if (name(status).equals(name)) {
        return status;
      }
    }
    return INTERNAL_ERROR;
  }
}
