/*
 * AVX-512: eight quads, which are one word of the mask, in a vector of 512 bits.
 *
 * Included twice: with WITH_16_BIT_LANES 1 it uses AVX-512BW (and DQ, VL), which compares and moves
 * 16-bit lanes; with 0 it needs AVX-512F alone and does that part with AVX2. The 16-bit
 * floating-point extensions serve neither: AVX512-FP16 would round the factor to binary16, and
 * AVX512-BF16 flushes subnormal numbers to zero, so both give other bits.
 */
#include "avx2_bits.h"
#include "intrinsics_avx512.h"
#include "kernels.h"
#include "philox_vector.h"
#include "whole_vectors.h"

/* Words drawn together: fewer leave the multiplier waiting for its own results. */
#define WORDS_PER_STEP 4u

#define VECTOR_BYTES 64u

#define THREE_WAY_XOR 0x96

/* The 32-bit lanes that are lower halves of 64-bit lanes. */
#define LOWER_HALVES 0x5555u

#define ALWAYS_INLINE static inline __attribute__((always_inline))

ALWAYS_INLINE __m512i upper_halves(__m512i products) { return _mm512_srli_epi64(products, 32); }

ALWAYS_INLINE __m512i broadcast(uint32_t word) { return _mm512_set1_epi64((long long)word); }

ALWAYS_INLINE __m512i xor3(__m512i a, __m512i b, __m512i c) {
  return _mm512_ternarylogic_epi32(a, b, c, THREE_WAY_XOR);
}

/* What the words of a call share, in registers. */
typedef struct shared_vectors {
  __m512i m0;
  __m512i m1;
  __m512i c_after_1;
  __m512i a_after_2;
  __m512i c_after_2;
  __m512i d_after_2;
#if WITH_16_BIT_LANES
  __m512i last_k0;
  __m512i last_k1;
  __m512i limit;
#else
  last_round last;
#endif
} shared_vectors;

#if WITH_16_BIT_LANES

/* The order in which the unpacking of word_of_products leaves quads in theirs. */
ALWAYS_INLINE __m512i first_quads(void) { return _mm512_setr_epi64(0, 4, 1, 5, 2, 6, 3, 7); }

/*
 * Forms (word 1, word 0) and (word 3, word 2) of each quad, puts the two side by side and compares.
 *
 * product0, product1     of the last round, from words 0 and 2
 * previous0, previous1   of the round before; their lower halves are words 3 and 1
 */
ALWAYS_INLINE uint64_t word_of_products(const shared_vectors *shared, __m512i product0,
                                        __m512i product1, __m512i previous0, __m512i previous1) {
  const __m512i words10 = _mm512_mask_ternarylogic_epi32(
      _mm512_rol_epi64(product1, 32), LOWER_HALVES, previous1, shared->last_k0, THREE_WAY_XOR);
  const __m512i words32 = _mm512_mask_ternarylogic_epi32(
      _mm512_rol_epi64(product0, 32), LOWER_HALVES, previous0, shared->last_k1, THREE_WAY_XOR);
  const __mmask32 low =
      _mm512_cmplt_epu16_mask(_mm512_unpacklo_epi64(words10, words32), shared->limit);
  const __mmask32 high =
      _mm512_cmplt_epu16_mask(_mm512_unpackhi_epi64(words10, words32), shared->limit);
  return _cvtmask64_u64(_mm512_kunpackd(high, low));
}

#else

ALWAYS_INLINE __m512i first_quads(void) { return _mm512_setr_epi64(0, 1, 2, 3, 4, 5, 6, 7); }

ALWAYS_INLINE __m256i upper_part(__m512i vector) { return _mm512_extracti64x4_epi64(vector, 1); }

ALWAYS_INLINE uint64_t word_of_products(const shared_vectors *shared, __m512i product0,
                                        __m512i product1, __m512i previous0, __m512i previous1) {
  const uint32_t low = bits_of_products(
      &shared->last, _mm512_castsi512_si256(product0), _mm512_castsi512_si256(product1),
      _mm512_castsi512_si256(previous0), _mm512_castsi512_si256(previous1));
  const uint32_t high = bits_of_products(&shared->last, upper_part(product0), upper_part(product1),
                                         upper_part(previous0), upper_part(previous1));
  return (uint64_t)high << 32 | low;
}

#endif

ALWAYS_INLINE shared_vectors prepare(const expanded_key *key, uint64_t first_word) {
  const shared_rounds rounds = share_rounds(key, first_word);
  shared_vectors shared;
  shared.m0 = broadcast(JDROPOUT_PHILOX_M0);
  shared.m1 = broadcast(JDROPOUT_PHILOX_M1);
  shared.c_after_1 = broadcast(rounds.c_after_1);
  shared.a_after_2 = broadcast(rounds.a_after_2);
  shared.c_after_2 = broadcast(rounds.c_after_2);
  shared.d_after_2 = broadcast(rounds.d_after_2);
#if WITH_16_BIT_LANES
  shared.last_k0 = broadcast(key->k0[JDROPOUT_PHILOX_ROUNDS - 1]);
  shared.last_k1 = broadcast(key->k1[JDROPOUT_PHILOX_ROUNDS - 1]);
  shared.limit = _mm512_set1_epi16((short)(uint16_t)key->threshold);
#else
  shared.last = prepare_last_round(key);
#endif
  return shared;
}

/* Draws word_count words, a constant in every call so that the loops over it are unrolled. */
ALWAYS_INLINE void draw(const expanded_key *key, const shared_vectors *shared, __m512i quads,
                        uint64_t *words, const unsigned word_count) {
  __m512i a[WORDS_PER_STEP];
  __m512i c[WORDS_PER_STEP];
  __m512i previous0[WORDS_PER_STEP];
  __m512i previous1[WORDS_PER_STEP];
#pragma GCC unroll 4
  for (unsigned word = 0; word < word_count; word++) {
    previous0[word] = shared->d_after_2;
    const __m512i index = _mm512_add_epi64(quads, _mm512_set1_epi64((long long)word * 8));
    const __m512i product0 = _mm512_mul_epu32(index, shared->m0);
    previous1[word] =
        _mm512_mul_epu32(_mm512_xor_si512(upper_halves(product0), shared->c_after_1), shared->m1);
    a[word] = _mm512_xor_si512(upper_halves(previous1[word]), shared->a_after_2);
    c[word] = _mm512_xor_si512(product0, shared->c_after_2);
  }
#pragma GCC unroll 8
  for (int round = 2; round < JDROPOUT_PHILOX_ROUNDS - 1; round++) {
    /* Also into upper halves, which do not matter: a load broadcasts 32 bits by itself. */
    const __m512i k0 = _mm512_set1_epi32((int)key->k0[round]);
    const __m512i k1 = _mm512_set1_epi32((int)key->k1[round]);
#pragma GCC unroll 4
    for (unsigned word = 0; word < word_count; word++) {
      const __m512i product0 = _mm512_mul_epu32(a[word], shared->m0);
      const __m512i product1 = _mm512_mul_epu32(c[word], shared->m1);
      a[word] = xor3(upper_halves(product1), previous1[word], k0);
      c[word] = xor3(upper_halves(product0), previous0[word], k1);
      previous0[word] = product0;
      previous1[word] = product1;
    }
  }
#pragma GCC unroll 4
  for (unsigned word = 0; word < word_count; word++) {
    words[word] =
        word_of_products(shared, _mm512_mul_epu32(a[word], shared->m0),
                         _mm512_mul_epu32(c[word], shared->m1), previous0[word], previous1[word]);
  }
}

static void keep_words(const expanded_key *key, uint64_t first_word, uint64_t *words,
                       size_t word_count, prefetch ahead) {
  const shared_vectors shared = prepare(key, first_word);
  const uint64_t first_quad = first_word * 8;
  __m512i quads = _mm512_add_epi64(_mm512_set1_epi64((long long)first_quad), first_quads());
  size_t word = 0;
  for (; word + WORDS_PER_STEP <= word_count; word += WORDS_PER_STEP) {
    draw(key, &shared, quads, words + word, WORDS_PER_STEP);
    quads = _mm512_add_epi64(quads, _mm512_set1_epi64(8LL * WORDS_PER_STEP));
    for (size_t fetched = 0; fetched < WORDS_PER_STEP; fetched++) {
      fetch_ahead(ahead, word + fetched);
    }
  }
  for (; word < word_count; word++) {
    draw(key, &shared, quads, words + word, 1);
    quads = _mm512_add_epi64(quads, _mm512_set1_epi64(8));
    fetch_ahead(ahead, word);
  }
}

ALWAYS_INLINE __mmask16 mask_of_16(const uint64_t *words, size_t element) {
  return (__mmask16)(words[element >> 6] >> (element & 63u));
}

ALWAYS_INLINE void store(void *output, __m512i value, int streaming) {
  if (streaming) {
    _mm512_stream_si512(output, value);
  } else {
    _mm512_storeu_si512(output, value);
  }
}

ALWAYS_INLINE void vector_f32(const uint64_t *words, __m512 factor, const void *input, void *output,
                              size_t element, int streaming) {
  const __m512 product =
      _mm512_maskz_mul_ps(mask_of_16(words, element), _mm512_loadu_ps(input), factor);
  store(output, _mm512_castps_si512(product), streaming);
}

static void apply_f32(const uint64_t *words, float scale, const void *input, void *output,
                      size_t count, int streaming) {
  const __m512 factor = _mm512_set1_ps(scale);
  APPLY_VECTORS(vector_f32, 4)
}

ALWAYS_INLINE void vector_f64(const uint64_t *words, __m512d factor, const void *input,
                              void *output, size_t element, int streaming) {
  const __mmask8 kept = (__mmask8)(words[element >> 6] >> (element & 63u));
  const __m512d product = _mm512_maskz_mul_pd(kept, _mm512_loadu_pd(input), factor);
  store(output, _mm512_castpd_si512(product), streaming);
}

static void apply_f64(const uint64_t *words, double scale, const void *input, void *output,
                      size_t count, int streaming) {
  const __m512d factor = _mm512_set1_pd(scale);
  APPLY_VECTORS(vector_f64, 8)
}

ALWAYS_INLINE __m256i half_vector_f16(__mmask16 kept, __m512 factor, __m256i halves) {
  return _mm512_cvtps_ph(_mm512_maskz_mul_ps(kept, _mm512_cvtph_ps(halves), factor),
                         _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}

ALWAYS_INLINE void vector_f16(const uint64_t *words, __m512 factor, const void *input, void *output,
                              size_t element, int streaming) {
  const __m512i halves = _mm512_loadu_si512(input);
  const __m256i low =
      half_vector_f16(mask_of_16(words, element), factor, _mm512_castsi512_si256(halves));
  const __m256i high = half_vector_f16(mask_of_16(words, element + 16), factor,
                                       _mm512_extracti64x4_epi64(halves, 1));
  store(output, _mm512_inserti64x4(_mm512_castsi256_si512(low), high, 1), streaming);
}

static void apply_f16(const uint64_t *words, float scale, const void *input, void *output,
                      size_t count, int streaming) {
  const __m512 factor = _mm512_set1_ps(scale);
  APPLY_VECTORS(vector_f16, 2)
}

/*
 * Rounds to bfloat16 in the upper halves; lower halves are left undefined. A NaN keeps its bits,
 * whose upper half is a NaN because the multiplication has made it quiet.
 */
ALWAYS_INLINE __m512i round_to_bf16(__m512 value) {
  const __m512i bits = _mm512_castps_si512(value);
  const __m512i odd = _mm512_and_si512(_mm512_srli_epi32(bits, 16), _mm512_set1_epi32(1));
  const __mmask16 is_number = _mm512_cmp_ps_mask(value, value, _CMP_ORD_Q);
  return _mm512_mask_add_epi32(bits, is_number, _mm512_add_epi32(bits, odd),
                               _mm512_set1_epi32(0x7FFF));
}

#if WITH_16_BIT_LANES

/* A bfloat16 is the upper half of a float: two elements of a 32-bit lane are two floats. */
ALWAYS_INLINE void vector_bf16(const uint64_t *words, __m512 factor, const void *input,
                               void *output, size_t element, int streaming) {
  const __m512i pairs = _mm512_loadu_si512(input);
  const __m512i even_bits = _mm512_slli_epi32(pairs, 16);
  const __m512i odd_bits = _mm512_and_si512(pairs, _mm512_set1_epi32((int)0xFFFF0000));
  const __m512i even = round_to_bf16(_mm512_mul_ps(_mm512_castsi512_ps(even_bits), factor));
  const __m512i odd = round_to_bf16(_mm512_mul_ps(_mm512_castsi512_ps(odd_bits), factor));
  const __m512i rounded = _mm512_mask_mov_epi16(_mm512_srli_epi32(even, 16), 0xAAAAAAAAu, odd);
  const __mmask32 kept = (__mmask32)(words[element >> 6] >> (element & 63u));
  store(output, _mm512_maskz_mov_epi16(kept, rounded), streaming);
}

#else

ALWAYS_INLINE __m256i half_vector_bf16(__mmask16 kept, __m512 factor, __m256i halves) {
  const __m512i bits = _mm512_slli_epi32(_mm512_cvtepu16_epi32(halves), 16);
  const __m512 product = _mm512_maskz_mul_ps(kept, _mm512_castsi512_ps(bits), factor);
  return _mm512_cvtepi32_epi16(_mm512_srli_epi32(round_to_bf16(product), 16));
}

ALWAYS_INLINE void vector_bf16(const uint64_t *words, __m512 factor, const void *input,
                               void *output, size_t element, int streaming) {
  const __m512i halves = _mm512_loadu_si512(input);
  const __m256i low =
      half_vector_bf16(mask_of_16(words, element), factor, _mm512_castsi512_si256(halves));
  const __m256i high = half_vector_bf16(mask_of_16(words, element + 16), factor,
                                        _mm512_extracti64x4_epi64(halves, 1));
  store(output, _mm512_inserti64x4(_mm512_castsi256_si512(low), high, 1), streaming);
}

#endif

static void apply_bf16(const uint64_t *words, float scale, const void *input, void *output,
                       size_t count, int streaming) {
  const __m512 factor = _mm512_set1_ps(scale);
  APPLY_VECTORS(vector_bf16, 2)
}

static void end_streaming(void) { _mm_sfence(); }
