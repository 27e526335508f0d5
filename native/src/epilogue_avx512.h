/* The epilogues with AVX-512F, which is all that they need. Vectors change their names bit by bit,
 * since those of the emulation are not the compiler's. */
#include "intrinsics_avx512.h"
#include "kernels.h"

#define VECTOR_BYTES 64
#include "vectors.h"

/* Elements of half a word, as with AVX2. */
#define VECTORS_AT_ONCE 2u

ALWAYS_INLINE reals widen_f16(halves elements) {
  const __m512 widened = _mm512_cvtph_ps((__m256i)elements);
  return load_reals(&widened);
}

ALWAYS_INLINE halves narrow_f16(reals values) {
  return (halves)_mm512_cvtps_ph(_mm512_loadu_ps(&values),
                                 _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}

ALWAYS_INLINE uint32_t bits_of_mask(integers mask) {
  const __m512i lanes = _mm512_loadu_si512(&mask);
  return _mm512_test_epi32_mask(lanes, lanes);
}

ALWAYS_INLINE void stream_reals(void *to, reals values) {
  _mm512_stream_si512(to, _mm512_loadu_si512(&values));
}

ALWAYS_INLINE void stream_halves(void *to, halves elements) {
  _mm256_stream_si256(to, (__m256i)elements);
}

ALWAYS_INLINE reals fused(reals a, reals b, reals c) {
  const __m512 sum = _mm512_fmadd_ps(_mm512_loadu_ps(&a), _mm512_loadu_ps(&b), _mm512_loadu_ps(&c));
  return load_reals(&sum);
}

ALWAYS_INLINE reals where_negative(reals x, reals value, reals other) {
  return choose((integers)x < 0, value, other);
}

ALWAYS_INLINE reals at_most(reals limit, reals x) {
  const __m512 result = _mm512_min_ps(_mm512_loadu_ps(&limit), _mm512_loadu_ps(&x));
  return load_reals(&result);
}

ALWAYS_INLINE reals at_least(reals limit, reals x) {
  const __m512 result = _mm512_max_ps(_mm512_loadu_ps(&limit), _mm512_loadu_ps(&x));
  return load_reals(&result);
}

ALWAYS_INLINE reals kept_lanes(reals values, uint32_t bits, unsigned first) {
  const __m512 kept = _mm512_maskz_mov_ps((__mmask16)(bits >> first), _mm512_loadu_ps(&values));
  return load_reals(&kept);
}

#include "epilogue_vectors.h"
