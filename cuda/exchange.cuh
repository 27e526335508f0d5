/*
 * Exchange inside a warp. Eight elements of f32 are two 16-byte accesses, of f64 four. If a thread
 * made them all for the quad that it has drawn, neighbouring threads would access memory 32 or 64
 * bytes apart, and every access of the warp would touch two or four times the sectors. Instead the
 * accesses of a warp are contiguous, and lanes that share quads draw one each and trade words.
 *
 * In access k of a tile, lane l has the PER_ACCESS elements from 32 * PER_ACCESS * k +
 * PER_ACCESS * l on.
 */
#pragma once

#include <stdint.h>

#include "jdropout/philox4x32.h"

namespace jdropout {

constexpr uint32_t WARP = 32;
constexpr uint32_t ALL_LANES = 0xFFFFFFFFu;

/*
 * Each has
 *   ACCESSES    in a tile
 *   WORDS       that decide about one access
 *   drawn_quad  which quad of the tile a lane draws
 *   trade       from the words of that quad to those of the lane's accesses
 */
template <int PER_ACCESS>
struct Exchange;

/* 16-bit types: an access is a quad. */
template <>
struct Exchange<8> {
  static constexpr int ACCESSES = 1;
  static constexpr int WORDS = 4;

  __device__ __forceinline__ static uint32_t drawn_quad(uint32_t lane) { return lane; }

  __device__ __forceinline__ static void trade(const jdropout_quad &own, uint32_t,
                                               uint32_t (&words)[ACCESSES][WORDS]) {
#pragma unroll
    for (int word = 0; word < WORDS; word++) {
      words[0][word] = own.word[word];
    }
  }
};

/*
 * f32: lanes 2 i and 2 i + 1 share the quads 16 k + i, k = 0, 1. The even one draws the first and
 * needs the lower half of both.
 */
template <>
struct Exchange<4> {
  static constexpr int ACCESSES = 2;
  static constexpr int WORDS = 2;

  __device__ __forceinline__ static uint32_t drawn_quad(uint32_t lane) {
    return 16 * (lane & 1) + (lane >> 1);
  }

  __device__ __forceinline__ static void trade(const jdropout_quad &own, uint32_t lane,
                                               uint32_t (&words)[ACCESSES][WORDS]) {
    const bool is_odd = (lane & 1) != 0;
#pragma unroll
    for (int word = 0; word < WORDS; word++) {
      const uint32_t lower = own.word[word];
      const uint32_t upper = own.word[word + 2];
      const uint32_t received = __shfl_xor_sync(ALL_LANES, is_odd ? lower : upper, 1);
      words[0][word] = is_odd ? received : lower;
      words[1][word] = is_odd ? upper : received;
    }
  }
};

/*
 * f64: lanes 4 i to 4 i + 3 share the quads 8 k + i, k = 0 to 3. Lane 4 i + k draws one and needs
 * word k of all: the four transpose a square of words.
 */
template <>
struct Exchange<2> {
  static constexpr int ACCESSES = 4;
  static constexpr int WORDS = 1;

  __device__ __forceinline__ static uint32_t drawn_quad(uint32_t lane) {
    return 8 * (lane & 3) + (lane >> 2);
  }

  __device__ __forceinline__ static void trade(const jdropout_quad &own, uint32_t lane,
                                               uint32_t (&words)[ACCESSES][WORDS]) {
    const bool is_odd = (lane & 1) != 0;
    uint32_t pairs[4];
#pragma unroll
    for (int word = 0; word < 4; word += 2) {
      const uint32_t even = own.word[word];
      const uint32_t odd = own.word[word + 1];
      const uint32_t received = __shfl_xor_sync(ALL_LANES, is_odd ? even : odd, 1);
      pairs[word] = is_odd ? received : even;
      pairs[word + 1] = is_odd ? odd : received;
    }
    const bool is_upper = (lane & 2) != 0;
#pragma unroll
    for (int word = 0; word < 2; word++) {
      const uint32_t lower = pairs[word];
      const uint32_t upper = pairs[word + 2];
      const uint32_t received = __shfl_xor_sync(ALL_LANES, is_upper ? lower : upper, 2);
      words[word][0] = is_upper ? received : lower;
      words[word + 2][0] = is_upper ? upper : received;
    }
  }
};

/*
 * The same for decisions that come as eight bits per lane, bit j of lane l for element 8 l + j of
 * the tile: returns those of access k, the first in bit 0.
 */
template <int PER_ACCESS>
__device__ __forceinline__ uint32_t trade_bits(uint32_t own, uint32_t lane, int access) {
  if (PER_ACCESS == 8) {
    return own;
  }
  const uint32_t element = PER_ACCESS * (WARP * static_cast<uint32_t>(access) + lane);
  return __shfl_sync(ALL_LANES, own, static_cast<int>(element / 8)) >> (element % 8);
}

}  // namespace jdropout
