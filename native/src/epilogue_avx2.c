/* The epilogues with AVX2 and F16C. */
#include <immintrin.h>

#include "kernels.h"

#define VECTOR_BYTES 32
#include "vectors.h"

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

#include "epilogue_vectors.h"

const epilogue_kernels epilogues_avx2 = EPILOGUE_KERNELS;
