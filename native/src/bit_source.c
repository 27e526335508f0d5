#include "bit_source.h"

#include <string.h>

#include "bit_ranges.h"

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "libjdropout reads and writes packed masks on little-endian machines only"
#endif

/* Words whose quads share the upper half of their index. */
#define WORDS_PER_QUAD_HIGH (UINT64_C(1) << 29)

static uint64_t smaller(uint64_t a, uint64_t b) { return a < b ? a : b; }

static void expand_key(expanded_key *key, uint64_t seed, uint64_t stream, uint32_t threshold) {
  uint32_t k0 = (uint32_t)seed;
  uint32_t k1 = (uint32_t)(seed >> 32);
  for (int round = 0; round < JDROPOUT_PHILOX_ROUNDS; round++) {
    key->k0[round] = k0;
    key->k1[round] = k1;
    k0 += JDROPOUT_PHILOX_W0;
    k1 += JDROPOUT_PHILOX_W1;
  }
  key->stream = stream;
  key->threshold = threshold;
}

/* Draws whole words. */
static void draw_words(const bit_source *source, uint64_t first_word, size_t word_count,
                       uint64_t *words, prefetch ahead) {
  const uint64_t until_wrap = WORDS_PER_QUAD_HIGH - first_word % WORDS_PER_QUAD_HIGH;
  const size_t before = (size_t)smaller(word_count, until_wrap);
  source->kernels->keep_words(&source->key, first_word, words, before, ahead);
  if (before < word_count) {
    source->kernels->keep_words(&source->key, first_word + before, words + before,
                                word_count - before, (prefetch){0, 0, 0});
  }
}

/* Draws the bits of the elements from a global index. */
static void draw(const bit_source *source, uint64_t index, size_t count, uint64_t *words,
                 prefetch ahead) {
  const unsigned shift = (unsigned)(index & 63);
  const size_t word_count = words_for_bits(count + shift);
  draw_words(source, index >> 6, word_count, words, ahead);
  if (shift != 0) {
    shift_bits_down(words, word_count, shift);
  }
}

/* Tiles that begin inside a word share it with the tile before. */
static void fill_drawn(bit_source *source, uint64_t at, size_t count, uint64_t *words,
                       prefetch ahead) {
  const uint64_t index = source->first_index + at;
  const unsigned shift = (unsigned)(index & 63);
  if (shift == 0) {
    draw_words(source, index >> 6, words_for_bits(count), words, ahead);
    return;
  }
  const size_t word_count = words_for_bits(count + shift);
  size_t known = 0;
  if (source->has_carried && source->carried_index == index >> 6) {
    words[0] = source->carried_word;
    known = 1;
  }
  if (known < word_count) {
    draw_words(source, (index >> 6) + known, word_count - known, words + known, ahead);
  }
  source->carried_index = (index >> 6) + word_count - 1;
  source->carried_word = words[word_count - 1];
  source->has_carried = 1;
  shift_bits_down(words, word_count, shift);
}

void draw_bits(bit_source *source, const kernel_set *kernels, uint64_t seed, uint64_t stream,
               uint32_t threshold, uint64_t first_index) {
  source->fill = fill_drawn;
  source->kernels = kernels;
  source->first_index = first_index;
  source->has_carried = 0;
  expand_key(&source->key, seed, stream, threshold);
}

/*
 * Returns where the mask's bit `index` is in row_words, having drawn it and the `wanted` bits after
 * it, as many as fit, if it is not there yet.
 */
static size_t locate_row(bit_source *source, uint64_t index, uint64_t wanted) {
  const uint64_t end = index + wanted;
  if (index < source->rows_from || end > source->rows_to) {
    source->rows_from = index;
    source->rows_to = index + smaller(TILE_ELEMENTS, source->mask_count - index);
    draw(source, source->first_index + index, (size_t)(source->rows_to - index), source->row_words,
         (prefetch){0, 0, 0});
  }
  return (size_t)(index - source->rows_from);
}

/*
 * Spreads decisions over runs of `shared` neighbouring elements. Runs may be as short as two, so the
 * part of a run that is in one word is put there without asking whether it is kept.
 */
static void fill_spread(bit_source *source, uint64_t at, size_t count, uint64_t *words,
                        prefetch ahead) {
  (void)ahead;
  memset(words, 0, words_for_bits(count) * sizeof *words);
  const uint64_t element = source->from + at;
  uint64_t decision = element / source->shared;
  uint64_t left = source->shared - element % source->shared;
  for (size_t done = 0; done < count;) {
    size_t bit = locate_row(source, decision, 1);
    const size_t end = (size_t)(source->rows_to - source->rows_from);
    for (; bit < end && done < count; bit++) {
      const uint64_t kept = 0u - (source->row_words[bit >> 6] >> (bit & 63) & 1u);
      const size_t length = (size_t)smaller(left, count - done);
      if (length <= 64) {
        put_bits(words, done, kept & low_bits(length), length);
      } else if (kept != 0) {
        set_bits(words, done, length);
      }
      done += length;
      decision++;
      left = source->shared;
    }
  }
}

/*
 * Writes `count` bits of a row repeated without end, from the place `phase` in the row, of at most
 * 64 bits. Several rows are put together into one word first, since rows may be as short as two.
 */
static void put_repeated(uint64_t row, size_t row_length, size_t phase, uint64_t *words, size_t at,
                         size_t count) {
  const size_t first = (size_t)smaller(row_length - phase, count);
  put_bits(words, at, row >> phase & low_bits(first), first);
  size_t done = first;
  uint64_t pattern = row;
  size_t pattern_length = row_length;
  while (pattern_length * 2 <= 64) {
    pattern |= pattern << pattern_length;
    pattern_length *= 2;
  }
  while (done < count) {
    const size_t length = (size_t)smaller(pattern_length, count - done);
    put_bits(words, at + done, pattern & low_bits(length), length);
    done += length;
  }
}

/* Repeats rows of `inner` decisions `shared` times each. */
static void fill_repeated(bit_source *source, uint64_t at, size_t count, uint64_t *words,
                          prefetch ahead) {
  (void)ahead;
  memset(words, 0, words_for_bits(count) * sizeof *words);
  const uint64_t inner = source->inner;
  const uint64_t element = source->from + at;
  uint64_t copy = element / inner;
  uint64_t phase = element % inner;
  for (size_t done = 0; done < count;) {
    const uint64_t row = copy / source->shared;
    const uint64_t copies_left = source->shared - copy % source->shared;
    if (inner <= 64) {
      const size_t start = locate_row(source, row * inner, inner);
      /* Fewer copies than a tile has bits are wanted, so the product does not overflow. */
      const uint64_t copies = smaller(copies_left, TILE_ELEMENTS);
      const size_t length = (size_t)smaller(copies * inner - phase, count - done);
      put_repeated(get_bits(source->row_words, start, (size_t)inner), (size_t)inner, (size_t)phase,
                   words, done, length);
      done += length;
      copy += copies;
    } else {
      const uint64_t wanted = smaller(inner - phase, count - done);
      const size_t start = locate_row(source, row * inner + phase, wanted);
      copy_bits(source->row_words, start, words, done, (size_t)wanted);
      done += (size_t)wanted;
      copy++;
    }
    phase = 0;
  }
}

void draw_shared_bits(bit_source *source, const kernel_set *kernels, uint64_t seed, uint64_t stream,
                      uint32_t threshold, uint64_t first_index, uint64_t outer, uint64_t shared,
                      uint64_t inner, uint64_t from) {
  draw_bits(source, kernels, seed, stream, threshold, first_index);
  source->fill = inner == 1 ? fill_spread : fill_repeated;
  source->shared = shared;
  source->inner = inner;
  source->from = from;
  source->mask_count = outer * inner;
  source->rows_from = 0;
  source->rows_to = 0;
}

static void fill_read(bit_source *source, uint64_t at, size_t count, uint64_t *words,
                      prefetch ahead) {
  (void)ahead;
  const uint64_t first = source->first_bit + at;
  const unsigned shift = (unsigned)(first & 7);
  const size_t bits = count + shift;
  const size_t word_count = words_for_bits(bits);
  words[word_count - 1] = 0;
  memcpy(words, source->packed + (first >> 3), (bits + 7) >> 3);
  if (shift != 0) {
    shift_bits_down(words, word_count, shift);
  }
}

void read_bits(bit_source *source, const unsigned char *packed, uint64_t first_bit) {
  source->fill = fill_read;
  source->packed = packed;
  source->first_bit = first_bit;
}

static void fill_ones(bit_source *source, uint64_t at, size_t count, uint64_t *words,
                      prefetch ahead) {
  (void)source;
  (void)at;
  (void)ahead;
  memset(words, 0xFF, words_for_bits(count) * sizeof *words);
}

void set_all_bits(bit_source *source) { source->fill = fill_ones; }

static void fill_zeros(bit_source *source, uint64_t at, size_t count, uint64_t *words,
                       prefetch ahead) {
  (void)source;
  (void)at;
  (void)ahead;
  memset(words, 0, words_for_bits(count) * sizeof *words);
}

void clear_all_bits(bit_source *source) { source->fill = fill_zeros; }
