/*
 * AVX-512 for processors without it: the native names over SIMDe, and in AVX2 what SIMDe lacks.
 *
 * For test builds alone. SIMDe's own aliases would redeclare the types of <immintrin.h>, so every
 * name that the kernels use is mapped here; one that is not mapped does not compile.
 */
#ifndef JDROPOUT_TEST_EMULATED_AVX512_H
#define JDROPOUT_TEST_EMULATED_AVX512_H

#include <immintrin.h>
#include <stdint.h>
#include <string.h>

#include "simde/x86/avx512.h"

/* Which of the names are macros already depends on the compiler and its optimization level. */
#pragma GCC system_header

#define __m512 simde__m512
#define __m512d simde__m512d
#define __m512i simde__m512i
#define __mmask8 simde__mmask8
#define __mmask16 simde__mmask16
#define __mmask32 simde__mmask32
#define __mmask64 simde__mmask64

#define _mm512_add_epi32 simde_mm512_add_epi32
#define _mm512_add_epi64 simde_mm512_add_epi64
#define _mm512_and_si512 simde_mm512_and_si512
#define _mm512_castpd_si512 simde_mm512_castpd_si512
#define _mm512_castps_si512 simde_mm512_castps_si512
#define _mm512_castsi256_si512 simde_mm512_castsi256_si512
#define _mm512_castsi512_ps simde_mm512_castsi512_ps
#define _mm512_castsi512_si256 simde_mm512_castsi512_si256
#define _mm512_cmp_ps_mask simde_mm512_cmp_ps_mask
#define _mm512_extracti64x4_epi64 simde_mm512_extracti64x4_epi64
#define _mm512_fmadd_ps emulated_fmadd
#define _mm512_inserti64x4 simde_mm512_inserti64x4
#define _mm512_loadu_pd simde_mm512_loadu_pd
#define _mm512_loadu_ps simde_mm512_loadu_ps
#define _mm512_loadu_si512 simde_mm512_loadu_si512
#define _mm512_mask_add_epi32 simde_mm512_mask_add_epi32
#define _mm512_mask_mov_epi16 simde_mm512_mask_mov_epi16
#define _mm512_mask_ternarylogic_epi32 simde_mm512_mask_ternarylogic_epi32
#define _mm512_maskz_mov_epi16 simde_mm512_maskz_mov_epi16
#define _mm512_maskz_mov_ps simde_mm512_maskz_mov_ps
#define _mm512_maskz_mul_pd simde_mm512_maskz_mul_pd
#define _mm512_maskz_mul_ps simde_mm512_maskz_mul_ps
#define _mm512_max_ps simde_mm512_max_ps
#define _mm512_min_ps simde_mm512_min_ps
#define _mm512_mul_epu32 simde_mm512_mul_epu32
#define _mm512_mul_ps simde_mm512_mul_ps
#define _mm512_rol_epi64 simde_mm512_rol_epi64
#define _mm512_set1_epi16 simde_mm512_set1_epi16
#define _mm512_set1_epi32 simde_mm512_set1_epi32
#define _mm512_set1_epi64 simde_mm512_set1_epi64
#define _mm512_set1_pd simde_mm512_set1_pd
#define _mm512_set1_ps simde_mm512_set1_ps
#define _mm512_setr_epi64 simde_mm512_setr_epi64
#define _mm512_slli_epi32 simde_mm512_slli_epi32
#define _mm512_srli_epi32 simde_mm512_srli_epi32
#define _mm512_srli_epi64 simde_mm512_srli_epi64
#define _mm512_storeu_si512 simde_mm512_storeu_si512
#define _mm512_ternarylogic_epi32 simde_mm512_ternarylogic_epi32
#define _mm512_test_epi32_mask simde_mm512_test_epi32_mask
#define _mm512_unpackhi_epi64 simde_mm512_unpackhi_epi64
#define _mm512_unpacklo_epi64 simde_mm512_unpacklo_epi64
#define _mm512_xor_si512 simde_mm512_xor_si512

#define _mm512_cmplt_epu16_mask emulated_cmplt_epu16
#define _mm512_cvtepi32_epi16 emulated_cvtepi32_epi16
#define _mm512_cvtepu16_epi32 emulated_cvtepu16_epi32
#define _mm512_cvtph_ps emulated_cvtph_ps
#define _mm512_cvtps_ph emulated_cvtps_ph
#define _mm512_stream_si512 emulated_stream

#define _cvtmask64_u64(mask) ((uint64_t)(mask))
#define _mm512_kunpackd(high, low) ((__mmask64)(high) << 32 | (__mmask64)(low))

static inline __mmask32 emulated_cmplt_epu16(__m512i a, __m512i b) {
  uint16_t left[32];
  uint16_t right[32];
  memcpy(left, &a, sizeof left);
  memcpy(right, &b, sizeof right);
  __mmask32 is_less = 0;
  for (unsigned lane = 0; lane < 32; lane++) {
    is_less |= (__mmask32)(left[lane] < right[lane]) << lane;
  }
  return is_less;
}

static inline __m256i emulated_cvtepi32_epi16(__m512i vector) {
  uint32_t wide[16];
  uint16_t narrow[16];
  memcpy(wide, &vector, sizeof wide);
  for (unsigned lane = 0; lane < 16; lane++) {
    narrow[lane] = (uint16_t)wide[lane];
  }
  __m256i result;
  memcpy(&result, narrow, sizeof result);
  return result;
}

static inline __m512i emulated_cvtepu16_epi32(__m256i vector) {
  uint16_t narrow[16];
  uint32_t wide[16];
  memcpy(narrow, &vector, sizeof narrow);
  for (unsigned lane = 0; lane < 16; lane++) {
    wide[lane] = narrow[lane];
  }
  __m512i result;
  memcpy(&result, wide, sizeof result);
  return result;
}

static inline __m512 emulated_cvtph_ps(__m256i vector) {
  const __m256 halves[2] = {_mm256_cvtph_ps(_mm256_castsi256_si128(vector)),
                            _mm256_cvtph_ps(_mm256_extracti128_si256(vector, 1))};
  __m512 result;
  memcpy(&result, halves, sizeof result);
  return result;
}

/* SIMDe's rounds twice. */
static inline __m512 emulated_fmadd(__m512 a, __m512 b, __m512 c) {
  __m256 factors[2];
  __m256 others[2];
  __m256 sums[2];
  memcpy(factors, &a, sizeof factors);
  memcpy(others, &b, sizeof others);
  memcpy(sums, &c, sizeof sums);
  for (unsigned half = 0; half < 2; half++) {
    sums[half] = _mm256_fmadd_ps(factors[half], others[half], sums[half]);
  }
  __m512 result;
  memcpy(&result, sums, sizeof result);
  return result;
}

/* The rounding is an immediate of the instruction, so only the kernels' own is supplied. */
static inline __m256i emulated_cvtps_ph(__m512 vector, int rounding) {
  if (rounding != (_MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC)) {
    __builtin_trap();
  }
  __m256 halves[2];
  memcpy(halves, &vector, sizeof halves);
  const __m128i low = _mm256_cvtps_ph(halves[0], _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  const __m128i high = _mm256_cvtps_ph(halves[1], _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  return _mm256_set_m128i(high, low);
}

/* Traps, as the instruction does, where the address is not aligned. */
static inline void emulated_stream(void *output, __m512i vector) {
  if ((uintptr_t)output % sizeof vector != 0) {
    __builtin_trap();
  }
  memcpy(output, &vector, sizeof vector);
}

#endif
