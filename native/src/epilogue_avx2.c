/* The epilogues with AVX2, FMA and F16C. */
#include <immintrin.h>

#include "kernels.h"

#define VECTOR_BYTES 32
#include "vectors.h"

/* More do not fit the registers. */
#define VECTORS_AT_ONCE 4u

ALWAYS_INLINE reals widen_f16(halves elements) { return _mm256_cvtph_ps((__m128i)elements); }

ALWAYS_INLINE halves narrow_f16(reals values) {
  return (halves)_mm256_cvtps_ph(values, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}

ALWAYS_INLINE uint32_t bits_of_mask(integers mask) {
  return (uint32_t)_mm256_movemask_ps((__m256)mask);
}

ALWAYS_INLINE void stream_reals(void *to, reals values) { _mm256_stream_ps(to, values); }

ALWAYS_INLINE void stream_halves(void *to, halves elements) {
  _mm_stream_si128(to, (__m128i)elements);
}

ALWAYS_INLINE reals fused(reals a, reals b, reals c) { return _mm256_fmadd_ps(a, b, c); }

ALWAYS_INLINE reals where_negative(reals x, reals value, reals other) {
  return _mm256_blendv_ps(other, value, x);
}

ALWAYS_INLINE reals at_most(reals limit, reals x) { return _mm256_min_ps(limit, x); }

ALWAYS_INLINE reals at_least(reals limit, reals x) { return _mm256_max_ps(limit, x); }

ALWAYS_INLINE reals kept_lanes(reals values, uint32_t bits, unsigned first) {
  const integers last = {31, 30, 29, 28, 27, 26, 25, 24};
  const __m256i signs =
      _mm256_sllv_epi32(_mm256_set1_epi32((int)bits), (__m256i)(last - (int)first));
  return _mm256_blendv_ps(_mm256_setzero_ps(), values, (__m256)signs);
}

#include "epilogue_vectors.h"

const epilogue_kernels epilogues_avx2 = EPILOGUE_KERNELS;
