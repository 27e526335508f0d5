/* Products of column-major matrices in device memory: what a call queues, and how it is done. */
#ifndef KERNELS_ON_HOST_CUBLAS_PRODUCT_H
#define KERNELS_ON_HOST_CUBLAS_PRODUCT_H

#include <cstdint>

namespace cublas_on_host {

struct Operand {
  uintptr_t address;
  int64_t leading;
  /* Elements from one of a batch to the next. */
  int64_t stride;
  int type;
};

struct Product {
  bool is_a_transposed;
  bool is_b_transposed;
  int64_t m, n, k;
  float alpha, beta;
  Operand a, b, c;
  int64_t count;
  /* 16-bit factors may be summed in 16 bits. */
  bool may_reduce_in_16_bits;
  uintptr_t workspace;
  uint64_t workspace_bytes;
};

/* Runs one, a `const Product`; returns a status of the driver. */
int run_product(const void *product);

}  // namespace cublas_on_host

#endif
