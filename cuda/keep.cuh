/*
 * From words to decisions. A word holds two 16-bit lanes; the host passes the threshold shifted to
 * the upper half, so that the upper lane is compared where it lies and the lower one after a shift.
 */
#pragma once

#include "arguments.cuh"
#include "philox.cuh"

namespace jdropout {

/* Whether the element of a word's lower lane is kept. */
__device__ __forceinline__ bool keeps_lower(uint32_t word, uint32_t threshold) {
  return (word << 16) < threshold;
}

/* Whether the element of a word's upper lane is kept. */
__device__ __forceinline__ bool keeps_upper(uint32_t word, uint32_t threshold) {
  return word < threshold;
}

/* Returns the decisions of a quad: bit j is set if its element j is kept. */
__device__ __forceinline__ uint32_t keep_bits(const jdropout_quad &quad, uint32_t threshold) {
  uint32_t bits = 0;
#pragma unroll
  for (int word = 0; word < 4; word++) {
    bits |= keeps_lower(quad.word[word], threshold) ? 1u << (2 * word) : 0u;
    bits |= keeps_upper(quad.word[word], threshold) ? 2u << (2 * word) : 0u;
  }
  return bits;
}

}  // namespace jdropout
