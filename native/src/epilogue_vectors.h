/*
 * The inner loops of epilogues on vectors of any size, for every instruction set.
 *
 * The includer has included vectors.h and defines what that notation does not express, or compilers
 * do badly:
 *
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

#define JDROPOUT_REAL reals
#define JDROPOUT_INTEGER integers
#define JDROPOUT_CONSTANT(number) ((reals){0} + (number))
#define JDROPOUT_CHOOSE(comparison, value, other) choose(comparison, value, other)
#define JDROPOUT_BITS(real) ((integers)(real))
#define JDROPOUT_FROM_BITS(integer) ((reals)(integer))
#define JDROPOUT_SHIFT_LEFT(integer, distance) ((integers)((naturals)(integer) << (distance)))
#include "jdropout/activation.h"

#if VECTOR_BYTES == 16
#define BIT_OF_LANE \
  { 1, 2, 4, 8 }
#elif VECTOR_BYTES == 32
#define BIT_OF_LANE \
  { 1, 2, 4, 8, 16, 32, 64, 128 }
#else
#define BIT_OF_LANE \
  { 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768 }
#endif

/* -1 where the bit, of the lowest ones, is 1, else 0. */
ALWAYS_INLINE integers mask_of_bits(uint64_t bits) {
  const integers bit = BIT_OF_LANE;
  return (bit & (int32_t)(uint32_t)bits) == bit;
}

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

ALWAYS_INLINE reals biased(element_type type, const unsigned char *product,
                           const unsigned char *bias) {
  const reals z = load(type, product);
  return bias == NULL ? z : z + load(type, bias);
}

ALWAYS_INLINE const unsigned char *advanced(const unsigned char *from, size_t bytes) {
  return from == NULL ? NULL : from + bytes;
}

/* One vector, which the tile begins with; returns its sign bits, where they are wanted. */
ALWAYS_INLINE uint64_t forward_vector(element_type type, uint32_t activation,
                                      const epilogue_tile *tile, uint64_t kept) {
  const reals z = biased(type, tile->product, tile->bias);
  const reals scaled = activate(activation, z) * tile->factor;
  reals result = (reals)((integers)scaled & mask_of_bits(kept));
  if (tile->residual != NULL) {
    result = load(type, tile->residual) + result;
  }
  store(type, tile->output, result, tile->streaming);
  if (activation == JDROPOUT_RELU && tile->signs != NULL) {
    return ~bits_of_mask(z <= 0.0f) & ((1u << LANES) - 1u);
  }
  return 0;
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
      forward_vector(type, activation, &tail, tile->words[element >> 6] >> (element & 63u));
  memcpy(part.output, vectors[3], bytes);
  if (activation == JDROPOUT_RELU && tile->signs != NULL) {
    tile->signs[element >> 6] |= signs << (element & 63u);
  }
}

ALWAYS_INLINE size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

/* Word by word: its bits, and those that it receives, stay in registers. */
ALWAYS_INLINE void forward_tile(element_type type, uint32_t activation,
                                const epilogue_tile *given) {
  const epilogue_tile tile = *given;
  const size_t end = tile.count - tile.count % LANES;
  for (size_t at = 0; at < end;) {
    const size_t word = at >> 6;
    const size_t word_end = smaller(at + 64, end);
    uint64_t kept = tile.words[word];
    uint64_t signs = 0;
    for (; at < word_end; at += LANES) {
      const epilogue_tile part = forward_part(&tile, at * bytes_of(type));
      signs |= forward_vector(type, activation, &part, kept) << (at & 63u);
      kept >>= LANES;
    }
    if (activation == JDROPOUT_RELU && tile.signs != NULL) {
      tile.signs[word] = signs;
    }
  }
  if (end < tile.count) {
    forward_tail(type, activation, &tile, end);
  }
}

ALWAYS_INLINE void gradient_vector(element_type type, uint32_t activation,
                                   const gradient_tile *tile, uint64_t kept) {
  reals gradient = load(type, tile->grad_output) * tile->factor;
  if (activation != JDROPOUT_IDENTITY) {
    gradient = gradient * derivative(activation, biased(type, tile->product, tile->bias));
  }
  gradient = (reals)((integers)gradient & mask_of_bits(kept));
  store(type, tile->grad_product, gradient, tile->streaming);
  if (tile->sums != NULL) {
    const reals sums = load_reals(tile->sums) + gradient;
    memcpy(tile->sums, &sums, sizeof sums);
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
  gradient_vector(type, activation, &tail, tile->words[element >> 6] >> (element & 63u));
  memcpy(part.grad_product, vectors[3], bytes);
  if (part.sums != NULL) {
    memcpy(part.sums, sums, count * sizeof(float));
  }
}

ALWAYS_INLINE void gradient_tile_of(element_type type, uint32_t activation,
                                    const gradient_tile *given) {
  const gradient_tile tile = *given;
  const size_t end = tile.count - tile.count % LANES;
  for (size_t at = 0; at < end;) {
    const size_t word_end = smaller(at + 64, end);
    uint64_t kept = tile.words[at >> 6];
    for (; at < word_end; at += LANES) {
      const gradient_tile part = gradient_part(type, &tile, at);
      gradient_vector(type, activation, &part, kept);
      kept >>= LANES;
    }
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
