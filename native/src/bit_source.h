/*
 * Where the keep bits of a tile come from: drawn for the elements' own indices, drawn for a shared
 * mask, read from a packed mask, or all ones or zeros.
 */
#ifndef JDROPOUT_BIT_SOURCE_H
#define JDROPOUT_BIT_SOURCE_H

#include <stddef.h>
#include <stdint.h>

#include "kernels.h"

/* Words of a tile that starts anywhere in its first word. */
#define SOURCE_WORDS (TILE_WORDS + 1)

typedef struct bit_source bit_source;

struct bit_source {
  /*
   * Writes the bits of `count` elements, at most a tile, from the element `at` of the call.
   * Ascending tiles are the fast case.
   */
  void (*fill)(bit_source *source, uint64_t at, size_t count, uint64_t *words, prefetch ahead);

  /* Of drawn bits. first_index is that of the call's first element, or of the shared mask. */
  const kernel_set *kernels;
  expanded_key key;
  uint64_t first_index;
  /* A word drawn last, which the next tile begins with if it does not begin at a word. */
  uint64_t carried_index;
  uint64_t carried_word;
  int has_carried;

  /* Of a shared mask over [outer, shared, inner]; `from` is the call's first element in it. */
  uint64_t shared;
  uint64_t inner;
  uint64_t from;
  uint64_t mask_count;
  /* The mask's bits rows_from to rows_to - 1, kept for the next tiles. */
  uint64_t rows_from;
  uint64_t rows_to;
  uint64_t row_words[SOURCE_WORDS];

  /* Of a packed mask. */
  const unsigned char *packed;
  uint64_t first_bit;
};

/* The threshold must be in [1, 65535] where bits are drawn. */
void draw_bits(bit_source *source, const kernel_set *kernels, uint64_t seed, uint64_t stream,
               uint32_t threshold, uint64_t first_index);

/* Like draw_bits, with one decision along the middle axis of [outer, shared, inner]. */
void draw_shared_bits(bit_source *source, const kernel_set *kernels, uint64_t seed, uint64_t stream,
                      uint32_t threshold, uint64_t first_index, uint64_t outer, uint64_t shared,
                      uint64_t inner, uint64_t from);

void read_bits(bit_source *source, const unsigned char *packed, uint64_t first_bit);

void set_all_bits(bit_source *source);

void clear_all_bits(bit_source *source);

#endif
