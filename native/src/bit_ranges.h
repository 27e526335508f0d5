/* Ranges of bits in arrays of words; bit i is bit i & 63 of word i >> 6. */
#ifndef JDROPOUT_BIT_RANGES_H
#define JDROPOUT_BIT_RANGES_H

#include <stddef.h>
#include <stdint.h>

static inline size_t words_for_bits(size_t bits) { return (bits + 63) >> 6; }

/* The lowest `count` bits, in [0, 64]. */
static inline uint64_t low_bits(size_t count) {
  return count >= 64 ? ~UINT64_C(0) : (UINT64_C(1) << count) - 1;
}

/* Moves all bits down by `distance`, in [1, 63]; the last word receives zeros. */
static inline void shift_bits_down(uint64_t *words, size_t word_count, unsigned distance) {
  for (size_t word = 0; word + 1 < word_count; word++) {
    words[word] = words[word] >> distance | words[word + 1] << (64 - distance);
  }
  words[word_count - 1] >>= distance;
}

/* Returns `count` bits, in [1, 64], in the lowest places. */
static inline uint64_t get_bits(const uint64_t *words, size_t from, size_t count) {
  const size_t word = from >> 6;
  const size_t shift = from & 63;
  uint64_t bits = words[word] >> shift;
  if (shift + count > 64) {
    bits |= words[word + 1] << (64 - shift);
  }
  return bits & low_bits(count);
}

/* Puts `count` bits, in [1, 64], to where the words have zeros; `bits` has no others. */
static inline void put_bits(uint64_t *words, size_t at, uint64_t bits, size_t count) {
  const size_t shift = at & 63;
  words[at >> 6] |= bits << shift;
  if (shift + count > 64) {
    words[(at >> 6) + 1] |= bits >> (64 - shift);
  }
}

/* Sets `count` bits. */
static inline void set_bits(uint64_t *words, size_t from, size_t count) {
  while (count > 0) {
    const size_t room = 64 - (from & 63);
    const size_t length = count < room ? count : room;
    words[from >> 6] |= low_bits(length) << (from & 63);
    from += length;
    count -= length;
  }
}

/* Copies bits to where the target has zeros. */
static inline void copy_bits(const uint64_t *source, size_t from, uint64_t *target, size_t at,
                             size_t count) {
  while (count > 0) {
    const size_t length = count < 64 ? count : 64;
    put_bits(target, at, get_bits(source, from, length), length);
    from += length;
    at += length;
    count -= length;
  }
}

#endif
