/*
 * libFuzzer target over the C ABI: bytes become one call, whose buffers lie anywhere in one piece
 * of memory. Afterwards all of that memory is compared with the oracle's, or with what it was if
 * the call was refused. JDROPOUT_MAX_ISA chooses the instruction set.
 */
#include <stdio.h>
#include <string.h>

#include "harness.h"

/* Room for the largest call at the largest offset. */
#define MEMORY_BYTES 40960u
#define OFFSETS 24000u

#define MOST_ELEMENTS 1300u
#define MOST_ROWS 6u
#define MOST_COLUMNS 150u
#define MOST_PADDING 40u
#define MOST_BITS 200u

typedef struct reader {
  const uint8_t *data;
  size_t size;
} reader;

/* Returns the next bytes as a number; 0 where there are none left. */
static uint64_t number(reader *from, size_t bytes) {
  uint64_t value = 0;
  for (size_t i = 0; i < bytes && from->size > 0; i++) {
    value = value << 8 | *from->data++;
    from->size--;
  }
  return value;
}

/* Returns a number below a limit, or, rarely, one so large that a call with elements is refused. */
static uint64_t below(reader *from, uint64_t limit) {
  const uint64_t value = number(from, 2);
  return value >= 0xFFF0 ? ~UINT64_C(0) - value % 16 : value % limit;
}

typedef enum operation_kind {
  FORWARD,
  FORWARD_ROWS,
  SHARED,
  MASK,
  APPLY,
  APPLY_ROWS,
  SCALE
} operation_kind;

#define OPERATIONS 7

/* One call; what an operation does not have is not used. */
typedef struct fuzzed_call {
  operation_kind operation;
  const typed_abi *abi;
  double p;
  uint32_t flags;
  uint64_t seed;
  uint64_t stream;
  uint64_t first; /* index or bit */
  uint64_t bit_stride;
  uint64_t outer;
  uint64_t shared;
  uint64_t inner;
  uint64_t from;
  size_t input_at;
  size_t output_at;
  size_t mask_at;
  uint64_t input_stride;
  uint64_t output_stride;
  uint64_t rows;
  uint64_t columns;
} fuzzed_call;

static double decode_p(reader *from) {
  const uint64_t choice = number(from, 1);
  if (choice % 4 != 0) {
    return probabilities[choice / 4 % PROBABILITIES];
  }
  const uint64_t bits = number(from, 8);
  double p;
  memcpy(&p, &bits, sizeof p);
  return p;
}

static size_t decode_offset(reader *from) { return (size_t)(number(from, 2) % OFFSETS); }

static int has_rows(operation_kind operation) {
  return operation == FORWARD_ROWS || operation == APPLY_ROWS;
}

static int reads_mask(operation_kind operation) {
  return operation == APPLY || operation == APPLY_ROWS;
}

static void decode_shape(reader *from, fuzzed_call *call) {
  if (has_rows(call->operation)) {
    call->rows = below(from, MOST_ROWS);
    call->columns = below(from, MOST_COLUMNS);
    const uint64_t columns = call->columns % MOST_COLUMNS;
    call->input_stride = columns - 1 + below(from, MOST_PADDING);
    call->output_stride =
        number(from, 1) % 2 == 0 ? call->input_stride : columns - 1 + below(from, MOST_PADDING);
  } else {
    call->rows = 1;
    call->columns = below(from, MOST_ELEMENTS);
  }
  if (call->operation == FORWARD_ROWS) {
    call->bit_stride = call->columns - 1 + number(from, 1 + number(from, 1) % 8);
  } else if (call->operation == APPLY_ROWS) {
    call->bit_stride = call->columns - 1 + below(from, MOST_PADDING);
  }
  if (call->operation == SHARED) {
    call->outer = number(from, 1 + number(from, 1) % 4);
    call->shared = number(from, 1 + number(from, 1) % 4);
    call->inner = number(from, 1 + number(from, 1) % 4);
    call->from = number(from, 8) % (call->outer * call->shared * call->inner | 1);
  }
}

/* Three in four calls are in place, side by side or apart, so that most are not refused. */
static void decode_places(reader *from, fuzzed_call *call) {
  const size_t bytes = call->abi->bytes;
  const uint64_t choice = number(from, 1) % 4;
  call->input_at = decode_offset(from) / 2;
  call->mask_at = decode_offset(from);
  if (choice == 0) {
    call->output_at = decode_offset(from);
  } else if (choice == 1) {
    call->output_at = call->input_at;
  } else if (choice == 2) {
    call->output_at = call->input_at + (size_t)(number(from, 1)) * bytes;
  } else {
    call->output_at = OFFSETS / 2 + decode_offset(from) / 2;
  }
}

static fuzzed_call decode(reader *from) {
  fuzzed_call call;
  memset(&call, 0, sizeof call);
  call.operation = (operation_kind)(number(from, 1) % OPERATIONS);
  call.abi = &typed_abis[number(from, 1) % TYPES];
  call.p = decode_p(from);
  call.flags = (uint32_t)number(from, 1) % 5;
  call.seed = number(from, 8);
  call.stream = number(from, 8);
  decode_shape(from, &call);
  decode_places(from, &call);
  call.first =
      reads_mask(call.operation) ? below(from, MOST_BITS) : number(from, 1 + number(from, 1) % 8);
  return call;
}

static jdropout_status make(const fuzzed_call *call, unsigned char *memory) {
  const typed_abi *abi = call->abi;
  const void *input = memory + call->input_at;
  const void *mask = memory + call->mask_at;
  void *output = memory + call->output_at;
  switch (call->operation) {
    case FORWARD:
      return abi->forward(call->p, call->flags, call->seed, call->stream, call->first, input,
                          output, call->columns);
    case FORWARD_ROWS:
      return abi->forward_rows(call->p, call->flags, call->seed, call->stream, call->first,
                               call->bit_stride, input, call->input_stride, output,
                               call->output_stride, call->rows, call->columns);
    case SHARED:
      return abi->forward_shared(call->p, call->flags, call->seed, call->stream, call->first,
                                 call->outer, call->shared, call->inner, call->from, input, output,
                                 call->columns);
    case MASK:
      return jdropout_mask(call->p, call->seed, call->stream, call->first, output, call->columns);
    case APPLY:
      return abi->apply(call->p, call->flags, mask, call->first, input, output, call->columns);
    case APPLY_ROWS:
      return abi->apply_rows(call->p, call->flags, mask, call->first, call->bit_stride, input,
                             call->input_stride, output, call->output_stride, call->rows,
                             call->columns);
    case SCALE:
      return abi->scale(call->p, call->flags, input, output, call->columns);
  }
  return JDROPOUT_OK;
}

static int is_kept(const fuzzed_call *call, const unsigned char *before, uint64_t row,
                   uint64_t column) {
  uint64_t index = call->first + row * call->bit_stride + column;
  if (reads_mask(call->operation)) {
    return bit_at(before + call->mask_at, index);
  }
  if (call->operation == SHARED) {
    const uint64_t at = call->from + column;
    index = call->first + at / (call->shared * call->inner) * call->inner + at % call->inner;
  }
  return oracle_keeps(call->seed, call->stream, index, call->p);
}

static void expect_mask(const fuzzed_call *call, const unsigned char *before,
                        unsigned char *expected) {
  unsigned char *mask = expected + call->output_at;
  memset(mask, 0, (size_t)(call->columns + 7) / 8);
  for (uint64_t i = 0; i < call->columns; i++) {
    mask[i / 8] = (unsigned char)(mask[i / 8] | is_kept(call, before, 0, i) << (i % 8));
  }
}

static void expect_element(const fuzzed_call *call, int kept, const unsigned char *input,
                           const unsigned char *actual, unsigned char *expected) {
  const oracle_type type = call->abi->type;
  const int is_classical = (call->flags & JDROPOUT_CLASSICAL) != 0;
  if (call->operation == SCALE) {
    oracle_scale(type, call->p, input, expected);
  } else if (reads_mask(call->operation)) {
    oracle_apply(type, call->p, is_classical, kept, input, expected);
  } else {
    oracle_forward(type, call->p, is_classical, kept, input, expected);
  }
  if (oracle_is_nan(type, expected) && oracle_is_nan(type, actual)) {
    memcpy(expected, actual, call->abi->bytes);
  }
}

/* Writes the expected output over `expected`, which holds what was there before. */
static void expect(const fuzzed_call *call, const unsigned char *before,
                   const unsigned char *actual, unsigned char *expected) {
  if (call->columns == 0) {
    return;
  }
  if (call->operation == MASK) {
    expect_mask(call, before, expected);
    return;
  }
  const size_t bytes = call->abi->bytes;
  for (uint64_t row = 0; row < call->rows; row++) {
    for (uint64_t column = 0; column < call->columns; column++) {
      const size_t in = call->input_at + (size_t)(row * call->input_stride + column) * bytes;
      const size_t out = call->output_at + (size_t)(row * call->output_stride + column) * bytes;
      const int kept = call->operation == SCALE || is_kept(call, before, row, column);
      expect_element(call, kept, before + in, actual + out, expected + out);
    }
  }
}

/* Elements of each type, at every offset that is a multiple of their size. */
static const unsigned char *initial_memory(oracle_type type) {
  static unsigned char images[TYPES][MEMORY_BYTES];
  static int is_filled;
  if (!is_filled) {
    for (size_t i = 0; i < TYPES; i++) {
      fill_elements(typed_abis[i].type, images[i], MEMORY_BYTES / typed_abis[i].bytes, i);
    }
    is_filled = 1;
  }
  return images[type];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static _Alignas(64) unsigned char memory[MEMORY_BYTES];
  static unsigned char expected[MEMORY_BYTES];
  reader from = {data, size};
  const fuzzed_call call = decode(&from);
  const unsigned char *before = initial_memory(call.abi->type);
  memcpy(memory, before, sizeof memory);
  memcpy(expected, before, sizeof expected);
  const jdropout_status status = make(&call, memory);
  if (status == JDROPOUT_OK) {
    expect(&call, before, memory, expected);
  } else {
    CHECK(status == JDROPOUT_INVALID_ARGUMENT, "status %d: %s", (int)status, jdropout_last_error());
  }
  CHECK(memcmp(memory, expected, sizeof memory) == 0,
        "operation %d on %s gives other bytes, status %d", (int)call.operation, call.abi->name,
        (int)status);
  return 0;
}
