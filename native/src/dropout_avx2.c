/* AVX2 and F16C: four quads in a vector of 256 bits. */
#include <immintrin.h>

#include "avx2_bits.h"
#include "kernels.h"
#include "philox_vector.h"
#include "whole_vectors.h"

#define VECTOR_BYTES 32u

static inline __m256i upper_halves(__m256i products) { return _mm256_srli_epi64(products, 32); }

static inline __m256i broadcast(uint32_t word) { return _mm256_set1_epi64x((long long)word); }

/*
 * One word an iteration, from two vectors: the processor overlaps the chains of neighbouring
 * iterations by itself, and the state of two fits the sixteen registers.
 */
static void keep_words(const expanded_key *key, uint64_t first_word, uint64_t *words,
                       size_t word_count, prefetch ahead) {
  const shared_rounds shared = share_rounds(key, first_word);
  const __m256i m0 = broadcast(JDROPOUT_PHILOX_M0);
  const __m256i m1 = broadcast(JDROPOUT_PHILOX_M1);
  const __m256i c_after_1 = broadcast(shared.c_after_1);
  const __m256i a_after_2 = broadcast(shared.a_after_2);
  const __m256i c_after_2 = broadcast(shared.c_after_2);
  const __m256i d_after_2 = broadcast(shared.d_after_2);
  const last_round last = prepare_last_round(key);
  const uint64_t first_quad = first_word * 8;
  __m256i quads =
      _mm256_add_epi64(_mm256_set1_epi64x((long long)first_quad), _mm256_setr_epi64x(0, 1, 2, 3));
  for (size_t word = 0; word < word_count; word++) {
    __m256i a[2];
    __m256i c[2];
    __m256i previous0[2];
    __m256i previous1[2];
    for (int group = 0; group < 2; group++) {
      previous0[group] = d_after_2;
      const __m256i product0 = _mm256_mul_epu32(quads, m0);
      previous1[group] = _mm256_mul_epu32(_mm256_xor_si256(upper_halves(product0), c_after_1), m1);
      a[group] = _mm256_xor_si256(upper_halves(previous1[group]), a_after_2);
      c[group] = _mm256_xor_si256(product0, c_after_2);
      quads = _mm256_add_epi64(quads, _mm256_set1_epi64x(4));
    }
#pragma GCC unroll 8
    for (int round = 2; round < JDROPOUT_PHILOX_ROUNDS - 1; round++) {
      const __m256i k0 = _mm256_set1_epi32((int)key->k0[round]);
      const __m256i k1 = _mm256_set1_epi32((int)key->k1[round]);
#pragma GCC unroll 2
      for (int group = 0; group < 2; group++) {
        const __m256i product0 = _mm256_mul_epu32(a[group], m0);
        const __m256i product1 = _mm256_mul_epu32(c[group], m1);
        a[group] = _mm256_xor_si256(upper_halves(product1), _mm256_xor_si256(previous1[group], k0));
        c[group] = _mm256_xor_si256(upper_halves(product0), _mm256_xor_si256(previous0[group], k1));
        previous0[group] = product0;
        previous1[group] = product1;
      }
    }
    uint32_t bits[2];
    for (int group = 0; group < 2; group++) {
      bits[group] =
          bits_of_products(&last, _mm256_mul_epu32(a[group], m0), _mm256_mul_epu32(c[group], m1),
                           previous0[group], previous1[group]);
    }
    words[word] = bits[0] | (uint64_t)bits[1] << 32;
    fetch_ahead(ahead, word);
  }
}

/* Eight 32-bit masks from bits `from` to `from + 7` of a word's half. */
static inline __m256i masks_of_bits(uint32_t half_word, int from) {
  const __m256i bit =
      _mm256_sllv_epi32(_mm256_set1_epi32(1 << from), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
  return _mm256_cmpeq_epi32(_mm256_and_si256(_mm256_set1_epi32((int)half_word), bit), bit);
}

static inline uint32_t half_word_of(const uint64_t *words, size_t element) {
  return (uint32_t)(words[element >> 6] >> (element & 32u));
}

static inline void store(void *output, __m256i value, int streaming) {
  if (streaming) {
    _mm256_stream_si256(output, value);
  } else {
    _mm256_storeu_si256(output, value);
  }
}

static inline void vector_f32(const uint64_t *words, __m256 factor, const void *input, void *output,
                              size_t element, int streaming) {
  const uint32_t bits = half_word_of(words, element) >> (element & 31u);
  const __m256 product = _mm256_mul_ps(_mm256_loadu_ps(input), factor);
  store(output, _mm256_and_si256(_mm256_castps_si256(product), masks_of_bits(bits, 0)), streaming);
}

static void apply_f32(const uint64_t *words, float scale, const void *input, void *output,
                      size_t count, int streaming) {
  const __m256 factor = _mm256_set1_ps(scale);
  const unsigned char *source = input;
  unsigned char *target = output;
  size_t at = 0;
  for (; at + 32 <= count; at += 32) {
    const uint32_t bits = half_word_of(words, at);
#pragma GCC unroll 4
    for (int from = 0; from < 32; from += 8) {
      const size_t offset = (at + (size_t)from) * 4;
      const __m256 product =
          _mm256_mul_ps(_mm256_loadu_ps((const void *)(source + offset)), factor);
      store(target + offset,
            _mm256_and_si256(_mm256_castps_si256(product), masks_of_bits(bits, from)), streaming);
    }
  }
  for (; at + 8 <= count; at += 8) {
    vector_f32(words, factor, source + at * 4, target + at * 4, at, 0);
  }
  APPLY_TAIL(vector_f32, 4)
}

static inline void vector_f64(const uint64_t *words, __m256d factor, const void *input,
                              void *output, size_t element, int streaming) {
  const __m256i bit = _mm256_setr_epi64x(1, 2, 4, 8);
  const __m256i bits = _mm256_set1_epi64x((long long)(words[element >> 6] >> (element & 63u)));
  const __m256d product = _mm256_mul_pd(_mm256_loadu_pd(input), factor);
  store(output,
        _mm256_and_si256(_mm256_castpd_si256(product),
                         _mm256_cmpeq_epi64(_mm256_and_si256(bits, bit), bit)),
        streaming);
}

static void apply_f64(const uint64_t *words, double scale, const void *input, void *output,
                      size_t count, int streaming) {
  const __m256d factor = _mm256_set1_pd(scale);
  APPLY_VECTORS(vector_f64, 8)
}

/* Sixteen 16-bit masks of the elements from a multiple of 16. */
static inline __m256i masks_of_16(const uint64_t *words, size_t element) {
  const __m256i bit = _mm256_setr_epi16(1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096,
                                        8192, 16384, (short)-32768);
  const uint16_t bits = (uint16_t)(words[element >> 6] >> (element & 63u));
  return _mm256_cmpeq_epi16(_mm256_and_si256(_mm256_set1_epi16((short)bits), bit), bit);
}

static inline void vector_f16(const uint64_t *words, __m256 factor, const void *input, void *output,
                              size_t element, int streaming) {
  const __m256i halves = _mm256_loadu_si256(input);
  const __m128i low =
      _mm256_cvtps_ph(_mm256_mul_ps(_mm256_cvtph_ps(_mm256_castsi256_si128(halves)), factor),
                      _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  const __m128i high =
      _mm256_cvtps_ph(_mm256_mul_ps(_mm256_cvtph_ps(_mm256_extracti128_si256(halves, 1)), factor),
                      _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  store(output, _mm256_and_si256(_mm256_set_m128i(high, low), masks_of_16(words, element)),
        streaming);
}

/*
 * Rounds to bfloat16 in the upper halves; lower halves are left undefined. A NaN keeps its bits,
 * whose upper half is a NaN because the multiplication has made it quiet.
 */
static inline __m256i round_to_bf16(__m256 value) {
  const __m256i bits = _mm256_castps_si256(value);
  const __m256i odd = _mm256_and_si256(_mm256_srli_epi32(bits, 16), _mm256_set1_epi32(1));
  const __m256i increment = _mm256_add_epi32(odd, _mm256_set1_epi32(0x7FFF));
  const __m256i is_nan = _mm256_castps_si256(_mm256_cmp_ps(value, value, _CMP_UNORD_Q));
  return _mm256_add_epi32(bits, _mm256_andnot_si256(is_nan, increment));
}

/* A bfloat16 is the upper half of a float: two elements of a 32-bit lane are two floats. */
static inline void vector_bf16(const uint64_t *words, __m256 factor, const void *input,
                               void *output, size_t element, int streaming) {
  const __m256i pairs = _mm256_loadu_si256(input);
  const __m256i even_bits = _mm256_slli_epi32(pairs, 16);
  const __m256i odd_bits = _mm256_and_si256(pairs, _mm256_set1_epi32((int)0xFFFF0000));
  const __m256i even = round_to_bf16(_mm256_mul_ps(_mm256_castsi256_ps(even_bits), factor));
  const __m256i odd = round_to_bf16(_mm256_mul_ps(_mm256_castsi256_ps(odd_bits), factor));
  const __m256i rounded = _mm256_blend_epi16(_mm256_srli_epi32(even, 16), odd, 0xAA);
  store(output, _mm256_and_si256(rounded, masks_of_16(words, element)), streaming);
}

static void apply_f16(const uint64_t *words, float scale, const void *input, void *output,
                      size_t count, int streaming) {
  const __m256 factor = _mm256_set1_ps(scale);
  APPLY_VECTORS(vector_f16, 2)
}

static void apply_bf16(const uint64_t *words, float scale, const void *input, void *output,
                       size_t count, int streaming) {
  const __m256 factor = _mm256_set1_ps(scale);
  APPLY_VECTORS(vector_bf16, 2)
}

static void end_streaming(void) { _mm_sfence(); }

const kernel_set kernels_avx2 = {"avx2",    keep_words, apply_f32,     apply_f64,
                                 apply_f16, apply_bf16, end_streaming, &epilogues_avx2};
