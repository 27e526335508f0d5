/*
 * The gradient of a dropped product with respect to its input, added to what is there: wide +=
 * dropout(narrow * weights); narrow is the gradient of the product's output.
 *
 * One block: 256 columns of 128 rows; a warp has 32 columns, whose weights its lanes keep in registers,
 * and multiplies sixteen rows at a time. The tiles' columns are numbered so that a lane has the sums of
 * eight neighbouring columns of two rows: octets, which are dropped and added where they are. So no part
 * of the gradient is in memory. Memory: each element is read once and written once, 4 bytes; it is
 * loaded before the product is made, and used behind it. The narrow matrix and the weights come from the
 * cache. Tail: rows, columns and weights that do not exist are zeros. Launch bound: 256 threads, and
 * registers for two blocks.
 *
 * Only for what dropout_product is for, with at most 64 rows of weights.
 */
#include "product.cuh"

namespace jdropout {

constexpr uint32_t WARP_OCTETS = 4;
constexpr uint32_t BLOCK_OCTETS = WARP_OCTETS * PRODUCT_WARPS;
constexpr uint32_t BLOCK_ROWS = 128;
constexpr uint32_t TURN_ROWS = 16;

/* Of rows of weights, an octet to each member of a group. */
constexpr uint32_t SLICES = 2;
constexpr uint32_t SLICE = 32;

/* What a lane multiplies of 32 rows of weights: pairs of rows, at the group's column of each tile. */
struct WeightsSlice {
  uint32_t pairs[4][4];
};

template <typename Element>
__device__ __forceinline__ WeightsSlice load_slice(const ProductArguments &arguments,
                                                   uint64_t first_octet, uint32_t first_weights) {
  const Lane lane = this_lane();
  const Columns columns = columns_at(arguments.layer, first_octet + lane.group / 2);
  WeightsSlice slice;
#pragma unroll
  for (uint32_t pair = 0; pair < 4; pair++) {
    const uint32_t row = first_weights + 8 * lane.member + 2 * pair;
    const Octet<Element> first = weights_octet<Element>(arguments, row, columns);
    const Octet<Element> second = weights_octet<Element>(arguments, row + 1, columns);
#pragma unroll
    for (uint32_t tile = 0; tile < 4; tile++) {
      slice.pairs[pair][tile] = halves(first.pairs[tile], second.pairs[tile], lane.group % 2 != 0);
    }
  }
  return slice;
}

/* Multiplies two rows of each lane, of which so many exist, with a warp's columns. */
template <typename Format>
__device__ __forceinline__ void multiply_rows(const ProductArguments &arguments, uint64_t row,
                                              uint32_t rows, const WeightsSlice (&slices)[SLICES],
                                              float (&sums)[4][4]) {
  using Element = SixteenBits<Format>;
#pragma unroll
  for (uint32_t slice = 0; slice < SLICES; slice++) {
    if (SLICE * slice >= arguments.weight_rows) {
      break;
    }
    const uint32_t column = SLICE * slice + 8 * this_lane().member;
    uint32_t narrow[2][4] = {};
#pragma unroll
    for (uint32_t i = 0; i < 2; i++) {
      if (i < rows) {
#pragma unroll
        for (uint32_t pair = 0; pair < 4; pair++) {
          narrow[i][pair] = narrow_pair<Element>(arguments, row + 8 * i, column + 2 * pair);
        }
      }
    }
    /* The lanes multiply together, and what is at the edges has taken them apart. */
    __syncwarp();
#pragma unroll
    for (uint32_t pair = 0; pair < 4; pair += 2) {
#pragma unroll
      for (uint32_t tile = 0; tile < 4; tile++) {
        multiply_add(
            Format{},
            Fragment{{narrow[0][pair], narrow[1][pair], narrow[0][pair + 1], narrow[1][pair + 1]},
                     {slices[slice].pairs[pair][tile], slices[slice].pairs[pair + 1][tile]}},
            sums[tile]);
      }
    }
  }
}

/* Drops an octet of the product, and adds what was there. */
template <typename Element>
__device__ __forceinline__ Octet<Element> dropped_and_added(const Layer &layer,
                                                            const Decisions &decisions,
                                                            const jdropout_quad &words,
                                                            const Octet<Element> &old,
                                                            float (&values)[8]) {
#pragma unroll
  for (int j = 0; j < 8; j++) {
    values[j] = F32::drop(values[j], layer.factor, decisions.keeps(words, j));
  }
  add(old, values);
  return Octet<Element>::round(values);
}

/* Adds to a warp's columns of a tile. */
template <typename Format>
__device__ __forceinline__ void add_to_rows(const ProductArguments &arguments,
                                            const Decisions &decisions, uint64_t begin,
                                            uint64_t end, uint64_t first_octet) {
  using Element = SixteenBits<Format>;
  const Lane lane = this_lane();
  const Columns columns = columns_at(arguments.layer, first_octet + lane.member);
  WeightsSlice slices[SLICES];
#pragma unroll
  for (uint32_t slice = 0; slice < SLICES; slice++) {
    slices[slice] = load_slice<Element>(arguments, first_octet, SLICE * slice);
  }
  /* All lanes of a warp make the same turns. */
#pragma unroll 1
  for (uint64_t row = begin + lane.group; row - lane.group < end; row += TURN_ROWS) {
    const uint32_t rows = rows_from(row, end, 8, 2);
    const uint32_t octets_here = columns.count == 0 ? 0 : rows;
    Octet<Element> old[2] = {};
#pragma unroll
    for (uint32_t i = 0; i < 2; i++) {
      if (i < octets_here) {
        old[i] = wide_octet<Element>(arguments, row + 8 * i, columns);
      }
    }
    float sums[4][4] = {};
    multiply_rows<Format>(arguments, row, rows, slices, sums);
    for_each_drawn<2>(arguments, decisions, row, 8, octets_here, columns,
                      [&](uint32_t i, const jdropout_quad &words) {
                        float values[8];
#pragma unroll
                        for (uint32_t j = 0; j < 8; j++) {
                          values[j] = sums[j / 2][2 * i + j % 2];
                        }
                        dropped_and_added(arguments.layer, decisions, words, old[i], values)
                            .store(part_of<Element>(arguments.wide, row + 8 * i, columns));
                      });
  }
}

template <typename Format>
__device__ __forceinline__ void grad_input(const ProductArguments &arguments) {
  const Decisions decisions = decisions_of(arguments);
  const Layer &layer = arguments.layer;
  const uint64_t tiles = layer.column_tiles.value * ((layer.rows + BLOCK_ROWS - 1) / BLOCK_ROWS);
  for (uint64_t tile = blockIdx.x; tile < tiles; tile += gridDim.x) {
    const Division place = divide(tile, layer.column_tiles);
    const uint64_t begin = place.quotient * BLOCK_ROWS;
    const uint64_t end = layer.rows - begin < BLOCK_ROWS ? layer.rows : begin + BLOCK_ROWS;
    const uint64_t octet = place.remainder * BLOCK_OCTETS + threadIdx.x / WARP * WARP_OCTETS;
    if (8 * octet < layer.columns) {
      add_to_rows<Format>(arguments, decisions, begin, end, octet);
    }
  }
}

}  // namespace jdropout

extern "C" __global__ void __launch_bounds__(jdropout::PRODUCT_THREADS, 2)
    dropout_product_grad_input_f16(const jdropout::ProductArguments arguments) {
  jdropout::grad_input<jdropout::HalfFormat>(arguments);
}

extern "C" __global__ void __launch_bounds__(jdropout::PRODUCT_THREADS, 2)
    dropout_product_grad_input_bf16(const jdropout::ProductArguments arguments) {
  jdropout::grad_input<jdropout::Bfloat16Format>(arguments);
}
