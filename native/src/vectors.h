/*
 * Vectors of VECTOR_BYTES, in the notation of gcc and clang, which compile it for every instruction
 * set. The includer defines VECTOR_BYTES.
 */
#ifndef JDROPOUT_VECTORS_H
#define JDROPOUT_VECTORS_H

#include <stdint.h>
#include <string.h>

#define LANES (VECTOR_BYTES / 4u)

#define ALWAYS_INLINE static inline __attribute__((always_inline))

typedef float reals __attribute__((vector_size(VECTOR_BYTES)));
typedef int32_t integers __attribute__((vector_size(VECTOR_BYTES)));
typedef uint32_t naturals __attribute__((vector_size(VECTOR_BYTES)));

/* As many 16-bit elements as a vector has lanes. */
typedef uint16_t halves __attribute__((vector_size(VECTOR_BYTES / 2)));

/* Lanes of `value` where the mask is -1, of `other` where it is 0. */
ALWAYS_INLINE reals choose(integers mask, reals value, reals other) {
  return (reals)((mask & (integers)value) | (~mask & (integers)other));
}

ALWAYS_INLINE reals load_reals(const void *from) {
  reals vector;
  memcpy(&vector, from, sizeof vector);
  return vector;
}

ALWAYS_INLINE halves load_halves(const void *from) {
  halves vector;
  memcpy(&vector, from, sizeof vector);
  return vector;
}

#endif
