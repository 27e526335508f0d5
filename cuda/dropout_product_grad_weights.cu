/*
 * The gradient of a dropped product with respect to the weights: weights = narrow^T * dropout(wide),
 * summed over the rows; narrow is the gradient of the product's output.
 *
 * One block: 64 columns of a part of the rows, of which each of its eight warps multiplies sixteen at a
 * time; their sums meet in shared memory. A thread loads eight columns of four rows that lie below each
 * other, then drops them and keeps them in registers; tensor cores want two of them in a word, so halves
 * of words are exchanged between rows. Each part has a sum of its own, in f32; dropout_column_sums adds
 * them up. Memory: each element is read once, 2 bytes; of the narrow matrix each block reads what it
 * needs, from the cache; what is written is 4 bytes per row of weights, column and part. Tail: rows,
 * columns and weights that do not exist are zeros. Launch bound: 256 threads, and registers for two
 * blocks.
 *
 * Only for what dropout_product is for.
 */
#include "product.cuh"

namespace jdropout {

constexpr uint32_t MAX_WEIGHT_ROWS = 32;
constexpr uint32_t BLOCK_OCTETS = 8;
constexpr uint32_t TURN_ROWS = 16;

/* Of rows of weights, sixteen to a tile. */
constexpr uint32_t WEIGHT_TILES = MAX_WEIGHT_ROWS / 16;

/* A thread's sums: of each of the weights' tiles, with each of an octet's columns. */
using Sums = float[WEIGHT_TILES * 8][4];

/*
 * Multiplies four octets of a lane with their rows of the narrow matrix, of which so many exist. The
 * lanes of a group have two columns of the narrow matrix for each tile, and an octet of the wide one.
 */
template <typename Format>
__device__ __forceinline__ void multiply_octets(const ProductArguments &arguments, uint64_t row,
                                                uint32_t rows,
                                                const Octet<SixteenBits<Format>> (&octets)[4],
                                                Sums &sums) {
  using Element = SixteenBits<Format>;
  const uint32_t column = 2 * this_lane().group;
#pragma unroll
  for (uint32_t tile = 0; tile < WEIGHT_TILES; tile++) {
    if (16 * tile >= arguments.weight_rows) {
      break;
    }
    uint32_t narrow[4];
#pragma unroll
    for (uint32_t i = 0; i < 4; i++) {
      narrow[i] = i < rows ? narrow_pair<Element>(arguments, row + i, 16 * tile + column) : 0u;
    }
    /* The lanes multiply together, and what is at the edges has taken them apart. */
    __syncwarp();
#pragma unroll
    for (uint32_t j = 0; j < 8; j++) {
      const bool is_upper = j % 2 != 0;
      multiply_add(
          Format{},
          Fragment{{halves(narrow[0], narrow[1], false), halves(narrow[0], narrow[1], true),
                    halves(narrow[2], narrow[3], false), halves(narrow[2], narrow[3], true)},
                   {halves(octets[0].pairs[j / 2], octets[1].pairs[j / 2], is_upper),
                    halves(octets[2].pairs[j / 2], octets[3].pairs[j / 2], is_upper)}},
          sums[8 * tile + j]);
    }
  }
}

/* Adds up a warp's part of the rows. */
template <typename Format>
__device__ __forceinline__ void multiply_rows(const ProductArguments &arguments,
                                              const Decisions &decisions, uint64_t part,
                                              uint64_t first_octet, Sums &sums) {
  using Element = SixteenBits<Format>;
  const Lane lane = this_lane();
  const Columns columns = columns_at(arguments.layer, first_octet + lane.group);
  const uint64_t begin = part * arguments.part_rows;
  const uint64_t rest = arguments.layer.rows - begin;
  const uint64_t end = begin + (rest < arguments.part_rows ? rest : arguments.part_rows);
  /* All lanes of a warp make the same turns. */
#pragma unroll 1
  for (uint64_t first = begin + TURN_ROWS * lane.warp; first < end;
       first += TURN_ROWS * PRODUCT_WARPS) {
    const uint64_t row = first + 4 * lane.member;
    const uint32_t rows = rows_from(row, end, 1, 4);
    const uint32_t octets_here = columns.count == 0 ? 0 : rows;
    Octet<Element> octets[4] = {};
    /* All loads are under way before the first mask is drawn. */
#pragma unroll
    for (uint32_t i = 0; i < 4; i++) {
      if (i < octets_here) {
        octets[i] = wide_octet<Element>(arguments, row + i, columns);
      }
    }
    for_each_drawn<4>(
        arguments, decisions, row, 1, octets_here, columns,
        [&](uint32_t i, const jdropout_quad &words) { drop(decisions, words, octets[i]); });
    multiply_octets<Format>(arguments, row, rows, octets, sums);
  }
}

/* A lane has two octets of two rows of each tile of weights. */
__device__ __forceinline__ void store_sums(const ProductArguments &arguments, uint64_t part,
                                           uint64_t first_octet, const Sums &sums) {
  const Lane lane = this_lane();
#pragma unroll
  for (uint32_t tile = 0; tile < WEIGHT_TILES; tile++) {
#pragma unroll
    for (uint32_t at = 0; at < 4; at++) {
      const uint32_t row = 16 * tile + 2 * lane.group + at / 2;
      const Columns columns = columns_at(arguments.layer, first_octet + 2 * lane.member + at % 2);
      if (row < arguments.weight_rows && columns.count != 0) {
        float values[8];
#pragma unroll
        for (uint32_t column = 0; column < 8; column++) {
          values[column] = sums[8 * tile + column][at] * arguments.layer.factor;
        }
        Octet<F32>::round(values).store(part_of<F32>(arguments.weights, row, columns) +
                                        part * arguments.weights.step_bytes);
      }
    }
  }
}

template <typename Format>
__device__ __forceinline__ void grad_weights(const ProductArguments &arguments) {
  const Decisions decisions = decisions_of(arguments);
  const uint64_t tiles = arguments.layer.column_tiles.value * arguments.parts;
  for (uint64_t tile = blockIdx.x; tile < tiles; tile += gridDim.x) {
    const Division place = divide(tile, arguments.layer.column_tiles);
    const uint64_t first_octet = place.remainder * BLOCK_OCTETS;
    Sums sums = {};
    multiply_rows<Format>(arguments, decisions, place.quotient, first_octet, sums);
    add_up_warps(8 * ((arguments.weight_rows + 15) / 16), sums);
    if (threadIdx.x < WARP) {
      store_sums(arguments, place.quotient, first_octet, sums);
    }
  }
}

}  // namespace jdropout

extern "C" __global__ void __launch_bounds__(jdropout::PRODUCT_THREADS, 2)
    dropout_product_grad_weights_f16(const jdropout::ProductArguments arguments) {
  jdropout::grad_weights<jdropout::HalfFormat>(arguments);
}

extern "C" __global__ void __launch_bounds__(jdropout::PRODUCT_THREADS, 2)
    dropout_product_grad_weights_bf16(const jdropout::ProductArguments arguments) {
  jdropout::grad_weights<jdropout::Bfloat16Format>(arguments);
}
