package io.github.jdropout.gemm.cublas.library;

/**
 * The constants of {@code cublas_api.h} and {@code library_types.h} that are used, named as there.
 */
public final class CublasConstants {
  public static final int CUBLAS_STATUS_SUCCESS = 0;

  public static final int CUBLAS_OP_N = 0;
  public static final int CUBLAS_OP_T = 1;

  public static final int CUDA_R_32F = 0;
  public static final int CUDA_R_16F = 2;
  public static final int CUDA_R_16BF = 14;

  /** Sums in binary32; TF32 and others have constants of their own. */
  public static final int CUBLAS_COMPUTE_32F = 68;

  public static final int CUBLAS_GEMM_DEFAULT = -1;

  public static final int CUBLAS_MATH_DISALLOW_REDUCED_PRECISION_REDUCTION = 16;

  /** What {@code cublasGetProperty} can be asked for. */
  public static final int MAJOR_VERSION = 0;

  public static final int MINOR_VERSION = 1;
  public static final int PATCH_LEVEL = 2;

  private CublasConstants() {}
}
