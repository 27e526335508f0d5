/* The epilogues on vectors of 128 bits: SSE2 on x86-64, NEON on AArch64. */
#include "kernels.h"

#define VECTOR_BYTES 16
#include "vectors.h"

#if defined(__ARM_FEATURE_FMA)
#include <arm_neon.h>
/* Of 32 registers. */
#define VECTORS_AT_ONCE 4u
#else
#include "fused_in_binary64.h"
/* The emulation of one fills the registers. */
#define VECTORS_AT_ONCE 1u
#endif

/* See dropout_portable.c, whose functions on one number these are. */
ALWAYS_INLINE reals widen_f16(halves elements) {
  const naturals half = __builtin_convertvector(elements, naturals);
  const naturals magnitude = half & 0x7FFFu;
  const naturals sign = (half & 0x8000u) << 16;
  const naturals scaled = (naturals)((reals)(magnitude << 13) * 0x1p112f);
  const naturals special = (naturals)(magnitude >= 0x7C00u) & 0x7F800000u;
  return (reals)(scaled | special | sign);
}

ALWAYS_INLINE naturals chosen(naturals mask, naturals value, naturals other) {
  return (mask & value) | (~mask & other);
}

ALWAYS_INLINE halves narrow_f16(reals values) {
  const uint32_t smallest = 113u << 23;
  const naturals bits = (naturals)values;
  const naturals magnitude = bits & 0x7FFFFFFFu;
  const naturals sign = bits >> 16 & 0x8000u;
  const naturals exponent = magnitude & 0x7F800000u;
  const naturals smallest_vector = (naturals){0} + smallest;
  const naturals clamped = chosen((naturals)(exponent < smallest), smallest_vector, exponent);
  const naturals is_in_range = (naturals)(magnitude < 0x47800000u);
  const naturals carrier = chosen(is_in_range, clamped + (13u << 23), smallest_vector);
  const naturals sum = (naturals)((reals)(magnitude & is_in_range) + (reals)carrier);
  const naturals rounded = sum - carrier + ((clamped - smallest) >> 13);
  const naturals is_nan = (naturals)(magnitude > 0x7F800000u);
  const naturals infinite_or_nan = 0x7C00u | (is_nan & (0x200u | (magnitude >> 13 & 0x3FFu)));
  const naturals result = chosen(is_in_range, rounded, infinite_or_nan) | sign;
  return __builtin_convertvector(result, halves);
}

ALWAYS_INLINE uint32_t bits_of_mask(integers mask) {
  const naturals bits = (naturals)mask & (naturals){1, 2, 4, 8};
  return (bits[0] | bits[1]) | (bits[2] | bits[3]);
}

/* Nothing portable writes past the cache. */
ALWAYS_INLINE void stream_reals(void *to, reals values) { memcpy(to, &values, sizeof values); }

ALWAYS_INLINE void stream_halves(void *to, halves elements) {
  memcpy(to, &elements, sizeof elements);
}

#if defined(__ARM_FEATURE_FMA)
ALWAYS_INLINE reals fused(reals a, reals b, reals c) {
  return (reals)vfmaq_f32((float32x4_t)c, (float32x4_t)a, (float32x4_t)b);
}
#else
ALWAYS_INLINE reals fused(reals a, reals b, reals c) { return fused_in_binary64(a, b, c); }
#endif

ALWAYS_INLINE reals where_negative(reals x, reals value, reals other) {
  return choose((integers)x < 0, value, other);
}

ALWAYS_INLINE reals at_most(reals limit, reals x) { return choose(limit < x, limit, x); }

ALWAYS_INLINE reals at_least(reals limit, reals x) { return choose(limit > x, limit, x); }

ALWAYS_INLINE reals kept_lanes(reals values, uint32_t bits, unsigned first) {
  const naturals bit = {1, 2, 4, 8};
  return (reals)((naturals)values & (naturals)((bit & (bits >> first)) == bit));
}

#include "epilogue_vectors.h"

const epilogue_kernels epilogues_portable = EPILOGUE_KERNELS;
