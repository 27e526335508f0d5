// The conversions of binary16 and bfloat16, against definitions by value instead of by bits.
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "cuda_bf16.h"
#include "cuda_fp16.h"

namespace {

uint32_t bits_of(float value) { return __float_as_uint(value); }

/* The value of a pattern with so many bits of exponent and of fraction. */
double value_of(uint32_t pattern, int exponent_bits, int fraction_bits) {
  const uint32_t fraction = pattern & ((1u << fraction_bits) - 1u);
  const int exponent = static_cast<int>(pattern >> fraction_bits & ((1u << exponent_bits) - 1u));
  const int largest = (1 << exponent_bits) - 1;
  const int bias = largest / 2;
  const double sign = (pattern >> (exponent_bits + fraction_bits)) != 0 ? -1 : 1;
  if (exponent == largest) {
    return fraction != 0 ? std::nan("") : sign * HUGE_VAL;
  }
  const double significand = fraction + (exponent == 0 ? 0.0 : std::ldexp(1.0, fraction_bits));
  return sign * std::ldexp(significand, (exponent == 0 ? 1 : exponent) - bias - fraction_bits);
}

struct Format {
  const char *name;
  int exponent_bits;
  int fraction_bits;
  uint16_t (*from_float)(float);
  float (*to_float)(uint16_t);

  uint32_t infinity() const { return ((1u << exponent_bits) - 1u) << fraction_bits; }
};

/* The nearest pattern, by search: of the two neighbours in value the nearer, or the even one. */
uint32_t nearest(const Format &format, double magnitude) {
  uint32_t low = 0;
  uint32_t high = format.infinity();
  while (high - low > 1) {
    const uint32_t middle = (low + high) / 2;
    (value_of(middle, format.exponent_bits, format.fraction_bits) <= magnitude ? low : high) =
        middle;
  }
  const double below = value_of(low, format.exponent_bits, format.fraction_bits);
  /* Infinity rounds as the number that would come next. */
  const double above = high == format.infinity()
                           ? std::ldexp(1.0, 1 << (format.exponent_bits - 1))
                           : value_of(high, format.exponent_bits, format.fraction_bits);
  const double to_low = magnitude - below;
  const double to_high = above - magnitude;
  return to_low < to_high || (to_low == to_high && (low & 1u) == 0) ? low : high;
}

void check_from_float(const Format &format, float value) {
  const uint32_t actual = format.from_float(value);
  const uint32_t sign = std::signbit(value) ? 0x8000u : 0u;
  const uint32_t expected = std::isnan(value)   ? 0x7FFFu
                            : std::isinf(value) ? sign | format.infinity()
                                                : sign | nearest(format, std::fabs(value));
  if (actual != expected) {
    std::printf("FAILED: %a to %s is %#06x, not %#06x\n", static_cast<double>(value), format.name,
                actual, expected);
    std::exit(1);
  }
}

void check_to_float(const Format &format, uint16_t pattern) {
  const double expected = value_of(pattern, format.exponent_bits, format.fraction_bits);
  const float actual = format.to_float(pattern);
  const bool is_equal = std::isnan(expected)
                            ? std::isnan(actual)
                            : bits_of(actual) == bits_of(static_cast<float>(expected));
  if (!is_equal) {
    std::printf("FAILED: %s %#06x is %a, not %a\n", format.name, static_cast<unsigned>(pattern),
                static_cast<double>(actual), expected);
    std::exit(1);
  }
}

void check(const Format &format) {
  for (uint32_t pattern = 0; pattern <= 0xFFFF; pattern++) {
    check_to_float(format, static_cast<uint16_t>(pattern));
    /* The number itself, the tie above it, and what lies next to both. */
    const double value = value_of(pattern, format.exponent_bits, format.fraction_bits);
    const double next = value_of(pattern + 1, format.exponent_bits, format.fraction_bits);
    const float both[] = {static_cast<float>(value), static_cast<float>((value + next) / 2)};
    for (const float number : both) {
      check_from_float(format, number);
      check_from_float(format, std::nextafterf(number, INFINITY));
      check_from_float(format, std::nextafterf(number, -INFINITY));
    }
  }
  uint32_t random = 1;
  for (int i = 0; i < 200000; i++) {
    random = random * 1664525u + 1013904223u;
    check_from_float(format, __uint_as_float(random));
  }
}

}  // namespace

int main() {
  check({"binary16", 5, 10,
         [](float value) -> uint16_t { return __half_as_ushort(__float2half_rn(value)); },
         [](uint16_t pattern) { return __half2float(__ushort_as_half(pattern)); }});
  check({"bfloat16", 8, 7,
         [](float value) -> uint16_t { return __bfloat16_as_ushort(__float2bfloat16_rn(value)); },
         [](uint16_t pattern) { return __bfloat162float(__ushort_as_bfloat16(pattern)); }});
  return 0;
}
