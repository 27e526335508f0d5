/*
 * The memory around one call: inputs with NaN and infinities, a poisoned output, canaries on both
 * sides and between rows. Afterwards every byte, in and around, is compared with the oracle's.
 */
#ifndef JDROPOUT_TEST_CALL_MEMORY_H
#define JDROPOUT_TEST_CALL_MEMORY_H

#include "harness.h"

/* Where input and output are, in rows; contiguous elements are one row. Offsets are in bytes. */
typedef struct layout {
  uint64_t rows;
  uint64_t columns;
  size_t input_offset;
  uint64_t input_stride;
  size_t output_offset;
  uint64_t output_stride;
  int is_one_buffer; /* input and output lie in one; with equal offsets, in place */
} layout;

/* What becomes of the elements. */
typedef enum effect { FORWARD, APPLY, SCALE } effect;

typedef struct expectation {
  effect effect;
  double p; /* of SCALE, the factor */
  uint32_t flags;
  /* Whether the element is kept; not asked where the effect is SCALE. */
  int (*is_kept)(const void *context, uint64_t row, uint64_t column);
  const void *context;
} expectation;

typedef struct call_memory call_memory;

struct call_memory {
  const typed_abi *abi;
  layout layout;
  unsigned char *input;
  unsigned char *output;
  size_t used;
};

layout contiguous(uint64_t count, size_t input_offset, size_t output_offset, int is_in_place);

/* Fills the memory of a call; the next call to it reuses the memory. */
call_memory prepare_memory(const typed_abi *abi, layout where, uint64_t salt);

/* Checks all bytes after the call. `what` names the case in a failure. */
__attribute__((format(printf, 3, 4))) void check_memory(const call_memory *memory,
                                                        expectation expected, const char *what,
                                                        ...);

/* Checks that nothing has been written. */
__attribute__((format(printf, 2, 3))) void check_untouched(const call_memory *memory,
                                                           const char *what, ...);

#endif
