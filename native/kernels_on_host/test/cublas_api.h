/* The functions of cuBLAS that its stand-in has, as in cublas_api.h, with handles as plain pointers. */
#ifndef KERNELS_ON_HOST_TEST_CUBLAS_API_H
#define KERNELS_ON_HOST_TEST_CUBLAS_API_H

#include <cstddef>
#include <cstdint>

extern "C" {
int cublasCreate_v2(void **handle);
int cublasDestroy_v2(void *handle);
int cublasGetVersion_v2(void *handle, int *version);
int cublasGetProperty(int property, int *value);
int cublasSetStream_v2(void *handle, void *stream);
int cublasSetWorkspace_v2(void *handle, void *workspace, size_t bytes);
int cublasSetMathMode(void *handle, int mode);
int cublasGemmEx(void *handle, int operation_a, int operation_b, int m, int n, int k,
                 const void *alpha, const void *a, int type_a, int lda, const void *b, int type_b,
                 int ldb, const void *beta, void *c, int type_c, int ldc, int compute,
                 int algorithm);
int cublasGemmStridedBatchedEx_64(void *handle, int operation_a, int operation_b, int64_t m,
                                  int64_t n, int64_t k, const void *alpha, const void *a,
                                  int type_a, int64_t lda, long long stride_a, const void *b,
                                  int type_b, int64_t ldb, long long stride_b, const void *beta,
                                  void *c, int type_c, int64_t ldc, long long stride_c,
                                  int64_t count, int compute, int algorithm);
int64_t cublasOnHostHandles();
}

#endif
