/* The part of NVIDIA's header of this name that converts; no arithmetic in binary16. */
#ifndef KERNELS_ON_HOST_CUDA_FP16_H
#define KERNELS_ON_HOST_CUDA_FP16_H

#include "cuda_on_host.h"

struct alignas(2) __half {
  uint16_t __x;
};
typedef __half half;

struct alignas(4) __half2 {
  __half x, y;
};
typedef __half2 half2;

inline __half __ushort_as_half(unsigned short bits) { return __half{bits}; }
inline unsigned short __half_as_ushort(__half value) { return value.__x; }
inline __half __short_as_half(short bits) { return __half{(uint16_t)bits}; }
inline short __half_as_short(__half value) { return (short)value.__x; }

/* Every NaN becomes the one that NVIDIA's conversion gives, 0x7FFFFFFF. */
inline float __half2float(__half value) {
  const uint32_t sign = (uint32_t)(value.__x & 0x8000u) << 16;
  const uint32_t magnitude = value.__x & 0x7FFFu;
  if (magnitude > 0x7C00u) {
    return __uint_as_float(0x7FFFFFFFu);
  }
  if (magnitude == 0x7C00u) {
    return __uint_as_float(sign | 0x7F800000u);
  }
  if (magnitude < 0x0400u) {
    const float subnormal = (float)magnitude * 0x1p-24f;
    return __uint_as_float(sign | __float_as_uint(subnormal));
  }
  return __uint_as_float(sign | ((magnitude << 13) + 0x38000000u));
}

namespace kernels_on_host {

/*
 * Rounds to nearest even. Works on the bits of a binary64, which holds every binary32 exactly, so
 * that one definition serves both.
 */
inline __half to_half(double value) {
  const uint64_t bits = bit_cast<uint64_t>(value);
  const uint16_t sign = (uint16_t)(bits >> 48 & 0x8000u);
  const uint64_t magnitude = bits & 0x7FFFFFFFFFFFFFFFu;
  if (magnitude > 0x7FF0000000000000u) {
    return __half{0x7FFFu};
  }
  const int exponent = (int)(magnitude >> 52) - 1023;
  if (exponent > 15) {
    return __half{(uint16_t)(sign | 0x7C00u)};
  }
  if (exponent < -25) {
    return __half{sign};
  }
  const uint64_t significand = (magnitude & 0xFFFFFFFFFFFFFu) | 0x10000000000000u;
  /* Below 2^-14 the unit in the last place stays 2^-24. */
  const int shift = exponent < -14 ? 42 + (-14 - exponent) : 42;
  uint64_t rounded = significand >> shift;
  const uint64_t rest = significand & (((uint64_t)1 << shift) - 1);
  const uint64_t tie = (uint64_t)1 << (shift - 1);
  if (rest > tie || (rest == tie && (rounded & 1u) != 0)) {
    rounded++;
  }
  /* The carry of the rounding goes into the exponent, and from the largest number to infinity. */
  if (exponent >= -14) {
    rounded += (uint64_t)(exponent + 14) << 10;
  }
  return __half{(uint16_t)(sign | rounded)};
}

}  // namespace kernels_on_host

inline __half __float2half_rn(float value) { return kernels_on_host::to_half((double)value); }
inline __half __float2half(float value) { return __float2half_rn(value); }
inline __half __double2half(double value) { return kernels_on_host::to_half(value); }

inline __half __low2half(__half2 pair) { return pair.x; }
inline __half __high2half(__half2 pair) { return pair.y; }
inline float __low2float(__half2 pair) { return __half2float(pair.x); }
inline float __high2float(__half2 pair) { return __half2float(pair.y); }
inline __half2 __halves2half2(__half low, __half high) { return __half2{low, high}; }
inline __half2 make_half2(__half low, __half high) { return __half2{low, high}; }
inline __half2 __floats2half2_rn(float low, float high) {
  return __half2{__float2half_rn(low), __float2half_rn(high)};
}
inline __half2 __float22half2_rn(float2 pair) { return __floats2half2_rn(pair.x, pair.y); }
inline float2 __half22float2(__half2 pair) {
  return make_float2(__half2float(pair.x), __half2float(pair.y));
}

#endif
