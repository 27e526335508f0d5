#include "product.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#include "cuda_bf16.h"
#include "cuda_fp16.h"
#include "guest.h"
#include "status.h"

namespace cublas_on_host {
namespace {

/* So the order of the sums is neither that of the terms nor a tree's. */
constexpr size_t PARTIAL_SUMS = 3;

uint64_t bytes_of(int type) { return type == R_32F ? sizeof(float) : sizeof(uint16_t); }

float load(int type, uintptr_t address) {
  if (type == R_32F) {
    float value;
    std::memcpy(&value, reinterpret_cast<const void *>(address), sizeof value);
    return value;
  }
  uint16_t bits;
  std::memcpy(&bits, reinterpret_cast<const void *>(address), sizeof bits);
  return type == R_16F ? __half2float(__ushort_as_half(bits))
                       : __bfloat162float(__ushort_as_bfloat16(bits));
}

void store(int type, uintptr_t address, float value) {
  if (type == R_32F) {
    std::memcpy(reinterpret_cast<void *>(address), &value, sizeof value);
    return;
  }
  const uint16_t bits = type == R_16F ? __half_as_ushort(__float2half_rn(value))
                                      : __bfloat16_as_ushort(__float2bfloat16_rn(value));
  std::memcpy(reinterpret_cast<void *>(address), &bits, sizeof bits);
}

float rounded(int type, float value) {
  return type == R_16F    ? __half2float(__float2half_rn(value))
         : type == R_16BF ? __bfloat162float(__float2bfloat16_rn(value))
                          : value;
}

uintptr_t start(const Operand &operand, int64_t index) {
  return operand.address + static_cast<uint64_t>(index * operand.stride) * bytes_of(operand.type);
}

uintptr_t place(const Operand &operand, uintptr_t from, int64_t row, int64_t column) {
  return from + static_cast<uint64_t>(column * operand.leading + row) * bytes_of(operand.type);
}

int require(const char *what, const Operand &operand, int64_t index, int64_t rows,
            int64_t columns) {
  const auto elements = static_cast<uint64_t>((columns - 1) * operand.leading + rows);
  return kernels_on_host_require(what, start(operand, index), elements * bytes_of(operand.type));
}

/* The factor's rows, or its columns, one after the other. */
std::vector<float> gather(const Operand &operand, int64_t index, int64_t lines, int64_t terms,
                          bool lines_are_rows) {
  std::vector<float> values;
  values.reserve(static_cast<size_t>(lines * terms));
  const uintptr_t from = start(operand, index);
  for (int64_t line = 0; line < lines; line++) {
    for (int64_t term = 0; term < terms; term++) {
      values.push_back(load(operand.type, lines_are_rows ? place(operand, from, line, term)
                                                         : place(operand, from, term, line)));
    }
  }
  return values;
}

using Sums = std::array<float, PARTIAL_SUMS>;

float dot(const Product &product, const float *a, const float *b, Sums &sums) {
  sums.fill(0);
  for (size_t i = 0; i < static_cast<size_t>(product.k); i++) {
    float &sum = sums[i % PARTIAL_SUMS];
    sum += a[i] * b[i];
    if (product.may_reduce_in_16_bits) {
      sum = rounded(product.a.type, sum);
    }
  }
  return (sums[2] + sums[0]) + sums[1];
}

int run_one(const Product &product, int64_t index) {
  const auto m = product.m, n = product.n, k = product.k;
  const int in_a = product.is_a_transposed ? require("cuBLAS, A", product.a, index, k, m)
                                           : require("cuBLAS, A", product.a, index, m, k);
  const int in_b = product.is_b_transposed ? require("cuBLAS, B", product.b, index, n, k)
                                           : require("cuBLAS, B", product.b, index, k, n);
  const int in_c = require("cuBLAS, C", product.c, index, m, n);
  for (const int status : {in_a, in_b, in_c}) {
    if (status != 0) {
      return status;
    }
  }
  const std::vector<float> a = gather(product.a, index, m, k, !product.is_a_transposed);
  const std::vector<float> b = gather(product.b, index, n, k, product.is_b_transposed);
  const uintptr_t from = start(product.c, index);
  Sums sums{};
  for (int64_t column = 0; column < n; column++) {
    for (int64_t row = 0; row < m; row++) {
      const float sum =
          dot(product, &a[static_cast<size_t>(row * k)], &b[static_cast<size_t>(column * k)], sums);
      const uintptr_t at = place(product.c, from, row, column);
      const float scaled = product.alpha * sum;
      store(product.c.type, at,
            product.beta == 0 ? scaled : scaled + product.beta * load(product.c.type, at));
    }
  }
  /* As NVIDIA's, which leaves parts of sums there. */
  std::memcpy(reinterpret_cast<void *>(product.workspace), sums.data(),
              std::min<uint64_t>(product.workspace_bytes, sizeof sums));
  return 0;
}

}  // namespace

int run_product(const void *work) {
  const Product &product = *static_cast<const Product *>(work);
  if (product.workspace_bytes > 0) {
    const int status =
        kernels_on_host_require("cuBLAS, workspace", product.workspace, product.workspace_bytes);
    if (status != 0) {
      return status;
    }
  }
  for (int64_t index = 0; index < product.count; index++) {
    const int status = run_one(product, index);
    if (status != 0) {
      return status;
    }
  }
  return 0;
}

}  // namespace cublas_on_host
