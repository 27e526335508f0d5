/*
 * The walk over a tensor. A warp works on spans of QUADS tiles of 256 elements, one quad for each
 * of its lanes. Spans that lie in the range and whose memory is aligned are computed 16 bytes at a
 * time; those at the edges, and all of memory that is not aligned, one element at a time, still
 * with neighbouring lanes at neighbouring addresses.
 *
 * The grid may have any number of blocks, and a block any number of whole warps: the result does
 * not depend on either.
 */
#pragma once

#include "arguments.cuh"
#include "exchange.cuh"
#include "memory.cuh"

namespace jdropout {

constexpr uint32_t TILE = 8 * WARP;

/* Threads per block that the kernels are compiled for; the host launches this many or fewer. */
constexpr int MAX_THREADS = 256;

template <typename Element>
__device__ __forceinline__ const char *input_at(const Range &range, uint64_t element) {
  return static_cast<const char *>(range.input) + element * sizeof(typename Element::Storage);
}

template <typename Element>
__device__ __forceinline__ char *output_at(const Range &range, uint64_t element) {
  return static_cast<char *>(range.output) + element * sizeof(typename Element::Storage);
}

/* Returns where a lane's access 0 of a tile is; further ones are 16 * WARP bytes apart. */
template <typename Element>
__device__ __forceinline__ uint64_t access_offset(uint64_t first_quad, uint32_t lane) {
  return first_quad * (8 * sizeof(typename Element::Storage)) + 16 * lane;
}

template <typename Element>
__device__ __forceinline__ char *tile_output(const Range &range, uint64_t first_quad,
                                             uint32_t lane) {
  return static_cast<char *>(range.output) + access_offset<Element>(first_quad, lane);
}

/* Loads a lane's accesses of the tile with a first quad: all, before the first is used. */
template <typename Element>
__device__ __forceinline__ void load_tile(
    const Range &range, uint64_t first_quad, uint32_t lane,
    typename Element::Access (&values)[Exchange<Element::PER_ACCESS>::ACCESSES]) {
  const char *address =
      static_cast<const char *>(range.input) + access_offset<Element>(first_quad, lane);
#pragma unroll
  for (int access = 0; access < Exchange<Element::PER_ACCESS>::ACCESSES; access++) {
    values[access] = load<typename Element::Access>(address + 16 * WARP * access);
  }
}

/*
 * Computes a tile one element at a time, of which some may be outside the range. All lanes must
 * come here.
 *
 * bits: returns the decisions of the eight elements from a multiple of 8 on, the first in bit 0;
 * what it says of elements outside the range does not matter
 */
template <typename Element, typename Bits>
__device__ __forceinline__ void drop_edge(const Range &range, uint64_t at, uint32_t lane,
                                          const Bits &bits) {
  const uint32_t own = bits(at + 8 * lane);
  typename Element::Storage values[8];
#pragma unroll
  for (uint32_t row = 0; row < 8; row++) {
    const uint64_t element = at + WARP * row + lane;
    if (element >= range.begin && element < range.end) {
      values[row] = load<typename Element::Storage>(input_at<Element>(range, element));
    }
  }
#pragma unroll
  for (uint32_t row = 0; row < 8; row++) {
    const uint64_t element = at + WARP * row + lane;
    const uint32_t octet = __shfl_sync(ALL_LANES, own, static_cast<int>(4 * row + lane / 8));
    if (element >= range.begin && element < range.end) {
      const bool keeps = (octet >> (lane % 8) & 1) != 0;
      store(output_at<Element>(range, element),
            Element::drop(values[row], Element::scale(range), keeps));
    }
  }
}

/*
 * Walks over the range: whole spans first, then the tiles at its edges. All threads of the block must
 * come here.
 *
 * whole: computes the span whose first quad is given, for a lane
 * bits: as for drop_edge
 */
template <typename Element, typename Whole, typename Bits>
__device__ __forceinline__ void walk(const Range &range, const Whole &whole, const Bits &bits) {
  constexpr uint32_t SPAN = TILE * Element::QUADS;
  const uint32_t lane = threadIdx.x % WARP;
  const uint32_t warps_per_block = blockDim.x / WARP;
  const uint64_t warp = static_cast<uint64_t>(blockIdx.x) * warps_per_block + threadIdx.x / WARP;
  const uint64_t warps = static_cast<uint64_t>(gridDim.x) * warps_per_block;

  const uint64_t first_span = range.begin != 0 ? 1 : 0;
  const uint64_t end_span = range.is_vector != 0 ? range.end / SPAN : 0;
  for (uint64_t span = first_span + warp; span < end_span; span += warps) {
    whole(span * (SPAN / 8), lane);
  }

  const uint64_t leading = end_span > first_span ? first_span * Element::QUADS : 0;
  const uint64_t inside = end_span > first_span ? (end_span - first_span) * Element::QUADS : 0;
  const uint64_t edges = (range.end + TILE - 1) / TILE - inside;
#pragma unroll 1
  for (uint64_t edge = warp; edge < edges; edge += warps) {
    drop_edge<Element>(range, (edge < leading ? edge : edge + inside) * TILE, lane, bits);
  }
}

/*
 * Returns the decisions of a lane's quads of a span, those of the first in the lowest byte. They are
 * in one register, because an array with a variable index would be in memory.
 */
template <typename Element, int AT_ONCE, typename Bits>
__device__ __forceinline__ uint32_t decide_span(uint64_t first_quad, uint32_t lane,
                                                const Bits &bits) {
  uint32_t octets = 0;
#pragma unroll AT_ONCE
  for (int quad = 0; quad < Element::QUADS; quad++) {
    octets |= (bits(8 * (first_quad + WARP * quad + lane)) & 0xFF) << (8 * quad);
  }
  return octets;
}

/*
 * The walk with decisions that come as bits, as drop_edge takes them, and not as words.
 *
 * All of a span's are made before its first element is stored: afterwards the compiler could no
 * longer load ahead what they need, as it might have been overwritten.
 *
 * IS_LONG: whether it takes many instructions to decide; then the code for it is there once, and
 * comes before the loads, whose values would take the registers that it needs
 */
template <typename Element, bool IS_LONG, typename Bits>
__device__ __forceinline__ void drop_by_bits(const Range &range, const Bits &bits) {
  using Access = typename Element::Access;
  constexpr int ACCESSES = Exchange<Element::PER_ACCESS>::ACCESSES;
  const auto whole = [&](uint64_t first_quad, uint32_t lane) {
    uint32_t octets;
    if (IS_LONG) {
      octets = decide_span<Element, 1>(first_quad, lane, bits);
    }
    Access values[Element::QUADS][ACCESSES];
#pragma unroll
    for (int quad = 0; quad < Element::QUADS; quad++) {
      load_tile<Element>(range, first_quad + WARP * quad, lane, values[quad]);
    }
    if (!IS_LONG) {
      octets = decide_span<Element, Element::QUADS>(first_quad, lane, bits);
    }
#pragma unroll
    for (int quad = 0; quad < Element::QUADS; quad++) {
      const uint32_t own = octets >> (8 * quad);
      char *address = tile_output<Element>(range, first_quad + WARP * quad, lane);
#pragma unroll
      for (int access = 0; access < ACCESSES; access++) {
        const uint32_t decided = trade_bits<Element::PER_ACCESS>(own, lane, access);
        const auto keeps = [&](int element) { return (decided >> element & 1) != 0; };
        store(address + 16 * WARP * access,
              Element::drop_all(values[quad][access], Element::scale(range), keeps));
      }
    }
  };
  walk<Element>(range, whole, bits);
}

}  // namespace jdropout
