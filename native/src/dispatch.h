/* Which instruction set is used; decided once, when the library is loaded. */
#ifndef JDROPOUT_DISPATCH_H
#define JDROPOUT_DISPATCH_H

#include <stdint.h>

#include "jdropout.h"
#include "kernels.h"

/* Written by the library's constructor alone, before anything else of the library runs. */
typedef struct dispatch_state {
  const kernel_set *kernels; /* NULL if the environment names an unknown instruction set */
  uint64_t streaming_bytes;
  char environment[64]; /* what JDROPOUT_MAX_ISA held */
  char features[256];
} dispatch_state;

extern dispatch_state dispatch;

/* Whether an output of this size is written past the cache; `input` is where it is read from. */
static inline int is_streamed(uint32_t flags, const void *input, const void *output,
                              uint64_t bytes) {
  return input != output &&
         ((flags & JDROPOUT_STREAMING) != 0 || bytes >= dispatch.streaming_bytes);
}

/* The names that JDROPOUT_MAX_ISA may have, for an error message. */
#define DISPATCH_NAMES "portable, avx2, avx512f, avx512bw"

#endif
