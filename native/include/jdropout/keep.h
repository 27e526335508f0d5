/*
 * Which elements are kept, and the factor of those that are.
 *
 * An element's 16-bit lane is compared with an integer threshold T; the factor is computed from T,
 * not from p, so that the expected value of the output is the input, up to one rounding.
 *
 * Compiles as C11, C++ and CUDA. Needs the floating-point environment of the C standard's default:
 * rounding to nearest, no flushing of subnormal numbers.
 */
#ifndef JDROPOUT_KEEP_H
#define JDROPOUT_KEEP_H

#include "jdropout/philox4x32.h"

/* The number of values of a lane; the threshold that keeps everything. */
#define JDROPOUT_KEEP_ALL 65536u

/* The threshold that keeps nothing. */
#define JDROPOUT_KEEP_NONE 0u

/*
 * Returns the threshold T in [0, 65536] for a probability p in [0, 1] of dropping.
 *
 * Only p == 0 keeps everything and only p == 1 drops everything; every other p gives
 * (1 - p) * 65536, rounded to nearest even and clamped to [1, 65535].
 */
JDROPOUT_FUNCTION uint32_t jdropout_threshold(double p) {
  if (p == 0.0) {
    return JDROPOUT_KEEP_ALL;
  }
  if (p == 1.0) {
    return JDROPOUT_KEEP_NONE;
  }
  const double exact = (1.0 - p) * 65536.0;
  uint32_t threshold = (uint32_t)exact;
  const double rest = exact - (double)threshold;
  if (rest > 0.5 || (rest == 0.5 && (threshold & 1u) != 0)) {
    threshold++;
  }
  if (threshold < 1u) {
    return 1u;
  }
  return threshold > JDROPOUT_KEEP_ALL - 1u ? JDROPOUT_KEEP_ALL - 1u : threshold;
}

/* Returns 65536 / T rounded to binary64, or 0 for T == 0, where nothing is kept. */
JDROPOUT_FUNCTION double jdropout_training_scale_f64(uint32_t threshold) {
  return threshold == JDROPOUT_KEEP_NONE ? 0.0 : 65536.0 / (double)threshold;
}

/* Returns 65536 / T rounded once to binary32, or 0 for T == 0. */
JDROPOUT_FUNCTION float jdropout_training_scale_f32(uint32_t threshold) {
  return threshold == JDROPOUT_KEEP_NONE ? 0.0f : 65536.0f / (float)threshold;
}

/* Returns the 16-bit lane of an element, given the quad of element / 8. */
JDROPOUT_FUNCTION uint32_t jdropout_lane(jdropout_quad quad, uint64_t element) {
  return (quad.word[(element & 7u) >> 1] >> (16u * (uint32_t)(element & 1u))) & 0xFFFFu;
}

/* Returns 1 if the element is kept, else 0. */
JDROPOUT_FUNCTION int jdropout_keeps(uint64_t seed, uint64_t stream, uint64_t element,
                                     uint32_t threshold) {
  return jdropout_lane(jdropout_philox4x32(seed, stream, element >> 3), element) < threshold;
}

#endif
