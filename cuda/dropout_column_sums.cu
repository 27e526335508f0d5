/*
 * Sums of columns, each at most 1024 rows in two levels: the first adds 32 rows in order to +0, the
 * second up to 32 such sums. More rows leave more than one row of sums, which a further launch adds.
 *
 * One block: 32 columns of 1024 rows. One thread: a column of every eighth group of 32 rows, so that
 * a warp reads 128 contiguous bytes; then the first warp adds what the others left in shared memory.
 * Memory: each element is read once, 4 bytes; what is written is 1024th of that. Tail: columns and
 * rows that are not there are left out. Launch bound: 256 threads, whose 32 additions each depend on
 * the one before; what hides that are other warps.
 */
#include "divisor.cuh"
#include "octet.cuh"
#include "tile.cuh"

namespace jdropout {

constexpr uint64_t GROUP = 32;

/* Adds numbers that are `stride` bytes apart to +0, in order. */
__device__ __forceinline__ float sum_of(const char *first, uint64_t stride, uint32_t count) {
  float sum = 0.0f;
#pragma unroll 8
  for (uint32_t row = 0; row < count; row++) {
    sum = sum + load<float>(first + row * stride);
  }
  return sum;
}

__device__ __forceinline__ uint32_t at_most_group(uint64_t count) {
  return static_cast<uint32_t>(count < GROUP ? count : GROUP);
}

/* Rounds a sum to the storage type. */
template <typename Element>
__device__ __forceinline__ void store_sum(char *address, float sum, bool accumulates) {
  using One = Octet<Element>;
  float values[8] = {sum};
  if (accumulates) {
    float old[8];
    One::load_some(address, 1).widen(old);
    values[0] = old[0] + sum;
  }
  One::round(values).store_some(address, 1);
}

template <typename Element>
__device__ __forceinline__ void column_sums(const ColumnSumsArguments &arguments) {
  __shared__ float sums[GROUP][WARP];
  const uint32_t lane = threadIdx.x % WARP;
  const uint32_t warps = blockDim.x / WARP;
  const uint64_t parts = (arguments.rows + GROUP * GROUP - 1) / (GROUP * GROUP);
  const uint64_t tiles = arguments.column_tiles.value * parts;
  for (uint64_t tile = blockIdx.x; tile < tiles; tile += gridDim.x) {
    const Division place = divide(tile, arguments.column_tiles);
    const uint64_t column = place.remainder * WARP + lane;
    const uint64_t first_row = place.quotient * (GROUP * GROUP);
    const uint64_t rest = arguments.rows - first_row;
    const uint32_t groups = at_most_group((rest + GROUP - 1) / GROUP);
    if (column < arguments.columns) {
      for (uint32_t group = threadIdx.x / WARP; group < groups; group += warps) {
        const char *first = reinterpret_cast<const char *>(arguments.input + column) +
                            (first_row + group * GROUP) * arguments.input_row_bytes;
        /* A single row is the sum already. */
        sums[group][lane] = arguments.rows == 1 ? load<float>(first)
                                                : sum_of(first, arguments.input_row_bytes,
                                                         at_most_group(rest - group * GROUP));
      }
    }
    __syncthreads();
    if (threadIdx.x < WARP && column < arguments.columns) {
      float sum = 0.0f;
      for (uint32_t group = 0; group < groups; group++) {
        sum = sum + sums[group][lane];
      }
      const uint64_t offset = place.quotient * arguments.columns + column;
      store_sum<Element>(
          static_cast<char *>(arguments.output) + offset * sizeof(typename Element::Storage),
          groups == 1 ? sums[0][lane] : sum, arguments.accumulates != 0);
    }
    /* The next tile's sums wait until these have been read. */
    __syncthreads();
  }
}

}  // namespace jdropout

extern "C" __global__ void __launch_bounds__(jdropout::MAX_THREADS)
    dropout_column_sums_f32(const jdropout::ColumnSumsArguments arguments) {
  jdropout::column_sums<jdropout::F32>(arguments);
}

extern "C" __global__ void __launch_bounds__(jdropout::MAX_THREADS)
    dropout_column_sums_f16(const jdropout::ColumnSumsArguments arguments) {
  jdropout::column_sums<jdropout::F16>(arguments);
}

extern "C" __global__ void __launch_bounds__(jdropout::MAX_THREADS)
    dropout_column_sums_bf16(const jdropout::ColumnSumsArguments arguments) {
  jdropout::column_sums<jdropout::Bf16>(arguments);
}
