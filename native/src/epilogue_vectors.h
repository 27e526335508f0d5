/*
 * The inner loops of epilogues on vectors of any size, for every instruction set.
 *
 * The includer has included vectors.h and defines what that notation does not express, or compilers
 * do badly:
 *
 *   VECTORS_AT_ONCE                          vectors that are computed side by side
 *   reals fused(reals a, reals b, reals c)   a * b + c, rounded once
 *   reals at_most(reals limit, reals x)     x where it is NaN or equal; so at_least
 *   reals where_negative(reals x, reals value, reals other)
 *   reals kept_lanes(reals, uint32_t bits, unsigned first)
 *                                            lane i where bit first + i is 1, else +0
 *   reals widen_f16(halves)                  exact
 *   halves narrow_f16(reals)                 rounds to nearest even
 *   uint32_t bits_of_mask(integers)          bit i is 1 where lane i is -1, 0 where it is 0
 *   void stream_reals(void *, reals)         stores past the cache, to an aligned address
 *   void stream_halves(void *, halves)
 *
 * An element is read once and written once.
 */
#ifndef JDROPOUT_EPILOGUE_VECTORS_H
#define JDROPOUT_EPILOGUE_VECTORS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "epilogue_kernels.h"
#include "jdropout.h"

/* Elements that are computed side by side, in one word of keep bits. */
#define GROUP ((size_t)VECTORS_AT_ONCE * LANES)

#define JDROPOUT_REAL reals
#define JDROPOUT_INTEGER integers
#define JDROPOUT_CONSTANT(number) ((reals){0} + (number))
#define JDROPOUT_FUSED(a, b, c) fused(a, b, c)
#define JDROPOUT_CHOOSE(comparison, value, other) choose(comparison, value, other)
#define JDROPOUT_WHERE_NEGATIVE(x, value, other) where_negative(x, value, other)
#define JDROPOUT_AT_MOST(limit, x) at_most(JDROPOUT_CONSTANT(limit), x)
#define JDROPOUT_AT_LEAST(limit, x) at_least(JDROPOUT_CONSTANT(limit), x)
#define JDROPOUT_MINUS_ABSOLUTE(x) ((reals)((integers)(x) | INT32_MIN))
#define JDROPOUT_BITS(real) ((integers)(real))
#define JDROPOUT_FROM_BITS(integer) ((reals)(integer))
#define JDROPOUT_SHIFT_LEFT(integer, distance) ((integers)((naturals)(integer) << (distance)))
#include "jdropout/activation.h"

/* Exact: a bfloat16 is the upper half of a float. */
ALWAYS_INLINE reals widen_bf16(halves elements) {
  return (reals)(__builtin_convertvector(elements, naturals) << 16);
}

/*
 * Rounds to nearest even; the sum cannot leave the upper half but for the largest values, which
 * then become infinity as they should. A NaN keeps its upper half, which is a NaN because arithmetic
 * has made it quiet.
 */
ALWAYS_INLINE halves narrow_bf16(reals values) {
  const naturals bits = (naturals)values;
  const naturals rounded = bits + 0x7FFFu + (bits >> 16 & 1u);
  const naturals is_nan = (naturals)((integers)(bits & 0x7FFFFFFFu) > 0x7F800000);
  const naturals chosen = (is_nan & bits) | (~is_nan & rounded);
  return __builtin_convertvector(chosen >> 16, halves);
}

ALWAYS_INLINE reals load(element_type type, const unsigned char *from) {
  switch (type) {
    case F16:
      return widen_f16(load_halves(from));
    case BF16:
      return widen_bf16(load_halves(from));
    default:
      return load_reals(from);
  }
}

ALWAYS_INLINE void store_halves(unsigned char *to, halves elements, int streaming) {
  if (streaming) {
    stream_halves(to, elements);
  } else {
    memcpy(to, &elements, sizeof elements);
  }
}

ALWAYS_INLINE void store(element_type type, unsigned char *to, reals values, int streaming) {
  if (type == F16) {
    store_halves(to, narrow_f16(values), streaming);
  } else if (type == BF16) {
    store_halves(to, narrow_bf16(values), streaming);
  } else if (streaming) {
    stream_reals(to, values);
  } else {
    memcpy(to, &values, sizeof values);
  }
}

/* Vectors that lie side by side. */
ALWAYS_INLINE void store_all(element_type type, unsigned char *to, const reals *values,
                             unsigned count, int streaming) {
  const size_t step = LANES * bytes_of(type);
  if (streaming) {
    for (unsigned i = 0; i < count; i++) {
      store(type, to + i * step, values[i], 1);
    }
  } else {
    for (unsigned i = 0; i < count; i++) {
      store(type, to + i * step, values[i], 0);
    }
  }
}

ALWAYS_INLINE reals activate(uint32_t activation, reals z) {
  switch (activation) {
    case JDROPOUT_RELU:
      return jdropout_relu(z);
    case JDROPOUT_GELU:
      return jdropout_gelu(z);
    case JDROPOUT_GELU_TANH:
      return jdropout_gelu_tanh(z);
    case JDROPOUT_SILU:
      return jdropout_silu(z);
    default:
      return z;
  }
}

/* Of those whose derivative is not 0 or 1. */
ALWAYS_INLINE reals derivative(uint32_t activation, reals z) {
  switch (activation) {
    case JDROPOUT_GELU:
      return jdropout_gelu_derivative(z);
    case JDROPOUT_GELU_TANH:
      return jdropout_gelu_tanh_derivative(z);
    default:
      return jdropout_silu_derivative(z);
  }
}

ALWAYS_INLINE void load_biased(element_type type, reals *z, unsigned count,
                               const unsigned char *product, const unsigned char *bias) {
  const size_t step = LANES * bytes_of(type);
  for (unsigned i = 0; i < count; i++) {
    z[i] = load(type, product + i * step);
  }
  if (bias != NULL) {
    for (unsigned i = 0; i < count; i++) {
      z[i] = z[i] + load(type, bias + i * step);
    }
  }
}

ALWAYS_INLINE const unsigned char *advanced(const unsigned char *from, size_t bytes) {
  return from == NULL ? NULL : from + bytes;
}

/*
 * The vectors that the tile begins with, VECTORS_AT_ONCE at most; returns their sign bits, where they
 * are wanted. An activation is a chain of operations that wait for each other, so several are
 * computed side by side.
 */
ALWAYS_INLINE uint64_t forward_vectors(element_type type, uint32_t activation, unsigned count,
                                       const epilogue_tile *tile, uint32_t kept) {
  reals z[VECTORS_AT_ONCE];
  reals result[VECTORS_AT_ONCE];
  uint64_t signs = 0;
  const size_t step = LANES * bytes_of(type);
  load_biased(type, z, count, tile->product, tile->bias);
  for (unsigned i = 0; i < count; i++) {
    const reals scaled = activate(activation, z[i]) * tile->factor;
    result[i] = kept_lanes(scaled, kept, i * LANES);
  }
  if (tile->residual != NULL) {
    for (unsigned i = 0; i < count; i++) {
      result[i] = load(type, tile->residual + i * step) + result[i];
    }
  }
  store_all(type, tile->output, result, count, tile->streaming);
  if (activation == JDROPOUT_RELU && tile->signs != NULL) {
    for (unsigned i = 0; i < count; i++) {
      signs |= (uint64_t)(~bits_of_mask(z[i] <= 0.0f) & ((1u << LANES) - 1u)) << (i * LANES);
    }
  }
  return signs;
}

/* The tile's part from an element on. */
ALWAYS_INLINE epilogue_tile forward_part(const epilogue_tile *tile, size_t at_bytes) {
  epilogue_tile part = *tile;
  part.product = tile->product + at_bytes;
  part.bias = advanced(tile->bias, at_bytes);
  part.residual = advanced(tile->residual, at_bytes);
  part.output = tile->output + at_bytes;
  return part;
}

/* Copies less than a vector into zeros; returns them, or NULL for NULL. */
ALWAYS_INLINE const unsigned char *padded(unsigned char *vector, const unsigned char *from,
                                          size_t bytes) {
  if (from == NULL) {
    return NULL;
  }
  memset(vector, 0, VECTOR_BYTES);
  memcpy(vector, from, bytes);
  return vector;
}

/* The keep bits of an element, of which a vector begins, and of those after it in its word. */
ALWAYS_INLINE uint32_t bits_from(const uint64_t *words, size_t element) {
  return (uint32_t)(words[element >> 6] >> (element & 63u));
}

/* Less than a vector, through vectors on the stack: nothing behind the last element is touched. */
ALWAYS_INLINE void forward_tail(element_type type, uint32_t activation, const epilogue_tile *tile,
                                size_t element) {
  unsigned char vectors[4][VECTOR_BYTES];
  const size_t bytes = (tile->count - element) * bytes_of(type);
  const epilogue_tile part = forward_part(tile, element * bytes_of(type));
  epilogue_tile tail = part;
  tail.product = padded(vectors[0], part.product, bytes);
  tail.bias = padded(vectors[1], part.bias, bytes);
  tail.residual = padded(vectors[2], part.residual, bytes);
  tail.output = vectors[3];
  tail.streaming = 0;
  const uint64_t signs =
      forward_vectors(type, activation, 1, &tail, bits_from(tile->words, element));
  memcpy(part.output, vectors[3], bytes);
  if (activation == JDROPOUT_RELU && tile->signs != NULL) {
    tile->signs[element >> 6] |= signs << (element & 63u);
  }
}

ALWAYS_INLINE size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

/* Word by word: the sign bits that it receives stay in a register. */
ALWAYS_INLINE void forward_tile(element_type type, uint32_t activation,
                                const epilogue_tile *given) {
  const epilogue_tile tile = *given;
  const size_t end = tile.count - tile.count % LANES;
  for (size_t at = 0; at < end;) {
    const size_t word = at >> 6;
    const size_t word_end = smaller(at + 64, end);
    uint64_t signs = 0;
    for (; at + GROUP <= word_end; at += GROUP) {
      const epilogue_tile part = forward_part(&tile, at * bytes_of(type));
      signs |= forward_vectors(type, activation, VECTORS_AT_ONCE, &part, bits_from(tile.words, at))
               << (at & 63u);
    }
    for (; at < word_end; at += LANES) {
      const epilogue_tile part = forward_part(&tile, at * bytes_of(type));
      signs |= forward_vectors(type, activation, 1, &part, bits_from(tile.words, at)) << (at & 63u);
    }
    if (activation == JDROPOUT_RELU && tile.signs != NULL) {
      tile.signs[word] = signs;
    }
  }
  if (end < tile.count) {
    forward_tail(type, activation, &tile, end);
  }
}

/* The vectors that the tile begins with, VECTORS_AT_ONCE at most. */
ALWAYS_INLINE void gradient_vectors(element_type type, uint32_t activation, unsigned count,
                                    const gradient_tile *tile, uint32_t kept) {
  reals z[VECTORS_AT_ONCE];
  reals gradient[VECTORS_AT_ONCE];
  const size_t step = LANES * bytes_of(type);
  for (unsigned i = 0; i < count; i++) {
    gradient[i] = load(type, tile->grad_output + i * step) * tile->factor;
  }
  if (activation != JDROPOUT_IDENTITY) {
    load_biased(type, z, count, tile->product, tile->bias);
    for (unsigned i = 0; i < count; i++) {
      gradient[i] = gradient[i] * derivative(activation, z[i]);
    }
  }
  for (unsigned i = 0; i < count; i++) {
    gradient[i] = kept_lanes(gradient[i], kept, i * LANES);
  }
  store_all(type, tile->grad_product, gradient, count, tile->streaming);
  if (tile->sums != NULL) {
    for (unsigned i = 0; i < count; i++) {
      const reals sums = load_reals(tile->sums + i * sizeof sums) + gradient[i];
      memcpy(tile->sums + i * sizeof sums, &sums, sizeof sums);
    }
  }
}

ALWAYS_INLINE gradient_tile gradient_part(element_type type, const gradient_tile *tile,
                                          size_t element) {
  const size_t at_bytes = element * bytes_of(type);
  gradient_tile part = *tile;
  part.grad_output = tile->grad_output + at_bytes;
  part.product = advanced(tile->product, at_bytes);
  part.bias = advanced(tile->bias, at_bytes);
  part.grad_product = tile->grad_product + at_bytes;
  part.sums = tile->sums == NULL ? NULL : tile->sums + element * sizeof(float);
  return part;
}

ALWAYS_INLINE void gradient_tail(element_type type, uint32_t activation, const gradient_tile *tile,
                                 size_t element) {
  unsigned char vectors[4][VECTOR_BYTES];
  unsigned char sums[VECTOR_BYTES] = {0};
  const size_t count = tile->count - element;
  const size_t bytes = count * bytes_of(type);
  const gradient_tile part = gradient_part(type, tile, element);
  gradient_tile tail = part;
  tail.grad_output = padded(vectors[0], part.grad_output, bytes);
  tail.product = padded(vectors[1], part.product, bytes);
  tail.bias = padded(vectors[2], part.bias, bytes);
  tail.grad_product = vectors[3];
  tail.streaming = 0;
  if (part.sums != NULL) {
    memcpy(sums, part.sums, count * sizeof(float));
    tail.sums = sums;
  }
  gradient_vectors(type, activation, 1, &tail, bits_from(tile->words, element));
  memcpy(part.grad_product, vectors[3], bytes);
  if (part.sums != NULL) {
    memcpy(part.sums, sums, count * sizeof(float));
  }
}

ALWAYS_INLINE void gradient_tile_of(element_type type, uint32_t activation,
                                    const gradient_tile *given) {
  const gradient_tile tile = *given;
  const size_t end = tile.count - tile.count % LANES;
  size_t at = 0;
  for (; at + GROUP <= end; at += GROUP) {
    const gradient_tile part = gradient_part(type, &tile, at);
    gradient_vectors(type, activation, VECTORS_AT_ONCE, &part, bits_from(tile.words, at));
  }
  for (; at < end; at += LANES) {
    const gradient_tile part = gradient_part(type, &tile, at);
    gradient_vectors(type, activation, 1, &part, bits_from(tile.words, at));
  }
  if (end < tile.count) {
    gradient_tail(type, activation, &tile, end);
  }
}

/* Flattened, because the functions of activation.h are too large to be inlined otherwise. */
#define FORWARD(name, type, activation)                                            \
  __attribute__((flatten)) static void forward_##name(const epilogue_tile *tile) { \
    forward_tile(type, activation, tile);                                          \
  }
#define GRADIENT(name, type, activation)                                            \
  __attribute__((flatten)) static void gradient_##name(const gradient_tile *tile) { \
    gradient_tile_of(type, activation, tile);                                       \
  }

#define KERNELS_OF_TYPE(name, type)                    \
  FORWARD(identity_##name, type, JDROPOUT_IDENTITY)    \
  FORWARD(relu_##name, type, JDROPOUT_RELU)            \
  FORWARD(gelu_##name, type, JDROPOUT_GELU)            \
  FORWARD(gelu_tanh_##name, type, JDROPOUT_GELU_TANH)  \
  FORWARD(silu_##name, type, JDROPOUT_SILU)            \
  GRADIENT(identity_##name, type, JDROPOUT_IDENTITY)   \
  GRADIENT(gelu_##name, type, JDROPOUT_GELU)           \
  GRADIENT(gelu_tanh_##name, type, JDROPOUT_GELU_TANH) \
  GRADIENT(silu_##name, type, JDROPOUT_SILU)

KERNELS_OF_TYPE(f32, F32)
KERNELS_OF_TYPE(f16, F16)
KERNELS_OF_TYPE(bf16, BF16)

#define FORWARDS(name)                                                                           \
  {                                                                                              \
    forward_identity_##name, forward_relu_##name, forward_gelu_##name, forward_gelu_tanh_##name, \
        forward_silu_##name                                                                      \
  }
#define GRADIENTS(name)                                                       \
  {                                                                           \
    gradient_identity_##name, gradient_identity_##name, gradient_gelu_##name, \
        gradient_gelu_tanh_##name, gradient_silu_##name                       \
  }

/* The value of an epilogue_kernels. */
#define EPILOGUE_KERNELS                                                       \
  {                                                                            \
    {[F32] = FORWARDS(f32), [F16] = FORWARDS(f16), [BF16] = FORWARDS(bf16)}, { \
      [F32] = GRADIENTS(f32), [F16] = GRADIENTS(f16), [BF16] = GRADIENTS(bf16) \
    }                                                                          \
  }

#endif
