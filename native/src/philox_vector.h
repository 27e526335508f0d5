/*
 * What the vector versions of Philox share.
 *
 * A quad takes one 64-bit lane. The product of a 32-bit multiplication fills it: the upper half
 * goes into the next round's word 0 or 2, the lower half is word 1 or 3. The multiplication reads
 * lower halves only, so the product itself, unshifted, serves as word 1 or 3 of the next round, and
 * whatever stands in upper halves does not matter. A round is two multiplications, two shifts and
 * four exclusive ors (two, where one instruction takes three operands).
 *
 * The quads of a call differ in counter word 0 alone. So the first round multiplies one vector and
 * one number instead of two vectors, and the second round does too: its word 0 is the same for all.
 */
#ifndef JDROPOUT_PHILOX_VECTOR_H
#define JDROPOUT_PHILOX_VECTOR_H

#include "kernels.h"

/* The numbers that all quads of a call share. With (a, b, c, d) the counter after a round: */
typedef struct shared_rounds {
  uint32_t c_after_1; /* without the upper half of the product of word 0 */
  uint32_t a_after_2; /* without the upper half of the product of word 2 */
  uint32_t c_after_2; /* without the lower half of round 1's product of word 0 */
  uint32_t d_after_2;
} shared_rounds;

static inline shared_rounds share_rounds(const expanded_key *key, uint64_t first_word) {
  const uint32_t quad_high = (uint32_t)(first_word >> 29);
  const uint64_t stream_product = (uint64_t)JDROPOUT_PHILOX_M1 * (uint32_t)key->stream;
  const uint32_t a_after_1 = (uint32_t)(stream_product >> 32) ^ quad_high ^ key->k0[0];
  const uint64_t a_product = (uint64_t)JDROPOUT_PHILOX_M0 * a_after_1;
  shared_rounds shared;
  shared.c_after_1 = (uint32_t)(key->stream >> 32) ^ key->k1[0];
  shared.a_after_2 = (uint32_t)stream_product ^ key->k0[1];
  shared.c_after_2 = (uint32_t)(a_product >> 32) ^ key->k1[1];
  shared.d_after_2 = (uint32_t)a_product;
  return shared;
}

#endif
