/*
 * The fused multiply-add of four binary32 numbers for processors without one, in binary64.
 *
 * There the product is exact, and the sum is rounded to odd: of the two numbers beside the exact one,
 * that whose last bit is 1. Rounded again, to binary32, it gives what one rounding gives (Boldo and
 * Melquiond, "Emulation of FMA and correctly rounded sums: proved algorithms using rounding to odd",
 * IEEE Transactions on Computers, 2008).
 */
#ifndef JDROPOUT_FUSED_IN_BINARY64_H
#define JDROPOUT_FUSED_IN_BINARY64_H

#include <stdint.h>

#include "vectors.h"

typedef float real_pair __attribute__((vector_size(8)));
typedef double double_pair __attribute__((vector_size(16)));
typedef int64_t long_pair __attribute__((vector_size(16)));

/* Returns a + b, rounded to odd; infinities and NaN as ever. */
ALWAYS_INLINE double_pair sum_to_odd(double_pair a, double_pair b) {
  const double_pair sum = a + b;
  /* What the sum lacks, exactly (Knuth); NaN where it is not finite. */
  const double_pair part = sum - a;
  const double_pair error = (a - (sum - part)) + (b - part);
  const long_pair is_above = error > 0.0;
  const long_pair is_inexact = is_above | (error < 0.0);
  const long_pair is_even = ((long_pair)sum & 1) - 1;
  /* Away from zero where the error has the sum's sign, else towards it. */
  const long_pair step = 1 + 2 * (is_above ^ (sum > 0.0));
  return (double_pair)((long_pair)sum + (step & is_inexact & is_even));
}

ALWAYS_INLINE real_pair fused_pair(real_pair a, real_pair b, real_pair c) {
  const double_pair product =
      __builtin_convertvector(a, double_pair) * __builtin_convertvector(b, double_pair);
  return __builtin_convertvector(sum_to_odd(product, __builtin_convertvector(c, double_pair)),
                                 real_pair);
}

ALWAYS_INLINE reals fused_in_binary64(reals a, reals b, reals c) {
  const real_pair low =
      fused_pair((real_pair){a[0], a[1]}, (real_pair){b[0], b[1]}, (real_pair){c[0], c[1]});
  const real_pair high =
      fused_pair((real_pair){a[2], a[3]}, (real_pair){b[2], b[3]}, (real_pair){c[2], c[3]});
  return (reals){low[0], low[1], high[0], high[1]};
}

#endif
