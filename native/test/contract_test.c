/*
 * Contiguous elements: forward, mask, apply and scale against the oracle, over sizes around every
 * boundary of quads, words, vectors and tiles. The cross product is thinned by pairing: parameters
 * that meet in one branch of the library are crossed, the others take turns.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "call_memory.h"

#define SEED UINT64_C(0x299f31d0a4093822)
#define STREAM UINT64_C(0x0370734413198a2e)

#define PACKED_BYTES 4096u

static const uint64_t sizes[] = {0,  1,  7,   8,   9,   15,   16,   17,   31,   32,   33,   63,
                                 64, 65, 127, 128, 129, 1023, 1024, 1025, 2047, 2048, 2049, 5003};

static const uint64_t short_sizes[] = {1, 37, 130, 1100};

/* The bits of a NaN that rounding to a shorter type could carry into the sign. */
#define LONGEST_NAN UINT64_C(0x7FFFFFFFFFFFFFFF)

/*
 * Inexact, exact, above and below one, copying, and what overflows or is lost in binary32. The last
 * is replaced by a NaN.
 */
static double scale_factors[] = {0.89999389648437500, 2.0, 1.0, -0.3, 0.0, 1e-9, 1e300,
                                 (double)INFINITY,    0};

static unsigned turn;

typedef struct drawn {
  uint64_t seed;
  uint64_t stream;
  uint64_t first_index;
  double p;
} drawn;

static int is_drawn(const void *context, uint64_t row, uint64_t column) {
  const drawn *mask = context;
  (void)row;
  return oracle_keeps(mask->seed, mask->stream, mask->first_index + column, mask->p);
}

typedef struct packed {
  const unsigned char *mask;
  uint64_t first_bit;
} packed;

static int is_packed(const void *context, uint64_t row, uint64_t column) {
  const packed *bits = context;
  (void)row;
  return bit_at(bits->mask, bits->first_bit + column);
}

static void check_forward(const typed_abi *abi, layout where, double p, uint32_t flags,
                          uint64_t first_index) {
  const drawn mask = {SEED + turn, STREAM, first_index, p};
  const call_memory memory = prepare_memory(abi, where, turn);
  const jdropout_status status = abi->forward(p, flags, mask.seed, mask.stream, first_index,
                                              memory.input, memory.output, where.columns);
  CHECK(status == JDROPOUT_OK, "forward: %s", jdropout_last_error());
  check_memory(&memory, (expectation){FORWARD, p, flags, is_drawn, &mask},
               "forward, p %g, flags %u, first_index %llu", p, flags,
               (unsigned long long)first_index);
}

static void check_apply(const typed_abi *abi, layout where, double p, uint32_t flags,
                        uint64_t first_bit, size_t mask_offset) {
  static unsigned char bytes[PACKED_BYTES];
  fill_bits(bytes, sizeof bytes, turn);
  const packed mask = {bytes + mask_offset, first_bit};
  const call_memory memory = prepare_memory(abi, where, turn);
  const jdropout_status status =
      abi->apply(p, flags, mask.mask, first_bit, memory.input, memory.output, where.columns);
  CHECK(status == JDROPOUT_OK, "apply: %s", jdropout_last_error());
  check_memory(&memory, (expectation){APPLY, p, flags, is_packed, &mask},
               "apply, p %g, flags %u, first_bit %llu, mask at %zu", p, flags,
               (unsigned long long)first_bit, mask_offset);
}

static void check_scale(const typed_abi *abi, layout where, double factor, uint32_t flags) {
  const call_memory memory = prepare_memory(abi, where, turn);
  const jdropout_status status =
      abi->scale(factor, flags, memory.input, memory.output, where.columns);
  CHECK(status == JDROPOUT_OK, "scale: %s", jdropout_last_error());
  check_memory(&memory, (expectation){SCALE, factor, flags, NULL, NULL},
               "scale, factor %g, flags %u", factor, flags);
}

static void check_mask(uint64_t count, double p, uint64_t first_index, size_t offset) {
  static unsigned char bytes[PACKED_BYTES];
  static unsigned char expected[PACKED_BYTES];
  memset(bytes, 0xA5, sizeof bytes);
  memset(expected, 0xA5, sizeof expected);
  const size_t at = 64 + offset;
  memset(expected + at, 0, (size_t)(count + 7) / 8);
  for (uint64_t i = 0; i < count; i++) {
    if (oracle_keeps(SEED, STREAM, first_index + i, p)) {
      expected[at + i / 8] = (unsigned char)(expected[at + i / 8] | 1u << (i % 8));
    }
  }
  const jdropout_status status = jdropout_mask(p, SEED, STREAM, first_index, bytes + at, count);
  CHECK(status == JDROPOUT_OK, "mask: %s", jdropout_last_error());
  CHECK(memcmp(bytes, expected, sizeof bytes) == 0,
        "mask differs: %llu elements, p %g, first_index %llu, at %zu", (unsigned long long)count, p,
        (unsigned long long)first_index, offset);
}

/* The flags and places of a call, from eight combinations. */
static uint32_t flags_of(unsigned combination) { return combination & 3u; }

static layout place(uint64_t count, size_t bytes, unsigned combination) {
  const size_t offset = turn % 16 * bytes;
  return (combination & 4u) != 0 ? contiguous(count, offset, offset, 1)
                                 : contiguous(count, turn % 5 * bytes, offset, 0);
}

static void check_sizes(const typed_abi *abi) {
  for (size_t size = 0; size < LENGTH(sizes); size++) {
    for (size_t i = 0; i < PROBABILITIES; i++) {
      for (unsigned combination = 0; combination < 8; combination++) {
        const double p = probabilities[i];
        const uint32_t flags = flags_of(combination);
        const layout where = place(sizes[size], abi->bytes, combination);
        check_forward(abi, where, p, flags, first_indices[turn % FIRST_INDICES]);
        check_apply(abi, where, p, flags, turn % 131, turn % 9);
        turn++;
      }
    }
    for (size_t i = 0; i < LENGTH(scale_factors); i++) {
      const layout where = place(sizes[size], abi->bytes, turn % 2 * 4);
      check_scale(abi, where, scale_factors[i], turn / 2 % 2 * JDROPOUT_STREAMING);
      turn++;
    }
  }
}

static void check_first_indices(const typed_abi *abi) {
  for (size_t size = 0; size < LENGTH(sizes); size++) {
    for (size_t i = 0; i < FIRST_INDICES; i++) {
      check_forward(abi, contiguous(sizes[size], 0, 0, 0), 0.3, turn % 2 * JDROPOUT_STREAMING,
                    first_indices[i]);
      turn++;
    }
  }
}

/* Every address within a cache line, for input and output, also such that split an element. */
static void check_addresses(const typed_abi *abi) {
  for (size_t size = 0; size < LENGTH(short_sizes); size++) {
    for (size_t offset = 0; offset < 64; offset++) {
      for (unsigned streaming = 0; streaming < 2; streaming++) {
        const uint32_t flags = streaming * JDROPOUT_STREAMING;
        const layout where = contiguous(short_sizes[size], (offset * 7 + 3) % 64, offset, 0);
        const layout in_place = contiguous(short_sizes[size], offset, offset, 1);
        check_forward(abi, where, 0.3, flags, offset);
        check_forward(abi, in_place, 0.5, flags, offset);
        check_apply(abi, where, 0.3, flags, offset, offset);
        check_scale(abi, where, 0.7, flags);
        turn++;
      }
    }
  }
}

/* Every element of a 16-bit type, for every rounding that its conversion has. */
static void check_all_values(const typed_abi *abi) {
  static uint16_t input[65536];
  static uint16_t output[65536];
  static const double factors[] = {1.4285813570022583, 0.5, 0.3333333432674408, 3.0, 1e-4, 65536.0};
  for (uint32_t bits = 0; bits < LENGTH(input); bits++) {
    input[bits] = (uint16_t)bits;
  }
  for (size_t i = 0; i < LENGTH(factors); i++) {
    memset(output, 0xA5, sizeof output);
    CHECK(abi->scale(factors[i], 0, input, output, LENGTH(input)) == JDROPOUT_OK, "%s",
          jdropout_last_error());
    for (uint32_t bits = 0; bits < LENGTH(input); bits++) {
      uint16_t expected;
      oracle_scale(abi->type, factors[i], &input[bits], &expected);
      const int is_same = output[bits] == expected || (oracle_is_nan(abi->type, &expected) &&
                                                       oracle_is_nan(abi->type, &output[bits]));
      CHECK(is_same, "%s 0x%04X * %g is 0x%04X and not 0x%04X", abi->name, bits, factors[i],
            output[bits], expected);
    }
  }
}

static void check_masks(void) {
  for (size_t size = 0; size < LENGTH(sizes); size++) {
    for (size_t i = 0; i < PROBABILITIES; i++) {
      for (size_t first = 0; first < FIRST_INDICES; first++) {
        check_mask(sizes[size], probabilities[i], first_indices[first], turn % 64);
        turn++;
      }
    }
  }
  for (uint64_t first_index = 0; first_index < 130; first_index++) {
    for (uint64_t count = 1; count < 130; count += 3) {
      check_mask(count, 0.5, first_index, 0);
    }
  }
}

int main(void) {
  require_isa();
  const uint64_t nan = LONGEST_NAN;
  memcpy(&scale_factors[LENGTH(scale_factors) - 1], &nan, sizeof nan);
  for (size_t type = 0; type < TYPES; type++) {
    const typed_abi *abi = &typed_abis[type];
    check_sizes(abi);
    check_first_indices(abi);
    check_addresses(abi);
    if (abi->bytes == 2) {
      check_all_values(abi);
    }
  }
  check_masks();
  printf("contract holds with %s\n", jdropout_isa());
  return 0;
}
