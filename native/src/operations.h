/* The operations on elements of any type; arguments have been checked. */
#ifndef JDROPOUT_OPERATIONS_H
#define JDROPOUT_OPERATIONS_H

#include <stddef.h>
#include <stdint.h>

#include "bit_source.h"
#include "element_type.h"
#include "kernels.h"

/* The factor of kept elements, for f64 and for all others. */
typedef struct factors {
  double f64;
  float f32;
} factors;

/* Contiguous elements. */
typedef struct extent {
  const unsigned char *input;
  unsigned char *output;
  uint64_t count;
} extent;

/*
 * Writes input * factor where the source's bit is 1, +0 elsewhere.
 *
 * from        index, for the source, of the extent's first element
 * streaming   write past the cache
 */
void apply_source(const kernel_set *kernels, bit_source *source, element_type type, factors factor,
                  extent elements, uint64_t from, int streaming);

/* Writes the source's bits from 0, packed; what is left of the last byte is 0. */
void pack_source(bit_source *source, unsigned char *mask, uint64_t count);

#endif
