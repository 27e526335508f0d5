#include "oracle.h"

#include <math.h>
#include <string.h>

/* A 16-bit format: its values of positive sign, in order, up to the one that stands for infinity.
 */
typedef struct small_format {
  int fraction_bits;
  int exponent_bias;
  uint32_t infinity;
  int is_filled;
  double values[0x7F80 + 1];
} small_format;

static small_format binary16 = {10, 15, 0x7C00, 0, {0}};
static small_format bfloat16 = {7, 127, 0x7F80, 0, {0}};

void oracle_philox(const uint32_t counter[4], const uint32_t key[2], int rounds,
                   uint32_t result[4]) {
  uint32_t x[4] = {counter[0], counter[1], counter[2], counter[3]};
  for (uint32_t round = 0; round < (uint32_t)rounds; round++) {
    const uint32_t round_key_0 = key[0] + round * UINT32_C(2654435769);
    const uint32_t round_key_1 = key[1] + round * UINT32_C(3144134277);
    const uint64_t left = x[0] * UINT64_C(3528531795);
    const uint64_t right = x[2] * UINT64_C(3449720151);
    const uint32_t next[4] = {
        (uint32_t)(right / 4294967296) ^ x[1] ^ round_key_0, (uint32_t)(right % 4294967296),
        (uint32_t)(left / 4294967296) ^ x[3] ^ round_key_1, (uint32_t)(left % 4294967296)};
    memcpy(x, next, sizeof x);
  }
  memcpy(result, x, sizeof x);
}

uint32_t oracle_threshold(double p) {
  if (p == 0) {
    return 65536;
  }
  if (p == 1) {
    return 0;
  }
  const double nearest = rint((1 - p) * 65536);
  return (uint32_t)fmin(fmax(nearest, 1), 65535);
}

double oracle_training_scale_f64(uint32_t threshold) {
  return threshold == 0 ? 0 : 65536 / (double)threshold;
}

/* Of three neighbours, the one whose product with T, exact in binary64, is nearest to 65536. */
float oracle_training_scale_f32(uint32_t threshold) {
  if (threshold == 0) {
    return 0;
  }
  const float guess = (float)(65536 / (double)threshold);
  const float neighbours[3] = {guess, nextafterf(guess, 0), nextafterf(guess, INFINITY)};
  float nearest = guess;
  for (int i = 0; i < 3; i++) {
    if (fabs((double)neighbours[i] * (double)threshold - 65536) <
        fabs((double)nearest * (double)threshold - 65536)) {
      nearest = neighbours[i];
    }
  }
  return nearest;
}

int oracle_keeps(uint64_t seed, uint64_t stream, uint64_t element, double p) {
  const uint64_t block = element / 8;
  const uint32_t counter[4] = {(uint32_t)(block % 4294967296), (uint32_t)(block / 4294967296),
                               (uint32_t)(stream % 4294967296), (uint32_t)(stream / 4294967296)};
  const uint32_t key[2] = {(uint32_t)(seed % 4294967296), (uint32_t)(seed / 4294967296)};
  uint32_t words[4];
  oracle_philox(counter, key, 10, words);
  const uint32_t word = words[element % 8 / 2];
  const uint32_t lane = element % 2 == 0 ? word % 65536 : word / 65536;
  return lane < oracle_threshold(p);
}

size_t oracle_bytes(oracle_type type) {
  switch (type) {
    case ORACLE_F32:
      return 4;
    case ORACLE_F64:
      return 8;
    default:
      return 2;
  }
}

static void fill(small_format *format) {
  for (uint32_t bits = 0; bits <= format->infinity; bits++) {
    const uint32_t exponent = bits >> format->fraction_bits;
    const uint32_t fraction = bits - (exponent << format->fraction_bits);
    const double last_place = ldexp(
        1, (exponent == 0 ? 1 : (int)exponent) - format->exponent_bias - format->fraction_bits);
    const double hidden = exponent == 0 ? 0 : (double)(1u << format->fraction_bits);
    format->values[bits] = (hidden + fraction) * last_place;
  }
  format->is_filled = 1;
}

static small_format *format_of(oracle_type type) {
  small_format *format = type == ORACLE_F16 ? &binary16 : &bfloat16;
  if (!format->is_filled) {
    fill(format);
  }
  return format;
}

static double value_of_small(oracle_type type, uint16_t bits) {
  const small_format *format = format_of(type);
  const uint32_t magnitude = bits % 32768;
  const double sign = bits >= 32768 ? -1 : 1;
  if (magnitude > format->infinity) {
    return (double)NAN;
  }
  return sign * (magnitude == format->infinity ? (double)INFINITY : format->values[magnitude]);
}

/* Finds the neighbours in the list of all values and takes the nearer, or else the even one. */
static uint16_t small_of_value(oracle_type type, double value) {
  const small_format *format = format_of(type);
  const uint32_t sign = signbit(value) ? 32768 : 0;
  if (isnan(value)) {
    return (uint16_t)(format->infinity + 1);
  }
  const double magnitude = fabs(value);
  if (magnitude >= format->values[format->infinity]) {
    return (uint16_t)(sign + format->infinity);
  }
  uint32_t below = 0;
  uint32_t above = format->infinity;
  while (above - below > 1) {
    const uint32_t middle = (below + above) / 2;
    if (format->values[middle] <= magnitude) {
      below = middle;
    } else {
      above = middle;
    }
  }
  const double to_below = magnitude - format->values[below];
  const double to_above = format->values[above] - magnitude;
  const int is_below = to_below < to_above || (to_below == to_above && below % 2 == 0);
  return (uint16_t)(sign + (is_below ? below : above));
}

int oracle_is_nan(oracle_type type, const void *element) {
  float f32;
  double f64;
  uint16_t bits;
  switch (type) {
    case ORACLE_F32:
      memcpy(&f32, element, sizeof f32);
      return isnan(f32);
    case ORACLE_F64:
      memcpy(&f64, element, sizeof f64);
      return isnan(f64);
    default:
      memcpy(&bits, element, sizeof bits);
      return isnan(value_of_small(type, bits));
  }
}

/* The product of two binary32 is exact in binary64, so the conversion is the only rounding. */
static float product_f32(double value, float factor) { return (float)(value * (double)factor); }

static void multiply(oracle_type type, const void *input, double factor_f64, float factor_f32,
                     void *output) {
  float f32;
  double f64;
  uint16_t bits;
  switch (type) {
    case ORACLE_F32:
      memcpy(&f32, input, sizeof f32);
      f32 = product_f32((double)f32, factor_f32);
      memcpy(output, &f32, sizeof f32);
      break;
    case ORACLE_F64:
      memcpy(&f64, input, sizeof f64);
      f64 = f64 * factor_f64;
      memcpy(output, &f64, sizeof f64);
      break;
    default:
      memcpy(&bits, input, sizeof bits);
      bits = small_of_value(type, (double)product_f32(value_of_small(type, bits), factor_f32));
      memcpy(output, &bits, sizeof bits);
      break;
  }
}

void oracle_apply(oracle_type type, double p, int is_classical, int bit, const void *input,
                  void *output) {
  if (!bit || p == 1) {
    memset(output, 0, oracle_bytes(type));
  } else if (is_classical) {
    multiply(type, input, 1, 1, output);
  } else {
    const uint32_t threshold = oracle_threshold(p);
    multiply(type, input, oracle_training_scale_f64(threshold),
             oracle_training_scale_f32(threshold), output);
  }
}

void oracle_forward(oracle_type type, double p, int is_classical, int is_kept, const void *input,
                    void *output) {
  if (p == 0) {
    memmove(output, input, oracle_bytes(type));
  } else {
    oracle_apply(type, p, is_classical, is_kept, input, output);
  }
}

void oracle_scale(oracle_type type, double factor, const void *input, void *output) {
  if (factor == 1) {
    memmove(output, input, oracle_bytes(type));
  } else {
    multiply(type, input, factor, (float)factor, output);
  }
}

float oracle_float(oracle_type type, const void *element) {
  float f32;
  uint16_t bits;
  if (type == ORACLE_F32) {
    memcpy(&f32, element, sizeof f32);
    return f32;
  }
  memcpy(&bits, element, sizeof bits);
  return (float)value_of_small(type, bits);
}

void oracle_round(oracle_type type, float value, void *element) {
  if (type == ORACLE_F32) {
    memcpy(element, &value, sizeof value);
  } else {
    const uint16_t bits = small_of_value(type, (double)value);
    memcpy(element, &bits, sizeof bits);
  }
}
