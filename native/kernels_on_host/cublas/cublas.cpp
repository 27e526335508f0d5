/*
 * A stand-in for NVIDIA's libcublas.so.12 on top of the stand-in for its driver: products of
 * matrices on the host, in the order of the streams.
 *
 * Stricter than the original where that does something else from version to version: products
 * without elements or terms are errors, and so is a handle in another context than its own.
 */
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <set>

#include "guest.h"
#include "product.h"
#include "status.h"

#define EXPORTED extern "C" __attribute__((visibility("default")))

using namespace cublas_on_host;

namespace {

constexpr int VERSION[] = {12, 6, 0};
constexpr uint64_t WORKSPACE_ALIGNMENT = 256;

struct Handle {
  void *context;
  void *stream = nullptr;
  uintptr_t workspace = 0;
  uint64_t workspace_bytes = 0;
  int math_mode = 0;
};

std::mutex &lock = *new std::mutex;
std::set<Handle *> &handles = *new std::set<Handle *>;

/* The handle, if it lives and belongs to the current context. */
int use(Handle *handle) {
  void *context = nullptr;
  if (handles.count(handle) == 0) {
    return NOT_INITIALIZED;
  }
  return kernels_on_host_context(&context) == 0 && context == handle->context ? SUCCESS
                                                                              : EXECUTION_FAILED;
}

bool is_factor(int type) { return type == R_32F || type == R_16F || type == R_16BF; }

bool is_legal(const Product &product, int operation_a, int operation_b) {
  const auto leads = [](const Operand &operand, int64_t rows) {
    return operand.address != 0 && operand.leading >= rows && operand.stride >= 0;
  };
  return (operation_a == TAKEN_AS_IT_IS || operation_a == TRANSPOSED) &&
         (operation_b == TAKEN_AS_IT_IS || operation_b == TRANSPOSED) && product.m > 0 &&
         product.n > 0 && product.k > 0 && product.count > 0 &&
         leads(product.a, product.is_a_transposed ? product.k : product.m) &&
         leads(product.b, product.is_b_transposed ? product.n : product.k) &&
         leads(product.c, product.m);
}

bool is_supported(const Product &product, int compute, int algorithm) {
  return is_factor(product.a.type) && product.b.type == product.a.type &&
         (product.c.type == product.a.type || product.c.type == R_32F) &&
         (compute == COMPUTE_32F || compute == COMPUTE_32F_PEDANTIC) && algorithm == GEMM_DEFAULT;
}

int multiply(const char *function, Handle *handle, int operation_a, int operation_b, int64_t m,
             int64_t n, int64_t k, const void *alpha, Operand a, Operand b, const void *beta,
             Operand c, int64_t count, int compute, int algorithm) {
  const std::lock_guard<std::mutex> guard(lock);
  if (const int failure = kernels_on_host_ordered(function); failure != SUCCESS) {
    return failure;
  }
  if (const int status = use(handle); status != SUCCESS) {
    return status;
  }
  if (alpha == nullptr || beta == nullptr) {
    return INVALID_VALUE;
  }
  auto product = std::make_unique<Product>();
  product->is_a_transposed = operation_a == TRANSPOSED;
  product->is_b_transposed = operation_b == TRANSPOSED;
  product->m = m;
  product->n = n;
  product->k = k;
  product->alpha = *static_cast<const float *>(alpha);
  product->beta = *static_cast<const float *>(beta);
  product->a = a;
  product->b = b;
  product->c = c;
  product->count = count;
  product->may_reduce_in_16_bits =
      a.type != R_32F && (handle->math_mode & DISALLOW_REDUCED_PRECISION_REDUCTION) == 0;
  product->workspace = handle->workspace;
  product->workspace_bytes = handle->workspace_bytes;
  if (!is_legal(*product, operation_a, operation_b)) {
    return INVALID_VALUE;
  }
  if (!is_supported(*product, compute, algorithm)) {
    return NOT_SUPPORTED;
  }
  const int status = kernels_on_host_queue(
      handle->stream, &run_product, [](void *work) { delete static_cast<Product *>(work); },
      product.release());
  return status == 0 ? SUCCESS : EXECUTION_FAILED;
}

uintptr_t number(const void *address) { return reinterpret_cast<uintptr_t>(address); }

}  // namespace

#define BEGIN(function)                                                           \
  const std::lock_guard<std::mutex> guard(lock);                                  \
  if (const int failure = kernels_on_host_ordered(#function); failure != SUCCESS) \
  return failure

#define BEGIN_WITH(function, handle)                     \
  BEGIN(function);                                       \
  if (const int status = use(handle); status != SUCCESS) \
  return status

EXPORTED int cublasCreate_v2(Handle **handle) {
  BEGIN(cublasCreate_v2);
  if (handle == nullptr) {
    return INVALID_VALUE;
  }
  void *context = nullptr;
  if (kernels_on_host_context(&context) != 0) {
    return NOT_INITIALIZED;
  }
  auto made = std::make_unique<Handle>();
  made->context = context;
  *handle = made.release();
  handles.insert(*handle);
  return SUCCESS;
}

EXPORTED int cublasDestroy_v2(Handle *handle) {
  BEGIN_WITH(cublasDestroy_v2, handle);
  handles.erase(handle);
  delete handle;
  return SUCCESS;
}

EXPORTED int cublasGetVersion_v2(Handle *handle, int *version) {
  BEGIN(cublasGetVersion_v2);
  (void)handle;
  if (version == nullptr) {
    return INVALID_VALUE;
  }
  *version = VERSION[0] * 10000 + VERSION[1] * 100 + VERSION[2];
  return SUCCESS;
}

EXPORTED int cublasGetProperty(int property, int *value) {
  BEGIN(cublasGetProperty);
  if (property < 0 || property > 2 || value == nullptr) {
    return INVALID_VALUE;
  }
  *value = VERSION[property];
  return SUCCESS;
}

/* Gives up the caller's workspace, as the original. */
EXPORTED int cublasSetStream_v2(Handle *handle, void *stream) {
  BEGIN_WITH(cublasSetStream_v2, handle);
  handle->stream = stream;
  handle->workspace = 0;
  handle->workspace_bytes = 0;
  return SUCCESS;
}

EXPORTED int cublasSetWorkspace_v2(Handle *handle, void *workspace, size_t bytes) {
  BEGIN_WITH(cublasSetWorkspace_v2, handle);
  if (number(workspace) % WORKSPACE_ALIGNMENT != 0) {
    return INVALID_VALUE;
  }
  handle->workspace = number(workspace);
  handle->workspace_bytes = bytes;
  return SUCCESS;
}

EXPORTED int cublasSetMathMode(Handle *handle, int mode) {
  BEGIN_WITH(cublasSetMathMode, handle);
  handle->math_mode = mode;
  return SUCCESS;
}

EXPORTED int cublasGemmEx(Handle *handle, int operation_a, int operation_b, int m, int n, int k,
                          const void *alpha, const void *a, int type_a, int lda, const void *b,
                          int type_b, int ldb, const void *beta, void *c, int type_c, int ldc,
                          int compute, int algorithm) {
  return multiply("cublasGemmEx", handle, operation_a, operation_b, m, n, k, alpha,
                  {number(a), lda, 0, type_a}, {number(b), ldb, 0, type_b}, beta,
                  {number(c), ldc, 0, type_c}, 1, compute, algorithm);
}

EXPORTED int cublasGemmEx_64(Handle *handle, int operation_a, int operation_b, int64_t m, int64_t n,
                             int64_t k, const void *alpha, const void *a, int type_a, int64_t lda,
                             const void *b, int type_b, int64_t ldb, const void *beta, void *c,
                             int type_c, int64_t ldc, int compute, int algorithm) {
  return multiply("cublasGemmEx_64", handle, operation_a, operation_b, m, n, k, alpha,
                  {number(a), lda, 0, type_a}, {number(b), ldb, 0, type_b}, beta,
                  {number(c), ldc, 0, type_c}, 1, compute, algorithm);
}

EXPORTED int cublasGemmStridedBatchedEx(Handle *handle, int operation_a, int operation_b, int m,
                                        int n, int k, const void *alpha, const void *a, int type_a,
                                        int lda, long long stride_a, const void *b, int type_b,
                                        int ldb, long long stride_b, const void *beta, void *c,
                                        int type_c, int ldc, long long stride_c, int count,
                                        int compute, int algorithm) {
  return multiply("cublasGemmStridedBatchedEx", handle, operation_a, operation_b, m, n, k, alpha,
                  {number(a), lda, stride_a, type_a}, {number(b), ldb, stride_b, type_b}, beta,
                  {number(c), ldc, stride_c, type_c}, count, compute, algorithm);
}

EXPORTED int cublasGemmStridedBatchedEx_64(Handle *handle, int operation_a, int operation_b,
                                           int64_t m, int64_t n, int64_t k, const void *alpha,
                                           const void *a, int type_a, int64_t lda,
                                           long long stride_a, const void *b, int type_b,
                                           int64_t ldb, long long stride_b, const void *beta,
                                           void *c, int type_c, int64_t ldc, long long stride_c,
                                           int64_t count, int compute, int algorithm) {
  return multiply("cublasGemmStridedBatchedEx_64", handle, operation_a, operation_b, m, n, k, alpha,
                  {number(a), lda, stride_a, type_a}, {number(b), ldb, stride_b, type_b}, beta,
                  {number(c), ldc, stride_c, type_c}, count, compute, algorithm);
}

/* For tests: how many handles live. The original has no such function. */
EXPORTED int64_t cublasOnHostHandles() {
  const std::lock_guard<std::mutex> guard(lock);
  return static_cast<int64_t>(handles.size());
}
