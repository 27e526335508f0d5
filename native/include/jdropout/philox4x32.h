/*
 * Philox4x32-10, the counter-based generator behind every mask.
 *
 * A pure function from a 128-bit counter and a 64-bit key to four 32-bit words, called a quad here.
 * Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC'11.
 *
 * Compiles as C11, C++ and CUDA. With keep.h this is the only definition outside Java.
 */
#ifndef JDROPOUT_PHILOX4X32_H
#define JDROPOUT_PHILOX4X32_H

#include <stdint.h>

#ifdef __CUDACC__
#define JDROPOUT_FUNCTION static __host__ __device__ __forceinline__
#else
#define JDROPOUT_FUNCTION static inline
#endif

#define JDROPOUT_PHILOX_ROUNDS 10

/* Multipliers of counter words 0 and 2. */
#define JDROPOUT_PHILOX_M0 0xD2511F53u
#define JDROPOUT_PHILOX_M1 0xCD9E8D57u

/* Added to key words 0 and 1 after each round. */
#define JDROPOUT_PHILOX_W0 0x9E3779B9u
#define JDROPOUT_PHILOX_W1 0xBB67AE85u

/* The four words that decide about eight neighbouring elements. */
typedef struct jdropout_quad {
  uint32_t word[4];
} jdropout_quad;

/*
 * Computes the quad of the elements 8 * quad_index to 8 * quad_index + 7.
 *
 * The key is (low half of seed, high half of seed); the counter is (low half of quad_index, high
 * half of quad_index, low half of stream, high half of stream).
 */
JDROPOUT_FUNCTION jdropout_quad jdropout_philox4x32(uint64_t seed, uint64_t stream,
                                                    uint64_t quad_index) {
  uint32_t k0 = (uint32_t)seed;
  uint32_t k1 = (uint32_t)(seed >> 32);
  uint32_t c0 = (uint32_t)quad_index;
  uint32_t c1 = (uint32_t)(quad_index >> 32);
  uint32_t c2 = (uint32_t)stream;
  uint32_t c3 = (uint32_t)(stream >> 32);
  for (int round = 0; round < JDROPOUT_PHILOX_ROUNDS; round++) {
    const uint64_t product0 = (uint64_t)JDROPOUT_PHILOX_M0 * c0;
    const uint64_t product1 = (uint64_t)JDROPOUT_PHILOX_M1 * c2;
    c0 = (uint32_t)(product1 >> 32) ^ c1 ^ k0;
    c1 = (uint32_t)product1;
    c2 = (uint32_t)(product0 >> 32) ^ c3 ^ k1;
    c3 = (uint32_t)product0;
    k0 += JDROPOUT_PHILOX_W0;
    k1 += JDROPOUT_PHILOX_W1;
  }
  jdropout_quad quad;
  quad.word[0] = c0;
  quad.word[1] = c1;
  quad.word[2] = c2;
  quad.word[3] = c3;
  return quad;
}

#endif
