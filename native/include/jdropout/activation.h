/*
 * Activations and their derivatives, for layers that end in dropout.
 *
 * Every operation is one of IEEE 754 binary32, rounded to nearest even: additions, multiplications,
 * reciprocals, comparisons, and operations on bits. So the results have the same bits wherever this
 * is followed, provided that nothing is contracted or flushed. docs/contract.md restates it.
 *
 * 1 + erf and 1 + tanh cancel where they are small, so neither function is computed as such: GELU
 * uses the normal distribution, (1 + erf(x / sqrt 2)) / 2, and its tanh form the logistic function,
 * (1 + tanh(v / 2)) / 2.
 *
 * Compiles as C11, C++ and CUDA, on one number at a time. A file that defines JDROPOUT_REAL and its
 * companions before the first inclusion gets the same on vectors.
 */
#ifndef JDROPOUT_ACTIVATION_H
#define JDROPOUT_ACTIVATION_H

#include <stdint.h>
#include <string.h>

#include "jdropout/philox4x32.h"

#ifndef JDROPOUT_REAL

/* What is computed on, and the signed integers of the same width. */
#define JDROPOUT_REAL float
#define JDROPOUT_INTEGER int32_t

#define JDROPOUT_CONSTANT(number) (number)

/* The value where the comparison holds, else the other; both have been computed. */
#define JDROPOUT_CHOOSE(comparison, value, other) ((comparison) ? (value) : (other))

#define JDROPOUT_BITS(real) jdropout_bits_of_float(real)
#define JDROPOUT_FROM_BITS(integer) jdropout_float_of_bits(integer)

/* Bits that leave the integer are lost. */
#define JDROPOUT_SHIFT_LEFT(integer, distance) ((int32_t)((uint32_t)(integer) << (distance)))

JDROPOUT_FUNCTION int32_t jdropout_bits_of_float(float value) {
  int32_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

JDROPOUT_FUNCTION float jdropout_float_of_bits(int32_t bits) {
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

#endif

JDROPOUT_FUNCTION JDROPOUT_REAL jdropout_absolute(JDROPOUT_REAL x) {
  return JDROPOUT_FROM_BITS(JDROPOUT_BITS(x) & 0x7FFFFFFF);
}

/* Returns x or the limit, whichever is smaller; NaN stays NaN. */
JDROPOUT_FUNCTION JDROPOUT_REAL jdropout_at_most(JDROPOUT_REAL x, float limit) {
  return JDROPOUT_CHOOSE(x > limit, JDROPOUT_CONSTANT(limit), x);
}

/* exp(x) = exp(rest) * 2^exponent. */
typedef struct jdropout_reduced {
  JDROPOUT_REAL rest;
  JDROPOUT_INTEGER exponent;
} jdropout_reduced;

/*
 * Reduces x in [-128, 0] to a rest of about ln 2 / 2 at most. Adding 1.5 * 2^23 rounds to an integer
 * and leaves it in the lowest bits; ln 2 is subtracted in two parts, so that the first product is
 * exact. The exponent of a NaN is any.
 */
JDROPOUT_FUNCTION jdropout_reduced jdropout_reduce(JDROPOUT_REAL x) {
  const JDROPOUT_REAL shifted = x * 0x1.715476p+0f + 0x1.8p+23f;
  const JDROPOUT_REAL n = shifted - 0x1.8p+23f;
  jdropout_reduced reduced;
  reduced.rest = (x - n * 0x1.63p-1f) - n * -0x1.bd0106p-13f;
  reduced.exponent = JDROPOUT_BITS(shifted) - 0x4B400000;
  return reduced;
}

/*
 * Returns exp of what was reduced: a polynomial, minimax in the relative error, times the power of
 * two, in two steps because that may be below the smallest number.
 */
JDROPOUT_FUNCTION JDROPOUT_REAL jdropout_exp_of(jdropout_reduced reduced) {
  const JDROPOUT_REAL r = reduced.rest;
  JDROPOUT_REAL q = r * 0x1.6a23bcp-10f + 0x1.123a1ep-7f;
  q = q * r + 0x1.5558f4p-5f;
  q = q * r + 0x1.555492p-3f;
  q = q * r + 0x1.fffffcp-2f;
  const JDROPOUT_REAL power = (q * (r * r) + r) + 1.0f;
  const JDROPOUT_INTEGER half = reduced.exponent >> 1;
  const JDROPOUT_INTEGER other_half = reduced.exponent - half;
  return (power * JDROPOUT_FROM_BITS(JDROPOUT_SHIFT_LEFT(half + 127, 23))) *
         JDROPOUT_FROM_BITS(JDROPOUT_SHIFT_LEFT(other_half + 127, 23));
}

/* 1 / (1 + exp(-v)), and the same of -v. */
typedef struct jdropout_logistic {
  JDROPOUT_REAL value;
  JDROPOUT_REAL complement;
} jdropout_logistic;

JDROPOUT_FUNCTION jdropout_logistic jdropout_logistic_of(JDROPOUT_REAL v) {
  const JDROPOUT_REAL size = jdropout_at_most(jdropout_absolute(v), 128.0f);
  const JDROPOUT_REAL power = jdropout_exp_of(jdropout_reduce(-size));
  const JDROPOUT_REAL larger = 1.0f / (1.0f + power);
  const JDROPOUT_REAL smaller = power * larger;
  jdropout_logistic logistic;
  logistic.value = JDROPOUT_CHOOSE(v < 0.0f, smaller, larger);
  logistic.complement = JDROPOUT_CHOOSE(v < 0.0f, larger, smaller);
  return logistic;
}

/* The normal distribution at x, and exp(-x * x / 2). */
typedef struct jdropout_normal {
  JDROPOUT_REAL value;
  JDROPOUT_REAL power;
} jdropout_normal;

/*
 * With a = |x|, the distribution at -a is exp(-a * a / 2) * t * tail(t) for t = 1 / (1 + 0.3 a):
 * Abramowitz and Stegun's form (26.2.17), with a longer polynomial, minimax in the relative error
 * up to a = 16. a * a is taken in two parts, the first exact, since exp turns an absolute error of
 * its argument into a relative one.
 */
JDROPOUT_FUNCTION jdropout_normal jdropout_normal_of(JDROPOUT_REAL x) {
  const JDROPOUT_REAL a = jdropout_at_most(jdropout_absolute(x), 16.0f);
  const JDROPOUT_REAL upper = JDROPOUT_FROM_BITS(JDROPOUT_BITS(a) & -4096);
  jdropout_reduced reduced = jdropout_reduce((upper * upper) * -0.5f);
  reduced.rest = reduced.rest + ((a - upper) * (a + upper)) * -0.5f;
  const JDROPOUT_REAL power = jdropout_exp_of(reduced);
  const JDROPOUT_REAL t = 1.0f / (a * 0x1.333334p-2f + 1.0f);
  JDROPOUT_REAL q = t * -0x1.5200cp-6f + 0x1.ccb01ap-4f;
  q = q * t - 0x1.d390f4p-3f;
  q = q * t + 0x1.8907e6p-3f;
  q = q * t - 0x1.45c344p-4f;
  q = q * t + 0x1.8a1b86p-4f;
  q = q * t + 0x1.40fe68p-4f;
  q = q * t + 0x1.c38b6cp-4f;
  q = q * t + 0x1.e9c37cp-4f;
  q = q * t + 0x1.ea3ca2p-4f;
  const JDROPOUT_REAL tail = (q * t) * power;
  jdropout_normal normal;
  normal.value = JDROPOUT_CHOOSE(x < 0.0f, tail, 1.0f - tail);
  normal.power = power;
  return normal;
}

/* Where the derivatives below are 0 or 1 they stay so; products of 0 and infinity do not arise. */
JDROPOUT_FUNCTION JDROPOUT_REAL jdropout_within_limit(JDROPOUT_REAL x) {
  const JDROPOUT_REAL lowered = jdropout_at_most(x, 128.0f);
  return JDROPOUT_CHOOSE(lowered < -128.0f, JDROPOUT_CONSTANT(-128.0f), lowered);
}

JDROPOUT_FUNCTION JDROPOUT_REAL jdropout_relu(JDROPOUT_REAL x) {
  return JDROPOUT_CHOOSE(x <= 0.0f, JDROPOUT_CONSTANT(0.0f), x);
}

/* Gaussian error linear unit (Hendrycks and Gimpel, 2016): x times the normal distribution. */
JDROPOUT_FUNCTION JDROPOUT_REAL jdropout_gelu(JDROPOUT_REAL x) {
  return x * jdropout_normal_of(x).value;
}

JDROPOUT_FUNCTION JDROPOUT_REAL jdropout_gelu_derivative(JDROPOUT_REAL x) {
  const JDROPOUT_REAL limited = jdropout_within_limit(x);
  const jdropout_normal normal = jdropout_normal_of(limited);
  return normal.value + limited * (normal.power * 0x1.988454p-2f);
}

/* Its tanh form: x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 x^3))) / 2. */
JDROPOUT_FUNCTION JDROPOUT_REAL jdropout_gelu_tanh(JDROPOUT_REAL x) {
  const JDROPOUT_REAL v = x * ((x * x) * 0x1.2444f2p-4f + 0x1.988454p+0f);
  return x * jdropout_logistic_of(v).value;
}

JDROPOUT_FUNCTION JDROPOUT_REAL jdropout_gelu_tanh_derivative(JDROPOUT_REAL x) {
  const JDROPOUT_REAL limited = jdropout_within_limit(x);
  const JDROPOUT_REAL square = limited * limited;
  const JDROPOUT_REAL v = limited * (square * 0x1.2444f2p-4f + 0x1.988454p+0f);
  const JDROPOUT_REAL slope = square * 0x1.b6676cp-3f + 0x1.988454p+0f;
  const jdropout_logistic logistic = jdropout_logistic_of(v);
  return logistic.value + ((limited * logistic.value) * logistic.complement) * slope;
}

/* Sigmoid linear unit, also called swish: x times the logistic function. */
JDROPOUT_FUNCTION JDROPOUT_REAL jdropout_silu(JDROPOUT_REAL x) {
  return x * jdropout_logistic_of(x).value;
}

JDROPOUT_FUNCTION JDROPOUT_REAL jdropout_silu_derivative(JDROPOUT_REAL x) {
  const JDROPOUT_REAL limited = jdropout_within_limit(x);
  const jdropout_logistic logistic = jdropout_logistic_of(limited);
  return logistic.value + (limited * logistic.value) * logistic.complement;
}

#endif
