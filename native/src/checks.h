/*
 * Checks of the ABI's arguments. Each returns JDROPOUT_OK, or fails with a message that has the
 * argument's name, its value and what is allowed.
 *
 * In the header, to be inlined: as functions of another file they took longer than the dropout of
 * 64 elements.
 */
#ifndef JDROPOUT_CHECKS_H
#define JDROPOUT_CHECKS_H

#include <inttypes.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "dispatch.h"
#include "error.h"
#include "jdropout.h"

/* Rows of memory: row r begins `stride` * r elements after `address`. */
typedef struct memory_rows {
  const char *name;
  const char *stride_name;
  const void *address;
  uint64_t stride;
} memory_rows;

/* Returns from the calling function what a failed check returned. */
#define TRY(check)                                   \
  do {                                               \
    const jdropout_status status_of_check = (check); \
    if (status_of_check != JDROPOUT_OK) {            \
      return status_of_check;                        \
    }                                                \
  } while (0)

/* Of binary64. The numbers from +0 to 1 are those whose bits are at most the bits of 1. */
#define BITS_OF_ONE UINT64_C(0x3FF0000000000000)
#define BITS_OF_MINUS_ZERO (UINT64_C(1) << 63)

/* Indices are below this. */
#define INDEX_LIMIT (UINT64_C(1) << 63)

static inline jdropout_status check_environment(void) {
  if (dispatch.kernels == NULL) {
    return fail(JDROPOUT_INVALID_ENVIRONMENT,
                "environment variable JDROPOUT_MAX_ISA must be one of " DISPATCH_NAMES " but is %s",
                dispatch.environment);
  }
  return JDROPOUT_OK;
}

/*
 * Compares bits, because the caller's floating-point environment still holds: a comparison could
 * trap at NaN, and takes a negative subnormal number for 0 where those are flushed.
 */
static inline jdropout_status check_probability(double p) {
  uint64_t bits = 0;
  memcpy(&bits, &p, sizeof bits);
  if (bits > BITS_OF_ONE && bits != BITS_OF_MINUS_ZERO) {
    return fail(JDROPOUT_INVALID_ARGUMENT, "p must be in [0, 1] but is %.17g", p);
  }
  return JDROPOUT_OK;
}

/* Checks that only bits of `allowed` are set. */
static inline jdropout_status check_flags(uint32_t flags, uint32_t allowed) {
  if ((flags & ~allowed) != 0) {
    return fail(JDROPOUT_INVALID_ARGUMENT,
                "flags must have no other bits than 0x%" PRIX32 " but is 0x%" PRIX32, allowed,
                flags);
  }
  return JDROPOUT_OK;
}

/* Checks that `count` indices from `first` are below `limit`, which is at most 2^63. */
static inline jdropout_status check_indices(const char *name, uint64_t first, uint64_t count,
                                            uint64_t limit) {
  if (count > limit) {
    return fail(JDROPOUT_INVALID_ARGUMENT,
                "element_count must be at most %" PRIu64 " but is %" PRIu64, limit, count);
  }
  if (first > limit - count) {
    return fail(JDROPOUT_INVALID_ARGUMENT,
                "%s must be at most %" PRIu64 " with %" PRIu64 " elements but is %" PRIu64, name,
                limit - count, count, first);
  }
  return JDROPOUT_OK;
}

/* Computes (rows - 1) * stride + columns; returns whether it is at most `limit`. */
static inline int span_of_rows(uint64_t rows, uint64_t columns, uint64_t stride, uint64_t limit,
                               uint64_t *span) {
  return !__builtin_mul_overflow(rows - 1, stride, span) &&
         !__builtin_add_overflow(*span, columns, span) && *span <= limit;
}

static inline jdropout_status check_stride(const char *name, uint64_t stride, uint64_t columns) {
  if (stride < columns) {
    return fail(JDROPOUT_INVALID_ARGUMENT,
                "%s must be at least columns, %" PRIu64 ", but is %" PRIu64, name, columns, stride);
  }
  return JDROPOUT_OK;
}

/* Checks that `rows` rows of indices, `stride` apart, are below 2^63. */
static inline jdropout_status check_row_indices(const char *name, uint64_t first,
                                                const char *stride_name, uint64_t stride,
                                                uint64_t rows, uint64_t columns) {
  TRY(check_stride(stride_name, stride, columns));
  uint64_t span = 0;
  if (!span_of_rows(rows, columns, stride, INDEX_LIMIT, &span)) {
    return fail(JDROPOUT_INVALID_ARGUMENT,
                "%s must keep indices below 2^63 but is %" PRIu64 " with %" PRIu64 " rows",
                stride_name, stride, rows);
  }
  return check_indices(name, first, span, INDEX_LIMIT);
}

static inline jdropout_status check_not_null(const char *name, const void *address,
                                             uint64_t count) {
  if (address == NULL && count != 0) {
    return fail(JDROPOUT_INVALID_ARGUMENT, "%s must not be NULL with %" PRIu64 " elements", name,
                count);
  }
  return JDROPOUT_OK;
}

/* Checks that the elements are addressable and not NULL. */
static inline jdropout_status check_elements(const char *name, const void *address, uint64_t count,
                                             size_t element_bytes) {
  uint64_t bytes = 0;
  if (__builtin_mul_overflow(count, element_bytes, &bytes) || bytes > (uint64_t)PTRDIFF_MAX) {
    return fail(JDROPOUT_INVALID_ARGUMENT,
                "element_count must be at most %" PRIu64 " (%zu bytes each) but is %" PRIu64,
                (uint64_t)PTRDIFF_MAX / element_bytes, element_bytes, count);
  }
  return check_not_null(name, address, count);
}

static inline int is_disjoint(const void *a, uint64_t a_bytes, const void *b, uint64_t b_bytes) {
  const uintptr_t a_at = (uintptr_t)a;
  const uintptr_t b_at = (uintptr_t)b;
  return a_at < b_at ? b_at - a_at >= a_bytes : a_at - b_at >= b_bytes;
}

/* Checks that output is input or does not overlap it. */
static inline jdropout_status check_overlap(const void *input, const void *output, uint64_t count,
                                            size_t element_bytes) {
  const uint64_t bytes = count * element_bytes;
  if (input == output || is_disjoint(input, bytes, output, bytes)) {
    return JDROPOUT_OK;
  }
  return fail(JDROPOUT_INVALID_ARGUMENT,
              "output must be input or not overlap it but is at %p, input at %p, %" PRIu64
              " bytes each",
              output, input, bytes);
}

/* Rows of one stride that lie between each other's share no element, though their spans overlap. */
static inline int is_interleaved(uintptr_t input, uintptr_t output, uint64_t stride_bytes,
                                 uint64_t row_bytes) {
  const uint64_t distance = input < output ? output - input : input - output;
  const uint64_t offset = distance % stride_bytes;
  return offset >= row_bytes && stride_bytes - offset >= row_bytes;
}

/* Checks strides, addresses and overlaps of rows; rows and columns are not 0. */
static inline jdropout_status check_rows(memory_rows input, memory_rows output, uint64_t rows,
                                         uint64_t columns, size_t element_bytes) {
  TRY(check_stride(input.stride_name, input.stride, columns));
  TRY(check_stride(output.stride_name, output.stride, columns));
  const uint64_t limit = (uint64_t)PTRDIFF_MAX / element_bytes;
  uint64_t input_span = 0;
  uint64_t output_span = 0;
  if (!span_of_rows(rows, columns, input.stride, limit, &input_span) ||
      !span_of_rows(rows, columns, output.stride, limit, &output_span)) {
    return fail(JDROPOUT_INVALID_ARGUMENT,
                "rows must be addressable but are %" PRIu64 " with %s %" PRIu64 " and %s %" PRIu64,
                rows, input.stride_name, input.stride, output.stride_name, output.stride);
  }
  TRY(check_elements(input.name, input.address, input_span, element_bytes));
  TRY(check_elements(output.name, output.address, output_span, element_bytes));
  const uintptr_t in = (uintptr_t)input.address;
  const uintptr_t out = (uintptr_t)output.address;
  const int is_same_stride = input.stride == output.stride;
  if ((in == out && (is_same_stride || rows == 1)) ||
      is_disjoint(input.address, input_span * element_bytes, output.address,
                  output_span * element_bytes) ||
      (is_same_stride &&
       is_interleaved(in, out, input.stride * element_bytes, columns * element_bytes))) {
    return JDROPOUT_OK;
  }
  return fail(JDROPOUT_INVALID_ARGUMENT,
              "%s must be %s with its stride or not overlap it but is at %p with stride "
              "%" PRIu64 ", %s at %p with stride %" PRIu64 ", %" PRIu64 " rows of %" PRIu64
              " elements",
              output.name, input.name, output.address, output.stride, input.name, input.address,
              input.stride, rows, columns);
}

/* Checks that a tensor [outer, shared, inner] holds the range, and its mask the indices. */
static inline jdropout_status check_shared(uint64_t outer, uint64_t shared, uint64_t inner,
                                           uint64_t from, uint64_t count, uint64_t first_index) {
  uint64_t mask_count = 0;
  uint64_t elements = 0;
  if (outer == 0 || shared == 0 || inner == 0) {
    elements = 0;
  } else if (__builtin_mul_overflow(outer, inner, &mask_count) ||
             __builtin_mul_overflow(mask_count, shared, &elements) || elements > INDEX_LIMIT) {
    return fail(JDROPOUT_INVALID_ARGUMENT,
                "outer * shared * inner must be at most 2^63 but is %" PRIu64 " * %" PRIu64
                " * %" PRIu64,
                outer, shared, inner);
  }
  TRY(check_indices("from", from, count, elements));
  return check_indices("first_index", first_index, mask_count, INDEX_LIMIT);
}

/* Checks that the bytes of `bits` packed bits are addressable and none belongs to the output. */
static inline jdropout_status check_packed(const void *mask, uint64_t first_bit, uint64_t bits,
                                           const void *output, uint64_t output_bytes) {
  TRY(check_indices("first_bit", first_bit, bits, INDEX_LIMIT));
  TRY(check_not_null("mask", mask, bits));
  const unsigned char *from = (const unsigned char *)mask + (first_bit >> 3);
  const uint64_t bytes = ((first_bit & 7) + bits + 7) >> 3;
  if (!is_disjoint(from, bytes, output, output_bytes)) {
    return fail(JDROPOUT_INVALID_ARGUMENT,
                "mask must not overlap output but is at %p, %" PRIu64
                " bytes, output at %p, "
                "%" PRIu64 " bytes",
                (const void *)from, bytes, output, output_bytes);
  }
  return JDROPOUT_OK;
}

#endif
