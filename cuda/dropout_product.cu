/*
 * A product of dropped rows with few others: narrow = dropout(wide) * weights^T. What goes into an
 * adapter of LoRA, whose rank is the number of weights' rows.
 *
 * One block: 32 rows, of which each of its eight warps multiplies an eighth of the columns; their sums
 * meet in shared memory. A thread loads eight columns of four rows, then drops them and keeps them in
 * registers: the dropped matrix is never in memory. Where a row begins with a quad, one quad decides
 * about eight columns. Memory: each element is read once, 2 bytes, beside the weights, which stay in the
 * cache. Tail: rows, columns and weights that do not exist are zeros. Launch bound: 256 threads, and
 * registers for two blocks.
 *
 * Only for compute capability 8.0 and newer, for columns in multiples of 8 at multiples of 16 bytes,
 * and for at most 32 rows of weights; more take a launch for each 32, which reads the rows again.
 */
#include "product.cuh"

namespace jdropout {

constexpr uint32_t BLOCK_ROWS = 32;
constexpr uint32_t MAX_WEIGHT_ROWS = 32;

/* Of rows of weights, eight to a tile; and of a block's rows, sixteen to a tile. */
constexpr uint32_t WEIGHT_TILES = MAX_WEIGHT_ROWS / 8;
constexpr uint32_t ROW_TILES = BLOCK_ROWS / 16;

/* A thread's sums: of each of the weights' tiles, with each of the rows'. */
using Sums = float[ROW_TILES * WEIGHT_TILES][4];

/* Two octets of a lane, at the same columns of rows eight apart, and one of the weights. */
template <typename Format>
__device__ __forceinline__ void multiply_octets(const Octet<SixteenBits<Format>> &upper,
                                                const Octet<SixteenBits<Format>> &lower,
                                                const Octet<SixteenBits<Format>> &weights,
                                                float (&sums)[4]) {
#pragma unroll
  for (int pair = 0; pair < 4; pair += 2) {
    multiply_add(Format{},
                 Fragment{{upper.pairs[pair], lower.pairs[pair], upper.pairs[pair + 1],
                           lower.pairs[pair + 1]},
                          {weights.pairs[pair], weights.pairs[pair + 1]}},
                 sums);
  }
}

/* Adds up a warp's part of the columns. */
template <typename Format>
__device__ __forceinline__ void multiply_columns(const ProductArguments &arguments,
                                                 const Decisions &decisions, uint64_t first_row,
                                                 Sums &sums) {
  using Element = SixteenBits<Format>;
  const Lane lane = this_lane();
  const uint64_t row = first_row + lane.group;
  const uint32_t rows = rows_from(row, arguments.layer.rows, 8, 2 * ROW_TILES);
  /* All lanes of a warp make the same turns. */
  for (uint64_t first = 4 * lane.warp; 8 * first < arguments.layer.columns;
       first += 4 * PRODUCT_WARPS) {
    const Columns columns = columns_at(arguments.layer, first + lane.member);
    const uint32_t octets_here = columns.count == 0 ? 0 : rows;
    Octet<Element> octets[2 * ROW_TILES] = {};
    /* All loads are under way before the first mask is drawn. */
#pragma unroll
    for (uint32_t i = 0; i < 2 * ROW_TILES; i++) {
      if (i < octets_here) {
        octets[i] = wide_octet<Element>(arguments, row + 8 * i, columns);
      }
    }
    for_each_drawn<2 * ROW_TILES>(
        arguments, decisions, row, 8, octets_here, columns,
        [&](uint32_t i, const jdropout_quad &words) { drop(decisions, words, octets[i]); });
#pragma unroll
    for (uint32_t tile = 0; tile < WEIGHT_TILES; tile++) {
      if (8 * tile >= arguments.weight_rows) {
        break;
      }
      const Octet<Element> weights =
          weights_octet<Element>(arguments, 8 * tile + lane.group, columns);
      /* The lanes multiply together, and what is at the edges has taken them apart. */
      __syncwarp();
#pragma unroll
      for (uint32_t i = 0; i < ROW_TILES; i++) {
        multiply_octets<Format>(octets[2 * i], octets[2 * i + 1], weights,
                                sums[ROW_TILES * tile + i]);
      }
    }
  }
}

template <typename Format>
__device__ __forceinline__ void store_sums(const ProductArguments &arguments, uint64_t first_row,
                                           const Sums &sums) {
  using Element = SixteenBits<Format>;
  const Lane lane = this_lane();
#pragma unroll
  for (uint32_t i = 0; i < ROW_TILES; i++) {
#pragma unroll
    for (uint32_t tile = 0; tile < WEIGHT_TILES; tile++) {
#pragma unroll
      for (uint32_t at = 0; at < 4; at++) {
        const uint64_t row = first_row + 16 * i + lane.group + at / 2 * 8;
        const uint32_t column = 8 * tile + lane.member * 2 + at % 2;
        if (row < arguments.layer.rows && column < arguments.weight_rows) {
          const float sum = sums[ROW_TILES * tile + i][at] * arguments.layer.factor;
          store(narrow_at<Element>(arguments, row, column),
                static_cast<typename Element::Storage>(Format::pack(sum, 0.0f)));
        }
      }
    }
  }
}

template <typename Format>
__device__ __forceinline__ void product(const ProductArguments &arguments) {
  const Decisions decisions = decisions_of(arguments);
  const uint64_t tiles = (arguments.layer.rows + BLOCK_ROWS - 1) / BLOCK_ROWS;
  for (uint64_t tile = blockIdx.x; tile < tiles; tile += gridDim.x) {
    Sums sums = {};
    multiply_columns<Format>(arguments, decisions, tile * BLOCK_ROWS, sums);
    add_up_warps(ROW_TILES * ((arguments.weight_rows + 7) / 8), sums);
    if (threadIdx.x < WARP) {
      store_sums<Format>(arguments, tile * BLOCK_ROWS, sums);
    }
  }
}

}  // namespace jdropout

extern "C" __global__ void __launch_bounds__(jdropout::PRODUCT_THREADS, 2)
    dropout_product_f16(const jdropout::ProductArguments arguments) {
  jdropout::product<jdropout::HalfFormat>(arguments);
}

extern "C" __global__ void __launch_bounds__(jdropout::PRODUCT_THREADS, 2)
    dropout_product_bf16(const jdropout::ProductArguments arguments) {
  jdropout::product<jdropout::Bfloat16Format>(arguments);
}
