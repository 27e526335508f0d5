/*
 * Activations and their derivatives, for layers that end in dropout.
 *
 * Every operation is one of IEEE 754 binary32, rounded to nearest even: additions, multiplications,
 * fused multiply-adds where one is written and nowhere else, reciprocals, comparisons, and operations
 * on bits. So the results have the same bits wherever this is followed, provided that nothing is
 * contracted or flushed. docs/contract.md restates it.
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

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "jdropout/philox4x32.h"

#ifndef JDROPOUT_REAL

/* What is computed on, and the signed integers of the same width. */
#define JDROPOUT_REAL float
#define JDROPOUT_INTEGER int32_t

#define JDROPOUT_CONSTANT(number) (number)

/*
 * a * b + c, rounded once. Where the processor has no instruction for it, or the compiler may not use
 * it, that is the C library's fmaf, which is to be linked and has to be right.
 */
#define JDROPOUT_FUSED(a, b, c) fmaf(a, b, c)

/* The value where the comparison holds, else the other; both have been computed. */
#define JDROPOUT_CHOOSE(comparison, value, other) ((comparison) ? (value) : (other))

/* The value where x is negative, else the other; either where x is -0 or NaN. */
#define JDROPOUT_WHERE_NEGATIVE(x, value, other) ((x) < 0.0f ? (value) : (other))

/* The smaller and the larger of a limit and a number; NaN stays NaN, and -0 where the limit is 0. */
#define JDROPOUT_AT_MOST(limit, x) ((limit) < (x) ? (limit) : (x))
#define JDROPOUT_AT_LEAST(limit, x) ((limit) > (x) ? (limit) : (x))

#define JDROPOUT_MINUS_ABSOLUTE(x) (-fabsf(x))

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

/* 1 / d, rounded, for d in [1, 2^126), and NaN; CUDA has a shorter way to it than its division. */
#ifndef JDROPOUT_RECIPROCAL
#define JDROPOUT_RECIPROCAL(d) (1.0f / (d))
#endif

/* Adding it rounds to an integer and leaves that, and 127 more, in the lowest bits. */
#define JDROPOUT_ROUNDER 0x1.8000fep+23f

/* ln 2 in two parts: a product of the first with an integer of up to seven bits is exact. */
#define JDROPOUT_LN2_HIGH 0x1.62e4p-1f
#define JDROPOUT_LN2_LOW 0x1.7f7d1cp-20f

/*
 * Returns 2^-n for the rounder less n, whose lowest bits are the exponent: for n in [-127, 126], and
 * infinity for -128 and 0 for 127.
 */
JDROPOUT_FUNCTION JDROPOUT_REAL jdropout_power_of_two(JDROPOUT_REAL shifted) {
  return JDROPOUT_FROM_BITS(JDROPOUT_SHIFT_LEFT(JDROPOUT_BITS(shifted), 23));
}

/*
 * Returns exp(-rest * unit), a polynomial that is minimax in the relative error, 2^-27.9. The unit is
 * a power of two, so that products with it are exact, and known to the compiler.
 */
JDROPOUT_FUNCTION JDROPOUT_REAL jdropout_exp_minus(JDROPOUT_REAL rest, float unit) {
  const float unit2 = unit * unit;
  const float unit3 = unit2 * unit;
  JDROPOUT_REAL q = JDROPOUT_CONSTANT(0x1.68691ap-10f * (unit3 * unit3));
  q = JDROPOUT_FUSED(q, rest, JDROPOUT_CONSTANT(-0x1.123d18p-7f * (unit3 * unit2)));
  q = JDROPOUT_FUSED(q, rest, JDROPOUT_CONSTANT(0x1.555b84p-5f * (unit2 * unit2)));
  q = JDROPOUT_FUSED(q, rest, JDROPOUT_CONSTANT(-0x1.55548cp-3f * unit3));
  q = JDROPOUT_FUSED(q, rest, JDROPOUT_CONSTANT(0x1.fffff8p-2f * unit2));
  q = JDROPOUT_FUSED(q, rest, JDROPOUT_CONSTANT(-unit));
  return JDROPOUT_FUSED(q, rest, JDROPOUT_CONSTANT(1.0f));
}

/* The range of the next function, which returns infinity and 0 at its ends. */
#define JDROPOUT_LOWEST (-88.75f)
#define JDROPOUT_HIGHEST 88.0f

/* Returns exp(-v). */
JDROPOUT_FUNCTION JDROPOUT_REAL jdropout_exp_of_minus(JDROPOUT_REAL v) {
  const JDROPOUT_REAL rounder = JDROPOUT_CONSTANT(JDROPOUT_ROUNDER);
  const JDROPOUT_REAL shifted = JDROPOUT_FUSED(v, JDROPOUT_CONSTANT(-0x1.715476p+0f), rounder);
  const JDROPOUT_REAL minus_n = shifted - rounder;
  const JDROPOUT_REAL high = JDROPOUT_FUSED(minus_n, JDROPOUT_CONSTANT(JDROPOUT_LN2_HIGH), v);
  const JDROPOUT_REAL rest = JDROPOUT_FUSED(minus_n, JDROPOUT_CONSTANT(JDROPOUT_LN2_LOW), high);
  return jdropout_exp_minus(rest, 1.0f) * jdropout_power_of_two(shifted);
}

/* The normal distribution at -|x|, and exp(-x * x / 2). */
typedef struct jdropout_tail {
  JDROPOUT_REAL b; /* -|x|, but no less than -13.28125 */
  JDROPOUT_REAL tail;
  JDROPOUT_REAL power;
} jdropout_tail;

/*
 * The distribution at b = -|x| is exp(-b * b / 2) times a quotient of polynomials, minimax in the
 * relative error, 2^-26.4. At the limit, exp is 0. b * b is not rounded before the reduction, since
 * exp turns an absolute error of its argument into a relative one. The divisor is in [1, 2^14).
 */
JDROPOUT_FUNCTION jdropout_tail jdropout_tail_of(JDROPOUT_REAL x) {
  const JDROPOUT_REAL rounder = JDROPOUT_CONSTANT(JDROPOUT_ROUNDER);
  const JDROPOUT_REAL b = JDROPOUT_AT_LEAST(-13.28125f, JDROPOUT_MINUS_ABSOLUTE(x));
  const JDROPOUT_REAL shifted = JDROPOUT_FUSED(b * -0x1.715476p-1f, b, rounder);
  const JDROPOUT_REAL minus_n = shifted - rounder;
  const JDROPOUT_REAL high = JDROPOUT_FUSED(b, b, minus_n * (2.0f * JDROPOUT_LN2_HIGH));
  const JDROPOUT_REAL rest =
      JDROPOUT_FUSED(minus_n, JDROPOUT_CONSTANT(2.0f * JDROPOUT_LN2_LOW), high);
  JDROPOUT_REAL p = JDROPOUT_CONSTANT(0x1.0cc48ap-8f);
  p = JDROPOUT_FUSED(p, b, JDROPOUT_CONSTANT(-0x1.4c0704p-5f));
  p = JDROPOUT_FUSED(p, b, JDROPOUT_CONSTANT(0x1.76a49cp-3f));
  p = JDROPOUT_FUSED(p, b, JDROPOUT_CONSTANT(-0x1.c064e4p-2f));
  p = JDROPOUT_FUSED(p, b, JDROPOUT_CONSTANT(0.5f));
  JDROPOUT_REAL q = JDROPOUT_CONSTANT(-0x1.50d8aap-7f);
  q = JDROPOUT_FUSED(q, b, JDROPOUT_CONSTANT(0x1.a02962p-4f));
  q = JDROPOUT_FUSED(q, b, JDROPOUT_CONSTANT(-0x1.dfea84p-2f));
  q = JDROPOUT_FUSED(q, b, JDROPOUT_CONSTANT(0x1.338486p+0f));
  q = JDROPOUT_FUSED(q, b, JDROPOUT_CONSTANT(-0x1.ac74a2p+0f));
  q = JDROPOUT_FUSED(q, b, JDROPOUT_CONSTANT(1.0f));
  jdropout_tail tail;
  tail.b = b;
  tail.power = jdropout_exp_minus(rest, 0.5f) * jdropout_power_of_two(shifted);
  tail.tail = (p * JDROPOUT_RECIPROCAL(q)) * tail.power;
  return tail;
}

/* Where the derivatives below are 0 or 1 they stay so; products of 0 and infinity do not arise. */
JDROPOUT_FUNCTION JDROPOUT_REAL jdropout_within_limit(JDROPOUT_REAL x) {
  return JDROPOUT_AT_MOST(128.0f, JDROPOUT_AT_LEAST(-128.0f, x));
}

JDROPOUT_FUNCTION JDROPOUT_REAL jdropout_relu(JDROPOUT_REAL x) {
  return JDROPOUT_CHOOSE(x <= 0.0f, JDROPOUT_CONSTANT(0.0f), x);
}

/* Gaussian error linear unit (Hendrycks and Gimpel, 2016): x times the normal distribution. */
JDROPOUT_FUNCTION JDROPOUT_REAL jdropout_gelu(JDROPOUT_REAL x) {
  const jdropout_tail tail = jdropout_tail_of(x);
  return JDROPOUT_FUSED(tail.b, tail.tail, JDROPOUT_AT_LEAST(0.0f, x));
}

JDROPOUT_FUNCTION JDROPOUT_REAL jdropout_gelu_derivative(JDROPOUT_REAL x) {
  const JDROPOUT_REAL limited = jdropout_within_limit(x);
  const jdropout_tail tail = jdropout_tail_of(limited);
  const JDROPOUT_REAL value = JDROPOUT_WHERE_NEGATIVE(limited, tail.tail, 1.0f - tail.tail);
  return JDROPOUT_FUSED(limited, tail.power * 0x1.988454p-2f, value);
}

/* x / (1 + exp(-v)): x times the logistic function of v. */
JDROPOUT_FUNCTION JDROPOUT_REAL jdropout_gated(JDROPOUT_REAL x, JDROPOUT_REAL v) {
  return x * (1.0f / (jdropout_exp_of_minus(v) + 1.0f));
}

/*
 * The derivative of x times the logistic function of v, where x has been multiplied by the derivative
 * of v already. For negative v the power may be infinite; else the difference would cancel.
 */
JDROPOUT_FUNCTION JDROPOUT_REAL jdropout_gated_derivative(JDROPOUT_REAL x, JDROPOUT_REAL v) {
  const JDROPOUT_REAL power = jdropout_exp_of_minus(v);
  const JDROPOUT_REAL value = 1.0f / (power + 1.0f);
  const JDROPOUT_REAL complement = JDROPOUT_WHERE_NEGATIVE(v, 1.0f - value, power * value);
  return JDROPOUT_FUSED(x * value, complement, value);
}

/* The argument of GELU's tanh form, sqrt(8 / pi) * (x + 0.044715 x^3), within the limits. */
JDROPOUT_FUNCTION JDROPOUT_REAL jdropout_tanh_argument(JDROPOUT_REAL x, JDROPOUT_REAL square) {
  const JDROPOUT_REAL v = x * JDROPOUT_FUSED(square, JDROPOUT_CONSTANT(0x1.2444f2p-4f),
                                             JDROPOUT_CONSTANT(0x1.988454p+0f));
  return JDROPOUT_AT_MOST(JDROPOUT_HIGHEST, JDROPOUT_AT_LEAST(JDROPOUT_LOWEST, v));
}

/* Its tanh form: x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 x^3))) / 2. */
JDROPOUT_FUNCTION JDROPOUT_REAL jdropout_gelu_tanh(JDROPOUT_REAL x) {
  const JDROPOUT_REAL raised = JDROPOUT_AT_LEAST(JDROPOUT_LOWEST, x);
  return jdropout_gated(raised, jdropout_tanh_argument(raised, raised * raised));
}

JDROPOUT_FUNCTION JDROPOUT_REAL jdropout_gelu_tanh_derivative(JDROPOUT_REAL x) {
  const JDROPOUT_REAL limited = jdropout_within_limit(x);
  const JDROPOUT_REAL square = limited * limited;
  const JDROPOUT_REAL slope =
      JDROPOUT_FUSED(square, JDROPOUT_CONSTANT(0x1.b6676cp-3f), JDROPOUT_CONSTANT(0x1.988454p+0f));
  return jdropout_gated_derivative(limited * slope, jdropout_tanh_argument(limited, square));
}

/* Sigmoid linear unit, also called swish: x times the logistic function. */
JDROPOUT_FUNCTION JDROPOUT_REAL jdropout_silu(JDROPOUT_REAL x) {
  const JDROPOUT_REAL raised = JDROPOUT_AT_LEAST(JDROPOUT_LOWEST, x);
  return jdropout_gated(raised, JDROPOUT_AT_MOST(JDROPOUT_HIGHEST, raised));
}

JDROPOUT_FUNCTION JDROPOUT_REAL jdropout_silu_derivative(JDROPOUT_REAL x) {
  const JDROPOUT_REAL limited =
      JDROPOUT_AT_MOST(JDROPOUT_HIGHEST, JDROPOUT_AT_LEAST(JDROPOUT_LOWEST, x));
  return jdropout_gated_derivative(limited, limited);
}

#endif
