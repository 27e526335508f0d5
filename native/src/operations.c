#include "operations.h"

#include <string.h>

#include "bit_ranges.h"
#include "cache_line.h"

static void apply_tile(const kernel_set *kernels, const uint64_t *words, element_type type,
                       factors factor, const unsigned char *input, unsigned char *output,
                       size_t count, int streaming) {
  switch (type) {
    case F32:
      kernels->apply_f32(words, factor.f32, input, output, count, streaming);
      break;
    case F64:
      kernels->apply_f64(words, factor.f64, input, output, count, streaming);
      break;
    case F16:
      kernels->apply_f16(words, factor.f32, input, output, count, streaming);
      break;
    case BF16:
      kernels->apply_bf16(words, factor.f32, input, output, count, streaming);
      break;
  }
}

void apply_source(const kernel_set *kernels, bit_source *source, element_type type, factors factor,
                  extent elements, uint64_t from, int streaming) {
  uint64_t words[SOURCE_WORDS];
  const size_t bytes = bytes_of(type);
  size_t limit = TILE_ELEMENTS;
  if (((uintptr_t)elements.output & (bytes - 1)) != 0) {
    streaming = 0;
  }
  if (streaming) {
    /* A short first tile brings the others to where stores past the cache may begin. */
    const size_t head = elements_to_line(elements.output, bytes);
    limit = head != 0 ? head : limit;
  }
  for (uint64_t at = 0; at < elements.count;) {
    const uint64_t left = elements.count - at;
    const size_t count = left < limit ? (size_t)left : limit;
    const unsigned char *input = elements.input + at * bytes;
    /* The next tile's elements come into the cache while this one's bits are drawn. */
    prefetch ahead = {(uintptr_t)input + count * bytes, left > count ? 64 * bytes : 0, 0};
    source->fill(source, from + at, count, words, ahead);
    apply_tile(kernels, words, type, factor, input, elements.output + at * bytes, count,
               streaming && limit == TILE_ELEMENTS);
    at += count;
    limit = TILE_ELEMENTS;
  }
  if (streaming) {
    kernels->end_streaming();
  }
}

void pack_source(bit_source *source, unsigned char *mask, uint64_t count) {
  uint64_t words[SOURCE_WORDS];
  for (uint64_t at = 0; at < count; at += TILE_ELEMENTS) {
    const uint64_t left = count - at;
    const size_t bits = left < TILE_ELEMENTS ? (size_t)left : TILE_ELEMENTS;
    source->fill(source, at, bits, words, (prefetch){0, 0, 0});
    if (bits % 64 != 0) {
      words[bits / 64] &= low_bits(bits % 64);
    }
    memcpy(mask + (at >> 3), words, (bits + 7) >> 3);
  }
}
