/*
 * Counts, strides and offsets that do not fit 32 bits, and outputs large enough to be streamed
 * unasked.
 *
 * Large memory shows one short piece again and again, so that the test needs little; after a call
 * the piece holds what the call wrote last.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "harness.h"

#define SEED 17
#define STREAM 19

/* Pages, of any system, but no power of two: an offset that lost its upper half shows elsewhere. */
#define WINDOW ((size_t)65 << 16)

/* The elements at the end that are compared with the oracle. */
#define CHECKED 100000u

/* Address space that shows one window of memory again and again. */
typedef struct repeated {
  unsigned char *start;
  size_t bytes;
} repeated;

static repeated repeat_window(uint64_t wanted) {
  const size_t bytes = ((size_t)wanted / WINDOW + 1) * WINDOW;
  const int file = memfd_create("window", 0);
  if (file < 0 || ftruncate(file, (off_t)WINDOW) != 0) {
    stop_skipped("no file in memory");
  }
  unsigned char *all =
      mmap(NULL, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (all == MAP_FAILED) {
    stop_skipped("no %zu bytes of address space", bytes);
  }
  for (size_t at = 0; at < bytes; at += WINDOW) {
    if (mmap(all + at, WINDOW, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, file, 0) ==
        MAP_FAILED) {
      stop_skipped("no %zu mappings", bytes / WINDOW);
    }
  }
  (void)close(file);
  memset(all, 0xA5, WINDOW);
  return (repeated){all, bytes};
}

static void release(repeated memory) { (void)munmap(memory.start, memory.bytes); }

/* Infinity shows whether it was kept, and no scale changes it. */
#define BF16_INFINITY 0x7F80

static void fill_with_infinities(unsigned char *elements, size_t count) {
  const uint16_t infinity = BF16_INFINITY;
  for (size_t i = 0; i < count; i++) {
    memcpy(elements + i * sizeof infinity, &infinity, sizeof infinity);
  }
}

static void check_element(const unsigned char *elements, uint64_t at, int is_kept) {
  uint16_t element;
  memcpy(&element, elements + at * sizeof element, sizeof element);
  CHECK(element == (is_kept ? BF16_INFINITY : 0), "element %llu is 0x%04X", (unsigned long long)at,
        element);
}

/* A mask of more than 2^32 elements ends with the bits that its end has by the oracle. */
static void check_mask(void) {
  const uint64_t count = (UINT64_C(1) << 32) + 1100;
  const repeated mask = repeat_window(count / 8 + 1);
  CHECK(jdropout_mask(0.3, SEED, STREAM, 3, mask.start, count) == JDROPOUT_OK, "%s",
        jdropout_last_error());
  for (uint64_t i = count - CHECKED; i < count; i++) {
    CHECK(bit_at(mask.start, i) == oracle_keeps(SEED, STREAM, 3 + i, 0.3), "bit %llu differs",
          (unsigned long long)i);
  }
  release(mask);
}

/* So does a tensor of more than 2^31 elements, which are more than 2^32 bytes. */
static void check_forward(void) {
  const uint64_t count = (UINT64_C(1) << 31) + 555;
  const repeated input = repeat_window(count * 2);
  const repeated output = repeat_window(count * 2);
  fill_with_infinities(input.start, WINDOW / 2);
  CHECK(jdropout_forward_bf16(0.3, 0, SEED, STREAM, 3, input.start, output.start, count) ==
            JDROPOUT_OK,
        "%s", jdropout_last_error());
  for (uint64_t i = count - CHECKED; i < count; i++) {
    check_element(output.start, i, oracle_keeps(SEED, STREAM, 3 + i, 0.3));
  }
  release(input);
  release(output);
}

/* Few elements, whose places in input, output, mask and tensor are far apart. */
static void check_far_rows(void) {
  const uint64_t stride = (UINT64_C(1) << 31) + 777;
  const uint64_t rows = 3;
  const uint64_t columns = 100;
  const uint64_t span = (rows - 1) * stride + columns;
  const repeated input = repeat_window(span * 2);
  const repeated output = repeat_window(span * 2);
  fill_with_infinities(input.start, WINDOW / 2);
  CHECK(jdropout_forward_rows_bf16(0.3, 0, SEED, STREAM, 3, stride, input.start, stride,
                                   output.start, stride, rows, columns) == JDROPOUT_OK,
        "%s", jdropout_last_error());
  for (uint64_t row = 0; row < rows; row++) {
    for (uint64_t column = 0; column < columns; column++) {
      const uint64_t at = row * stride + column;
      check_element(output.start, at, oracle_keeps(SEED, STREAM, 3 + at, 0.3));
    }
  }
  release(input);
  release(output);
}

/* Bits of a mask beyond its first 2^35. */
static void check_far_bits(void) {
  const uint64_t first_bit = (UINT64_C(1) << 35) + 5;
  const repeated mask = repeat_window(first_bit / 8 + 200);
  fill_bits(mask.start + first_bit / 8, 200, 3);
  static unsigned char elements[1500 * 2];
  const uint64_t count = sizeof elements / 2;
  fill_with_infinities(elements, (size_t)count);
  CHECK(
      jdropout_apply_bf16(0.3, 0, mask.start, first_bit, elements, elements, count) == JDROPOUT_OK,
      "%s", jdropout_last_error());
  for (uint64_t i = 0; i < count; i++) {
    check_element(elements, i, bit_at(mask.start, first_bit + i));
  }
  release(mask);
}

/* One call whose output is streamed for its size, against calls whose outputs are not. */
static void check_streaming(const typed_abi *abi) {
  const uint64_t most = UINT64_C(256) << 20;
  const uint64_t bytes = jdropout_streaming_bytes() + 1000;
  if (bytes > most) {
    printf("SKIPPED: outputs are streamed from %llu bytes on, which takes too long\n",
           (unsigned long long)jdropout_streaming_bytes());
    return;
  }
  const uint64_t count = bytes / abi->bytes + 1;
  const uint64_t part = 30011;
  unsigned char *input = malloc((size_t)(count * abi->bytes));
  unsigned char *output = malloc((size_t)(count * abi->bytes));
  static unsigned char expected[30011 * 8];
  CHECK(input != NULL && output != NULL, "no %llu bytes", (unsigned long long)bytes);
  for (uint64_t at = 0; at < count; at += part) {
    const uint64_t elements = count - at < part ? count - at : part;
    if (at == 0) {
      fill_elements(abi->type, input, (size_t)elements, 1);
    } else {
      memcpy(input + at * abi->bytes, input, (size_t)(elements * abi->bytes));
    }
  }
  CHECK(abi->forward(0.3, 0, SEED, STREAM, 3, input, output, count) == JDROPOUT_OK, "%s",
        jdropout_last_error());
  for (uint64_t at = 0; at < count; at += part) {
    const uint64_t elements = count - at < part ? count - at : part;
    CHECK(abi->forward(0.3, 0, SEED, STREAM, 3 + at, input + at * abi->bytes, expected, elements) ==
              JDROPOUT_OK,
          "%s", jdropout_last_error());
    CHECK(memcmp(output + at * abi->bytes, expected, (size_t)(elements * abi->bytes)) == 0,
          "a large output of %s differs from element %llu on", abi->name, (unsigned long long)at);
  }
  free(input);
  free(output);
}

int main(void) {
  require_isa();
  if (sizeof(size_t) < 8) {
    stop_skipped("addresses have fewer than 64 bits");
  }
  check_far_rows();
  check_far_bits();
  for (size_t type = 0; type < TYPES; type++) {
    check_streaming(&typed_abis[type]);
  }
  check_mask();
  check_forward();
  printf("large counts hold with %s\n", jdropout_isa());
  return 0;
}
