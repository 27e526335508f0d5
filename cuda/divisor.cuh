/*
 * Division by a number that is the same for all threads: a multiplication and a shift instead of the
 * hundred instructions of a 64-bit division. Source: Granlund, Montgomery, "Division by invariant
 * integers using multiplication", PLDI 1994, for dividends below 2^63.
 */
#pragma once

#include "arguments.cuh"

namespace jdropout {

struct Division {
  uint64_t quotient;
  uint64_t remainder;
};

/* Divides a number below 2^63. */
__device__ __forceinline__ Division divide(uint64_t dividend, const Divisor &divisor) {
  if (divisor.value == 1) {
    return Division{dividend, 0};
  }
  const int shift = 63 - __clzll(static_cast<long long>(divisor.value - 1));
  const uint64_t quotient = __umul64hi(dividend, divisor.magic) >> shift;
  return Division{quotient, dividend - quotient * divisor.value};
}

}  // namespace jdropout
