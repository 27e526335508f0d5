package io.github.jdropout.backend.cuda;

/** The statuses of the CUDA driver ({@code CUresult}) that are treated apart. */
final class CudaStatus {
  private CudaStatus() {}

  /**
   * Returns whether a status stands for damage that the context does not survive. The driver
   * reports it from whatever call comes next, and from every call after that.
   */
  static boolean losesContext(int status) {
    return switch (status) {
      case 214, // CUDA_ERROR_ECC_UNCORRECTABLE
          220, // CUDA_ERROR_NVLINK_UNCORRECTABLE
          226, // CUDA_ERROR_CONTAINED
          700, // CUDA_ERROR_ILLEGAL_ADDRESS
          702, // CUDA_ERROR_LAUNCH_TIMEOUT
          709, // CUDA_ERROR_CONTEXT_IS_DESTROYED
          710, // CUDA_ERROR_ASSERT
          714, // CUDA_ERROR_HARDWARE_STACK_ERROR
          715, // CUDA_ERROR_ILLEGAL_INSTRUCTION
          716, // CUDA_ERROR_MISALIGNED_ADDRESS
          717, // CUDA_ERROR_INVALID_ADDRESS_SPACE
          718, // CUDA_ERROR_INVALID_PC
          719 // CUDA_ERROR_LAUNCH_FAILED
          ->
          true;
      default -> false;
    };
  }
}
