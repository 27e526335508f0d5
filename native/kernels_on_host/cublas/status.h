/* The statuses and the types of cublas_api.h and library_types.h that this library knows. */
#ifndef KERNELS_ON_HOST_CUBLAS_STATUS_H
#define KERNELS_ON_HOST_CUBLAS_STATUS_H

namespace cublas_on_host {

enum Status : int {
  SUCCESS = 0,
  NOT_INITIALIZED = 1,
  INVALID_VALUE = 7,
  EXECUTION_FAILED = 13,
  NOT_SUPPORTED = 15,
};

constexpr int TAKEN_AS_IT_IS = 0;
constexpr int TRANSPOSED = 1;

constexpr int R_32F = 0;
constexpr int R_16F = 2;
constexpr int R_16BF = 14;

constexpr int COMPUTE_32F = 68;
constexpr int COMPUTE_32F_PEDANTIC = 69;

constexpr int DISALLOW_REDUCED_PRECISION_REDUCTION = 16;

constexpr int GEMM_DEFAULT = -1;

}  // namespace cublas_on_host

#endif
