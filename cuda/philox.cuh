/*
 * Philox4x32-10 for a GPU: the round keys come expanded, and the first two rounds are shorter.
 *
 * The stream is the upper half of every counter of a launch. So the product M1 * c2 of round 0 is
 * the same for all threads; it and the counter's last word are folded into the round keys. What is
 * left per quad are 19 wide multiplications and 20 exclusive ors.
 *
 * The constants and the definition are in jdropout/philox4x32.h.
 */
#pragma once

#include "arguments.cuh"
#include "jdropout/philox4x32.h"

namespace jdropout {

/* Expands a key as the host does, in the kernels that read it from device memory. */
__device__ __forceinline__ PhiloxSchedule expand_key(uint64_t seed, uint64_t stream) {
  PhiloxSchedule schedule;
  uint32_t k0 = static_cast<uint32_t>(seed);
  uint32_t k1 = static_cast<uint32_t>(seed >> 32);
#pragma unroll
  for (int round = 0; round < JDROPOUT_PHILOX_ROUNDS; round++) {
    schedule.word[2 * round] = k0;
    schedule.word[2 * round + 1] = k1;
    k0 += JDROPOUT_PHILOX_W0;
    k1 += JDROPOUT_PHILOX_W1;
  }
  const uint64_t product =
      static_cast<uint64_t>(JDROPOUT_PHILOX_M1) * static_cast<uint32_t>(stream);
  schedule.word[0] ^= static_cast<uint32_t>(product >> 32);
  schedule.word[1] ^= static_cast<uint32_t>(stream >> 32);
  schedule.word[2] ^= static_cast<uint32_t>(product);
  return schedule;
}

/* Expands the key in device memory: seed, stream. */
__device__ __forceinline__ PhiloxSchedule load_schedule(const uint64_t *key) {
  return expand_key(key[0], key[1]);
}

/* Returns the quad of eight neighbouring elements. */
__device__ __forceinline__ jdropout_quad draw_quad(const PhiloxSchedule &schedule, uint64_t index) {
  const uint64_t first = static_cast<uint64_t>(JDROPOUT_PHILOX_M0) * static_cast<uint32_t>(index);
  uint32_t c0 = static_cast<uint32_t>(index >> 32) ^ schedule.word[0];
  uint32_t c1 = 0; /* in schedule.word[2] */
  uint32_t c2 = static_cast<uint32_t>(first >> 32) ^ schedule.word[1];
  uint32_t c3 = static_cast<uint32_t>(first);
#pragma unroll
  for (int round = 1; round < JDROPOUT_PHILOX_ROUNDS; round++) {
    const uint64_t product0 = static_cast<uint64_t>(JDROPOUT_PHILOX_M0) * c0;
    const uint64_t product1 = static_cast<uint64_t>(JDROPOUT_PHILOX_M1) * c2;
    c0 = static_cast<uint32_t>(product1 >> 32) ^ c1 ^ schedule.word[2 * round];
    c1 = static_cast<uint32_t>(product1);
    c2 = static_cast<uint32_t>(product0 >> 32) ^ c3 ^ schedule.word[2 * round + 1];
    c3 = static_cast<uint32_t>(product0);
  }
  return jdropout_quad{{c0, c1, c2, c3}};
}

}  // namespace jdropout
