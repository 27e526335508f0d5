/* From the last round's products of four quads to 32 bits in element order, with AVX2. */
#ifndef JDROPOUT_AVX2_BITS_H
#define JDROPOUT_AVX2_BITS_H

#include <immintrin.h>

#include "kernels.h"

/* Flips the top bit of every lane, so that a signed comparison orders lanes as unsigned. */
#define SIGNS_PER_LANE 0x8000800080008000u

/* The last round's key and the threshold, in the form that bits_of_products needs. */
typedef struct last_round {
  __m256i k0;
  __m256i k1;
  __m256i limit;
  __m256i order;
} last_round;

static inline last_round prepare_last_round(const expanded_key *key) {
  const int last = JDROPOUT_PHILOX_ROUNDS - 1;
  const uint64_t k0 = (uint64_t)key->k0[last] << 32 ^ SIGNS_PER_LANE;
  const uint64_t k1 = (uint64_t)key->k1[last] << 32 ^ SIGNS_PER_LANE;
  const __m128i order = _mm_setr_epi8(2, 3, 0, 1, 10, 11, 8, 9, 6, 7, 4, 5, 14, 15, 12, 13);
  last_round round;
  round.k0 = _mm256_set1_epi64x((long long)k0);
  round.k1 = _mm256_set1_epi64x((long long)k1);
  round.limit = _mm256_set1_epi16((short)(uint16_t)(key->threshold ^ 0x8000u));
  round.order = _mm256_broadcastsi128_si256(order);
  return round;
}

/*
 * The new words 0 and 2 are formed in the products' upper halves, where they need no shift; so a
 * vector holds (word 1, word 0) or (word 3, word 2) of each quad, and the compared lanes are put
 * into element order afterwards, all with one byte shuffle.
 *
 * product0, product1     of the last round, from words 0 and 2
 * previous0, previous1   of the round before; their lower halves are words 3 and 1
 */
static inline uint32_t bits_of_products(const last_round *round, __m256i product0, __m256i product1,
                                        __m256i previous0, __m256i previous1) {
  const __m256i words10 =
      _mm256_xor_si256(_mm256_xor_si256(product1, round->k0), _mm256_slli_epi64(previous1, 32));
  const __m256i words32 =
      _mm256_xor_si256(_mm256_xor_si256(product0, round->k1), _mm256_slli_epi64(previous0, 32));
  const __m256i kept = _mm256_packs_epi16(_mm256_cmpgt_epi16(round->limit, words10),
                                          _mm256_cmpgt_epi16(round->limit, words32));
  return (uint32_t)_mm256_movemask_epi8(_mm256_shuffle_epi8(kept, round->order));
}

#endif
