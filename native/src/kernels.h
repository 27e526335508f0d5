/*
 * The inner loops that differ between instruction sets.
 *
 * Bits and elements meet in a tile: one function draws a tile's keep bits into 64-bit words, others
 * apply such words to elements, wherever the bits come from. Element i of the tile is bit i & 63 of
 * word i >> 6, 1 = keep. Arguments are not checked.
 */
#ifndef JDROPOUT_KERNELS_H
#define JDROPOUT_KERNELS_H

#include <stddef.h>
#include <stdint.h>

#include "epilogue_kernels.h"
#include "jdropout/keep.h"

/* Elements of a tile: its bits and elements stay in the first-level cache. A multiple of 64. */
#define TILE_ELEMENTS 1024u
#define TILE_WORDS (TILE_ELEMENTS / 64u)

/* What all quads of one application share. */
typedef struct expanded_key {
  uint32_t k0[JDROPOUT_PHILOX_ROUNDS];
  uint32_t k1[JDROPOUT_PHILOX_ROUNDS];
  uint64_t stream;
  uint32_t threshold; /* in [1, 65535] */
} expanded_key;

/* Memory to fetch into the cache while bits are drawn; bytes_per_word 0 for none. */
typedef struct prefetch {
  uintptr_t address;
  size_t bytes_per_word; /* a multiple of the cache line's 64 bytes */
  uintptr_t second;      /* of a second input, of as many bytes; 0 for none */
} prefetch;

/* Starts to fetch what belongs to the word; addresses past the end of memory do no harm. */
static inline void fetch_ahead(prefetch ahead, size_t word) {
  const uintptr_t from = ahead.address + word * ahead.bytes_per_word;
  for (size_t at = 0; at < ahead.bytes_per_word; at += 64) {
    __builtin_prefetch((const void *)(from + at), 0, 3);
  }
  if (ahead.second != 0) {
    const uintptr_t second = ahead.second + word * ahead.bytes_per_word;
    for (size_t at = 0; at < ahead.bytes_per_word; at += 64) {
      __builtin_prefetch((const void *)(second + at), 0, 3);
    }
  }
}

/*
 * Writes the keep bits of the elements 64 * first_word to 64 * (first_word + word_count) - 1. All
 * of these words' quads must have the same upper half of their index.
 */
typedef void keep_words_function(const expanded_key *key, uint64_t first_word, uint64_t *words,
                                 size_t word_count, prefetch ahead);

/*
 * Writes input * scale where the bit is 1 and +0 elsewhere; count is at most a tile.
 *
 * streaming: output is aligned to 64 bytes; write past the cache if the instruction set can.
 */
typedef void apply_f32_function(const uint64_t *words, float scale, const void *input, void *output,
                                size_t count, int streaming);
typedef void apply_f64_function(const uint64_t *words, double scale, const void *input,
                                void *output, size_t count, int streaming);

typedef struct kernel_set {
  const char *isa;
  keep_words_function *keep_words;
  apply_f32_function *apply_f32;
  apply_f64_function *apply_f64;
  apply_f32_function *apply_f16;  /* widened, multiplied in binary32, rounded once */
  apply_f32_function *apply_bf16; /* the same */
  void (*end_streaming)(void);    /* makes streamed stores visible to other threads */
  const epilogue_kernels *epilogues;
} kernel_set;

extern const epilogue_kernels epilogues_portable;
extern const kernel_set kernels_portable;
#ifdef JDROPOUT_X86
extern const epilogue_kernels epilogues_avx2;
extern const epilogue_kernels epilogues_avx512f;
extern const epilogue_kernels epilogues_avx512bw;
extern const kernel_set kernels_avx2;
extern const kernel_set kernels_avx512f;
extern const kernel_set kernels_avx512bw;
#endif

#endif
