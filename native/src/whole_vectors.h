/*
 * A loop over whole vectors and a tail, for kernels that take one vector:
 *
 *   vector_kernel(words, factor, input, output, element, streaming)
 *
 * The includer defines VECTOR_BYTES.
 */
#ifndef JDROPOUT_WHOLE_VECTORS_H
#define JDROPOUT_WHOLE_VECTORS_H

#include <string.h>

/* The body of an apply function; `words`, `factor` and its parameters are in scope. */
#define APPLY_VECTORS(vector_kernel, element_bytes)                                                \
  const unsigned char *source = input;                                                             \
  unsigned char *target = output;                                                                  \
  size_t at = 0;                                                                                   \
  for (; at + VECTOR_BYTES / (element_bytes) <= count; at += VECTOR_BYTES / (element_bytes)) {     \
    vector_kernel(words, factor, source + at * (element_bytes), target + at * (element_bytes), at, \
                  streaming);                                                                      \
  }                                                                                                \
  APPLY_TAIL(vector_kernel, element_bytes)

/*
 * The elements from `at` on, less than a vector, through a vector of zeros: nothing behind the last
 * element is read, and AVX2 and AVX-512F have no masked loads of 16-bit lanes.
 */
#define APPLY_TAIL(vector_kernel, element_bytes)               \
  if (at < count) {                                            \
    unsigned char vector[VECTOR_BYTES] = {0};                  \
    const size_t tail_bytes = (count - at) * (element_bytes);  \
    memcpy(vector, source + at * (element_bytes), tail_bytes); \
    vector_kernel(words, factor, vector, vector, at, 0);       \
    memcpy(target + at * (element_bytes), vector, tail_bytes); \
  }

#endif
