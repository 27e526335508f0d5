#include "call_memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define BUFFER_BYTES (1u << 20)

/* Canaries on each side. */
#define MARGIN 128u

#define POISON 0xA5

static _Alignas(4096) unsigned char first_buffer[BUFFER_BYTES];
static _Alignas(4096) unsigned char second_buffer[BUFFER_BYTES];
static unsigned char first_before[BUFFER_BYTES];
static unsigned char second_before[BUFFER_BYTES];

layout contiguous(uint64_t count, size_t input_offset, size_t output_offset, int is_in_place) {
  return (layout){1, count, input_offset, count, output_offset, count, is_in_place};
}

static size_t span_of(uint64_t rows, uint64_t columns, uint64_t stride, size_t bytes) {
  return rows == 0 || columns == 0 ? 0 : (size_t)((rows - 1) * stride + columns) * bytes;
}

static size_t larger(size_t a, size_t b) { return a > b ? a : b; }

call_memory prepare_memory(const typed_abi *abi, layout where, uint64_t salt) {
  const size_t input_end =
      where.input_offset + span_of(where.rows, where.columns, where.input_stride, abi->bytes);
  const size_t output_end =
      where.output_offset + span_of(where.rows, where.columns, where.output_stride, abi->bytes);
  const size_t used = MARGIN + larger(input_end, output_end) + MARGIN;
  CHECK(used <= BUFFER_BYTES, "test's buffer has no room for %zu bytes", used);
  memset(first_buffer, POISON, used);
  memset(second_buffer, POISON, used);
  unsigned char *input = first_buffer + MARGIN + where.input_offset;
  for (uint64_t row = 0; row < where.rows; row++) {
    fill_elements(abi->type, input + row * where.input_stride * abi->bytes, (size_t)where.columns,
                  salt + row);
  }
  memcpy(first_before, first_buffer, used);
  memcpy(second_before, second_buffer, used);
  return (call_memory){
      abi, where, input,
      (where.is_one_buffer ? first_buffer : second_buffer) + MARGIN + where.output_offset, used};
}

/* Writes the expected output over the image; a NaN takes the actual one's bits if that is a NaN. */
static void expect(const call_memory *memory, const expectation *expected, unsigned char *image,
                   const unsigned char *input_image) {
  const typed_abi *abi = memory->abi;
  const layout *where = &memory->layout;
  const int is_classical = (expected->flags & JDROPOUT_CLASSICAL) != 0;
  const int is_copy = expected->effect == FORWARD ? expected->p == 0
                                                  : expected->effect == SCALE && expected->p == 1;
  for (uint64_t row = 0; row < where->rows; row++) {
    for (uint64_t column = 0; column < where->columns; column++) {
      const size_t in_at =
          MARGIN + where->input_offset + (row * where->input_stride + column) * abi->bytes;
      const size_t offset = (row * where->output_stride + column) * abi->bytes;
      unsigned char *element = image + MARGIN + where->output_offset + offset;
      unsigned char result[8];
      const int is_kept =
          expected->effect == SCALE || expected->is_kept(expected->context, row, column);
      if (expected->effect == FORWARD) {
        oracle_forward(abi->type, expected->p, is_classical, is_kept, input_image + in_at, result);
      } else if (expected->effect == APPLY) {
        oracle_apply(abi->type, expected->p, is_classical, is_kept, input_image + in_at, result);
      } else {
        oracle_scale(abi->type, expected->p, input_image + in_at, result);
      }
      const unsigned char *actual = memory->output + offset;
      if (!is_copy && oracle_is_nan(abi->type, result) && oracle_is_nan(abi->type, actual)) {
        memcpy(element, actual, abi->bytes);
      } else {
        memcpy(element, result, abi->bytes);
      }
    }
  }
}

static void compare(const call_memory *memory, const unsigned char *actual,
                    const unsigned char *expected, const char *buffer, const char *what,
                    va_list arguments) {
  if (memcmp(actual, expected, memory->used) == 0) {
    return;
  }
  size_t at = 0;
  while (actual[at] == expected[at]) {
    at++;
  }
  char text[512];
  (void)vsnprintf(text, sizeof text, what, arguments);
  const layout *where = &memory->layout;
  stop_failed(
      "%s: byte %td of %s is 0x%02X and not 0x%02X; %s, %llu rows of %llu, input at %zu stride "
      "%llu, output at %zu stride %llu%s",
      text, (ptrdiff_t)at - (ptrdiff_t)MARGIN, buffer, actual[at], expected[at], memory->abi->name,
      (unsigned long long)where->rows, (unsigned long long)where->columns, where->input_offset,
      (unsigned long long)where->input_stride, where->output_offset,
      (unsigned long long)where->output_stride, where->is_one_buffer ? ", one buffer" : "");
}

void check_memory(const call_memory *memory, expectation expected, const char *what, ...) {
  static unsigned char image[BUFFER_BYTES];
  const int is_one_buffer = memory->layout.is_one_buffer;
  memcpy(image, is_one_buffer ? first_before : second_before, memory->used);
  expect(memory, &expected, image, first_before);
  va_list arguments;
  va_start(arguments, what);
  if (is_one_buffer) {
    compare(memory, first_buffer, image, "the buffer", what, arguments);
  } else {
    compare(memory, second_buffer, image, "the output", what, arguments);
    compare(memory, first_buffer, first_before, "the input", what, arguments);
  }
  va_end(arguments);
}

void check_untouched(const call_memory *memory, const char *what, ...) {
  va_list arguments;
  va_start(arguments, what);
  compare(memory, first_buffer, first_before, "the input", what, arguments);
  compare(memory, second_buffer, second_before, "the output", what, arguments);
  va_end(arguments);
}
