/*
 * C without intrinsics, in loops that compilers turn into vectors where the processor has them:
 * NEON on AArch64, SSE2 on x86-64.
 */
#include <string.h>

#include "kernels.h"

/* Quads drawn together: as many as one word of the mask has. */
#define QUADS 8

/* Elements whose bits are taken from a word at once. */
#define GROUP 32u

static uint64_t draw_word(const expanded_key *key, uint64_t first_quad) {
  uint32_t a[QUADS];
  uint32_t b[QUADS];
  uint32_t c[QUADS];
  uint32_t d[QUADS];
  for (unsigned quad = 0; quad < QUADS; quad++) {
    a[quad] = (uint32_t)first_quad + quad;
    b[quad] = (uint32_t)(first_quad >> 32);
    c[quad] = (uint32_t)key->stream;
    d[quad] = (uint32_t)(key->stream >> 32);
  }
  for (int round = 0; round < JDROPOUT_PHILOX_ROUNDS; round++) {
    const uint32_t k0 = key->k0[round];
    const uint32_t k1 = key->k1[round];
    for (int quad = 0; quad < QUADS; quad++) {
      const uint64_t product0 = (uint64_t)JDROPOUT_PHILOX_M0 * a[quad];
      const uint64_t product1 = (uint64_t)JDROPOUT_PHILOX_M1 * c[quad];
      a[quad] = (uint32_t)(product1 >> 32) ^ b[quad] ^ k0;
      b[quad] = (uint32_t)product1;
      c[quad] = (uint32_t)(product0 >> 32) ^ d[quad] ^ k1;
      d[quad] = (uint32_t)product0;
    }
  }
  /* One byte for each element, then one bit: the multiplication gathers the lowest bits of bytes.
   */
  uint8_t kept[QUADS][8];
  const uint32_t limit = key->threshold;
  for (int quad = 0; quad < QUADS; quad++) {
    const uint32_t words[4] = {a[quad], b[quad], c[quad], d[quad]};
    for (size_t word = 0; word < 4; word++) {
      kept[quad][2 * word] = (words[word] & 0xFFFFu) < limit;
      kept[quad][2 * word + 1] = words[word] >> 16 < limit;
    }
  }
  uint64_t bits = 0;
  for (int quad = 0; quad < QUADS; quad++) {
    uint64_t bytes = 0;
    for (unsigned element = 0; element < 8; element++) {
      bytes |= (uint64_t)kept[quad][element] << (8 * element);
    }
    bits |= (bytes * 0x0102040810204080u >> 56) << (8 * quad);
  }
  return bits;
}

static void keep_words(const expanded_key *key, uint64_t first_word, uint64_t *words,
                       size_t word_count, prefetch ahead) {
  (void)ahead;
  for (size_t word = 0; word < word_count; word++) {
    words[word] = draw_word(key, (first_word + word) * QUADS);
  }
}

/* All ones where bit `element` is set, else 0. */
static inline uint32_t mask_of(uint32_t bits, unsigned element) {
  return 0u - (bits >> element & 1u);
}

static inline uint32_t bits_of_group(const uint64_t *words, size_t element) {
  return (uint32_t)(words[element >> 6] >> (element & 63u));
}

static inline float float_of(uint32_t bits) {
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

static inline uint32_t bits_of(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

/*
 * Works in groups, through arrays of a fixed size: those have an alignment and do not overlap, so
 * that the inner loops become vectors whatever the caller's memory is.
 */
#define APPLY(element_type, group_kernel)                                                 \
  const unsigned char *source = input;                                                    \
  unsigned char *target = output;                                                         \
  (void)streaming;                                                                        \
  for (size_t at = 0; at < count; at += GROUP) {                                          \
    element_type group[GROUP] = {0};                                                      \
    const size_t elements = count - at < GROUP ? count - at : GROUP;                      \
    if (elements == GROUP) {                                                              \
      memcpy(group, source + at * sizeof(element_type), sizeof group);                    \
      group_kernel(bits_of_group(words, at), scale, group);                               \
      memcpy(target + at * sizeof(element_type), group, sizeof group);                    \
    } else {                                                                              \
      memcpy(group, source + at * sizeof(element_type), elements * sizeof(element_type)); \
      group_kernel(bits_of_group(words, at), scale, group);                               \
      memcpy(target + at * sizeof(element_type), group, elements * sizeof(element_type)); \
    }                                                                                     \
  }

static inline void group_f32(uint32_t bits, float scale, uint32_t *group) {
  for (unsigned element = 0; element < GROUP; element++) {
    group[element] = bits_of(float_of(group[element]) * scale) & mask_of(bits, element);
  }
}

static void apply_f32(const uint64_t *words, float scale, const void *input, void *output,
                      size_t count, int streaming) {
  APPLY(uint32_t, group_f32)
}

static inline void group_f64(uint32_t bits, double scale, uint64_t *group) {
  for (unsigned element = 0; element < GROUP; element++) {
    double value;
    memcpy(&value, &group[element], sizeof value);
    value *= scale;
    uint64_t product;
    memcpy(&product, &value, sizeof product);
    group[element] = product & (0u - (uint64_t)(bits >> element & 1u));
  }
}

static void apply_f64(const uint64_t *words, double scale, const void *input, void *output,
                      size_t count, int streaming) {
  APPLY(uint64_t, group_f64)
}

/* Exact. Subnormal numbers become normal ones by a multiplication with a power of two. */
static inline float float_of_f16(uint16_t half) {
  const uint32_t magnitude = half & 0x7FFFu;
  const uint32_t sign = (uint32_t)(half & 0x8000u) << 16;
  const float scaled = float_of(magnitude << 13) * 0x1p112f;
  const uint32_t special = magnitude >= 0x7C00u ? 0x7F800000u : 0u;
  return float_of(bits_of(scaled) | special | sign);
}

/*
 * Rounds to nearest even. The sum with a power of two, chosen by the value's own exponent, leaves
 * the rounded significand in the lowest bits, also for results that are subnormal.
 */
static inline uint16_t f16_of_float(float value) {
  const uint32_t bits = bits_of(value);
  const uint32_t magnitude = bits & 0x7FFFFFFFu;
  const uint32_t sign = bits >> 16 & 0x8000u;
  /* The power of two whose last place, in binary32, is the result's last place. */
  const uint32_t smallest = 113u << 23;
  const uint32_t exponent = magnitude & 0x7F800000u;
  const uint32_t clamped = exponent < smallest ? smallest : exponent;
  const uint32_t carrier = clamped + (13u << 23);
  const uint32_t finite = magnitude < 0x47800000u ? magnitude : 0u;
  const uint32_t safe_carrier = magnitude < 0x47800000u ? carrier : smallest;
  const uint32_t sum = bits_of(float_of(finite) + float_of(safe_carrier));
  const uint32_t significand = sum - safe_carrier;
  const uint32_t rounded = significand + ((clamped - smallest) >> 13);
  /* 65520 and more rounds to infinity; the sum above gives that by itself below 65536. */
  const uint32_t infinite_or_nan =
      magnitude > 0x7F800000u ? 0x7E00u | (magnitude >> 13 & 0x3FFu) : 0x7C00u;
  const uint32_t result = magnitude < 0x47800000u ? rounded : infinite_or_nan;
  return (uint16_t)(result | sign);
}

static inline void group_f16(uint32_t bits, float scale, uint16_t *group) {
  for (unsigned element = 0; element < GROUP; element++) {
    const uint16_t product = f16_of_float(float_of_f16(group[element]) * scale);
    group[element] = (uint16_t)(product & mask_of(bits, element));
  }
}

static void apply_f16(const uint64_t *words, float scale, const void *input, void *output,
                      size_t count, int streaming) {
  APPLY(uint16_t, group_f16)
}

/*
 * Rounds to nearest even; the sum cannot leave the upper half but for the largest values, which
 * then become infinity as they should. A NaN keeps its upper half, which is a NaN because the
 * multiplication has made it quiet.
 */
static inline uint16_t bf16_of_float(float value) {
  const uint32_t bits = bits_of(value);
  const uint32_t rounded = bits + 0x7FFFu + (bits >> 16 & 1u);
  const uint32_t is_nan = (bits & 0x7FFFFFFFu) > 0x7F800000u;
  return (uint16_t)((is_nan ? bits : rounded) >> 16);
}

static inline void group_bf16(uint32_t bits, float scale, uint16_t *group) {
  for (unsigned element = 0; element < GROUP; element++) {
    const float value = float_of((uint32_t)group[element] << 16);
    group[element] = (uint16_t)(bf16_of_float(value * scale) & mask_of(bits, element));
  }
}

static void apply_bf16(const uint64_t *words, float scale, const void *input, void *output,
                       size_t count, int streaming) {
  APPLY(uint16_t, group_bf16)
}

static void end_streaming(void) {}

const kernel_set kernels_portable = {"portable", keep_words, apply_f32,     apply_f64,
                                     apply_f16,  apply_bf16, end_streaming, &epilogues_portable};
