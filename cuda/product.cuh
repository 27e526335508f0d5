/*
 * What products of a dropped matrix with a narrow one, and their gradients, share. The wide matrix, the
 * input or its gradient, has a row for each token; the narrow one, the output or its gradient, as many
 * rows and a column for each row of the weights. What is dropped stays in registers, between memory and
 * the tensor cores.
 *
 * Of an input, what is multiplied are the 16-bit numbers as they are, or +0 where they are dropped; the
 * factor of the kept ones is for sums of them.
 *
 * Blocks are of eight warps, and a warp's lanes are four members of each of eight groups, as tensor
 * cores have them. The wide matrix has columns in multiples of 8 at multiples of 16 bytes.
 */
#pragma once

#include "layer.cuh"
#include "mma.cuh"

namespace jdropout {

constexpr uint32_t PRODUCT_WARPS = 8;
constexpr uint32_t PRODUCT_THREADS = PRODUCT_WARPS * WARP;

struct Lane {
  uint32_t warp;
  uint32_t group;
  uint32_t member;
};

__device__ __forceinline__ Lane this_lane() {
  const uint32_t lane = threadIdx.x % WARP;
  return Lane{threadIdx.x / WARP, lane / 4, lane % 4};
}

__device__ __forceinline__ Decisions decisions_of(const ProductArguments &arguments) {
  return Decisions{arguments.draw.schedule, arguments.draw.threshold, arguments.draw.first_quad};
}

/* Returns how many rows there are from one on, so far apart, before the end; so many at most. */
__device__ __forceinline__ uint32_t rows_from(uint64_t row, uint64_t end, uint32_t distance,
                                              uint32_t most) {
  const uint64_t rest = row < end ? end - row : 0;
  return rest < distance * most ? (static_cast<uint32_t>(rest) + distance - 1) / distance : most;
}

/* An octet of the wide matrix. */
template <typename Element>
__device__ __forceinline__ Octet<Element> wide_octet(const ProductArguments &arguments,
                                                     uint64_t row, const Columns &columns) {
  return Octet<Element>::load(part_of<Element>(arguments.wide, row, columns));
}

/* An octet of the weights; zeros where there is none. */
template <typename Element>
__device__ __forceinline__ Octet<Element> weights_octet(const ProductArguments &arguments,
                                                        uint32_t row, const Columns &columns) {
  return row < arguments.weight_rows && columns.count != 0
             ? Octet<Element>::load_cached(part_of<Element>(arguments.weights, row, columns))
             : Octet<Element>{};
}

/* Zeros what is dropped of an octet. */
template <typename Element>
__device__ __forceinline__ void drop(const Decisions &decisions, const jdropout_quad &words,
                                     Octet<Element> &octet) {
#pragma unroll
  for (int pair = 0; pair < 4; pair++) {
    if (!decisions.keeps(words, 2 * pair)) {
      octet.pairs[pair] &= 0xFFFF0000u;
    }
    if (!decisions.keeps(words, 2 * pair + 1)) {
      octet.pairs[pair] &= 0x0000FFFFu;
    }
  }
}

/*
 * Gives the body each of a lane's octets, in rows so far apart, of which so many exist, and its words. If
 * all exist and rows begin with quads, they are drawn without branches, so that their drawing overlaps.
 */
template <uint32_t COUNT, typename Body>
__device__ __forceinline__ void for_each_drawn(const ProductArguments &arguments,
                                               const Decisions &decisions, uint64_t row,
                                               uint32_t distance, uint32_t count,
                                               const Columns &columns, const Body &body) {
  const Layer &layer = arguments.layer;
  const uint64_t element = Decisions::element_of(layer, row, columns);
  const uint64_t stride = distance * layer.index_stride;
  if (count == COUNT && layer.is_random != 0 && layer.first_lane == 0 &&
      layer.index_stride % 8 == 0) {
    const uint64_t quad = decisions.first_quad + element / 8;
#pragma unroll
    for (uint32_t i = 0; i < COUNT; i++) {
      body(i, draw_quad(decisions.schedule, quad + i * (stride / 8)));
    }
    return;
  }
#pragma unroll
  for (uint32_t i = 0; i < COUNT; i++) {
    if (i < count) {
      body(i, decisions.words(layer, element + i * stride));
    }
  }
}

/* Returns where an element of the narrow matrix is. */
template <typename Element>
__device__ __forceinline__ char *narrow_at(const ProductArguments &arguments, uint64_t row,
                                           uint32_t column) {
  return static_cast<char *>(arguments.narrow.start) + row * arguments.narrow.row_bytes +
         column * sizeof(typename Element::Storage);
}

/* Two neighbours of a row of the narrow matrix, the first at an even column; zeros for none. */
template <typename Element>
__device__ __forceinline__ uint32_t narrow_pair(const ProductArguments &arguments, uint64_t row,
                                                uint32_t column) {
  return column < arguments.weight_rows
             ? load_cached<uint32_t>(narrow_at<Element>(arguments, row, column))
             : 0u;
}

/* The lower, or the upper, halves of two words. */
__device__ __forceinline__ uint32_t halves(uint32_t first, uint32_t second, bool are_upper) {
  return __byte_perm(first, second, are_upper ? 0x7632 : 0x5410);
}

/*
 * Leaves in the first warp what all have summed in so many tiles: halves of the warps are added, in a
 * fixed order.
 */
template <uint32_t TILES>
__device__ __forceinline__ void add_up_warps(uint32_t tiles, float (&sums)[TILES][4]) {
  __shared__ float exchanged[PRODUCT_WARPS / 2][4 * TILES][WARP];
  const uint32_t warp = threadIdx.x / WARP;
  const uint32_t lane = threadIdx.x % WARP;
#pragma unroll
  for (uint32_t half = PRODUCT_WARPS / 2; half > 0; half /= 2) {
    if (warp >= half && warp < 2 * half) {
#pragma unroll
      for (uint32_t i = 0; i < 4 * TILES; i++) {
        if (i / 4 < tiles) {
          exchanged[warp - half][i][lane] = sums[i / 4][i % 4];
        }
      }
    }
    __syncthreads();
    if (warp < half) {
#pragma unroll
      for (uint32_t i = 0; i < 4 * TILES; i++) {
        if (i / 4 < tiles) {
          sums[i / 4][i % 4] += exchanged[warp][i][lane];
        }
      }
    }
    __syncthreads();
  }
}

}  // namespace jdropout
