/*
 * The exported operations: arguments are checked, then the work is done in the contract's
 * floating-point environment.
 */
#include <string.h>

#include "bit_source.h"
#include "checks.h"
#include "dispatch.h"
#include "error.h"
#include "float_environment.h"
#include "jdropout.h"
#include "operations.h"

int32_t jdropout_abi_version(void) { return JDROPOUT_ABI_VERSION; }

/* What p and flags come to. */
typedef struct application {
  uint32_t threshold;
  factors factor;
} application;

static application application_of(double p, uint32_t flags) {
  application result;
  result.threshold = jdropout_threshold(p);
  if ((flags & JDROPOUT_CLASSICAL) != 0) {
    result.factor = (factors){1.0, 1.0f};
  } else {
    result.factor = (factors){jdropout_training_scale_f64(result.threshold),
                              jdropout_training_scale_f32(result.threshold)};
  }
  return result;
}

static void copy(extent elements, size_t element_bytes) {
  if (elements.input != elements.output) {
    memcpy(elements.output, elements.input, elements.count * element_bytes);
  }
}

static void fill_with_zeros(extent elements, size_t element_bytes) {
  memset(elements.output, 0, elements.count * element_bytes);
}

/* Rows of one call; contiguous elements are one row. */
typedef struct row_set {
  const unsigned char *input;
  unsigned char *output;
  uint64_t input_stride;
  uint64_t output_stride;
  uint64_t rows;
  uint64_t columns;
} row_set;

static extent row_of(const row_set *set, uint64_t row, size_t bytes) {
  return (extent){set->input + row * set->input_stride * bytes,
                  set->output + row * set->output_stride * bytes, set->columns};
}

static row_set one_row(const void *input, void *output, uint64_t count) {
  return (row_set){input, output, count, count, 1, count};
}

/* Drops by a source whose bits of row r begin at r * bit_stride. */
static void drop_rows(element_type type, application how, uint32_t flags, row_set set,
                      bit_source *source, uint64_t bit_stride) {
  const kernel_set *kernels = dispatch.kernels;
  const size_t bytes = bytes_of(type);
  const int streaming = is_streamed(flags, set.input, set.output, set.rows * set.columns * bytes);
  for (uint64_t row = 0; row < set.rows; row++) {
    apply_source(kernels, source, type, how.factor, row_of(&set, row, bytes), row * bit_stride,
                 streaming);
  }
}

/* Handles the probabilities for which no bit matters; returns whether p is one. */
static int drop_trivially(element_type type, uint32_t threshold, const row_set *set) {
  if (threshold != JDROPOUT_KEEP_ALL && threshold != JDROPOUT_KEEP_NONE) {
    return 0;
  }
  for (uint64_t row = 0; row < set->rows; row++) {
    const extent elements = row_of(set, row, bytes_of(type));
    if (threshold == JDROPOUT_KEEP_ALL) {
      copy(elements, bytes_of(type));
    } else {
      fill_with_zeros(elements, bytes_of(type));
    }
  }
  return 1;
}

static jdropout_status check_forward(double p, uint32_t flags) {
  TRY(check_environment());
  TRY(check_probability(p));
  return check_flags(flags, JDROPOUT_CLASSICAL | JDROPOUT_STREAMING);
}

static jdropout_status check_pair(const void *input, const void *output, uint64_t count,
                                  element_type type) {
  TRY(check_elements("input", input, count, bytes_of(type)));
  TRY(check_elements("output", output, count, bytes_of(type)));
  return check_overlap(input, output, count, bytes_of(type));
}

static jdropout_status forward_rows(element_type type, double p, uint32_t flags, uint64_t seed,
                                    uint64_t stream, uint64_t first_index, uint64_t index_stride,
                                    row_set set) {
  const float_environment caller = enter_float_environment();
  const application how = application_of(p, flags);
  if (!drop_trivially(type, how.threshold, &set)) {
    bit_source source;
    draw_bits(&source, dispatch.kernels, seed, stream, how.threshold, first_index);
    drop_rows(type, how, flags, set, &source, index_stride);
  }
  leave_float_environment(caller);
  return JDROPOUT_OK;
}

static jdropout_status forward(element_type type, double p, uint32_t flags, uint64_t seed,
                               uint64_t stream, uint64_t first_index, const void *input,
                               void *output, uint64_t count) {
  TRY(check_forward(p, flags));
  TRY(check_indices("first_index", first_index, count, INDEX_LIMIT));
  TRY(check_pair(input, output, count, type));
  if (count == 0) {
    return JDROPOUT_OK;
  }
  return forward_rows(type, p, flags, seed, stream, first_index, count,
                      one_row(input, output, count));
}

static jdropout_status forward_strided(element_type type, double p, uint32_t flags, uint64_t seed,
                                       uint64_t stream, uint64_t first_index, uint64_t index_stride,
                                       const void *input, uint64_t input_stride, void *output,
                                       uint64_t output_stride, uint64_t rows, uint64_t columns) {
  TRY(check_forward(p, flags));
  if (rows == 0 || columns == 0) {
    return JDROPOUT_OK;
  }
  TRY(check_row_indices("first_index", first_index, "index_stride", index_stride, rows, columns));
  TRY(check_rows((memory_rows){"input", "input_stride", input, input_stride},
                 (memory_rows){"output", "output_stride", output, output_stride}, rows, columns,
                 bytes_of(type)));
  return forward_rows(type, p, flags, seed, stream, first_index, index_stride,
                      (row_set){input, output, input_stride, output_stride, rows, columns});
}

static jdropout_status forward_shared(element_type type, double p, uint32_t flags, uint64_t seed,
                                      uint64_t stream, uint64_t first_index, uint64_t outer,
                                      uint64_t shared, uint64_t inner, uint64_t from,
                                      const void *input, void *output, uint64_t count) {
  TRY(check_forward(p, flags));
  TRY(check_shared(outer, shared, inner, from, count, first_index));
  TRY(check_pair(input, output, count, type));
  if (count == 0) {
    return JDROPOUT_OK;
  }
  const row_set set = one_row(input, output, count);
  const float_environment caller = enter_float_environment();
  const application how = application_of(p, flags);
  if (!drop_trivially(type, how.threshold, &set)) {
    bit_source source;
    if (shared == 1) {
      draw_bits(&source, dispatch.kernels, seed, stream, how.threshold, first_index + from);
    } else {
      draw_shared_bits(&source, dispatch.kernels, seed, stream, how.threshold, first_index, outer,
                       shared, inner, from);
    }
    drop_rows(type, how, flags, set, &source, count);
  }
  leave_float_environment(caller);
  return JDROPOUT_OK;
}

static jdropout_status apply_rows(element_type type, double p, uint32_t flags, const void *mask,
                                  uint64_t first_bit, uint64_t mask_stride, row_set set) {
  const float_environment caller = enter_float_environment();
  const application how = application_of(p, flags);
  if (how.threshold == JDROPOUT_KEEP_NONE) {
    (void)drop_trivially(type, how.threshold, &set);
  } else {
    bit_source source;
    read_bits(&source, mask, first_bit);
    drop_rows(type, how, flags, set, &source, mask_stride);
  }
  leave_float_environment(caller);
  return JDROPOUT_OK;
}

static jdropout_status apply(element_type type, double p, uint32_t flags, const void *mask,
                             uint64_t first_bit, const void *input, void *output, uint64_t count) {
  TRY(check_forward(p, flags));
  TRY(check_pair(input, output, count, type));
  if (count == 0) {
    return JDROPOUT_OK;
  }
  TRY(check_packed(mask, first_bit, count, output, count * bytes_of(type)));
  return apply_rows(type, p, flags, mask, first_bit, count, one_row(input, output, count));
}

static jdropout_status apply_strided(element_type type, double p, uint32_t flags, const void *mask,
                                     uint64_t first_bit, uint64_t mask_stride, const void *input,
                                     uint64_t input_stride, void *output, uint64_t output_stride,
                                     uint64_t rows, uint64_t columns) {
  TRY(check_forward(p, flags));
  if (rows == 0 || columns == 0) {
    return JDROPOUT_OK;
  }
  TRY(check_row_indices("first_bit", first_bit, "mask_stride", mask_stride, rows, columns));
  TRY(check_rows((memory_rows){"input", "input_stride", input, input_stride},
                 (memory_rows){"output", "output_stride", output, output_stride}, rows, columns,
                 bytes_of(type)));
  TRY(check_packed(mask, first_bit, (rows - 1) * mask_stride + columns, output,
                   ((rows - 1) * output_stride + columns) * bytes_of(type)));
  return apply_rows(type, p, flags, mask, first_bit, mask_stride,
                    (row_set){input, output, input_stride, output_stride, rows, columns});
}

static jdropout_status scale(element_type type, double factor, uint32_t flags, const void *input,
                             void *output, uint64_t count) {
  TRY(check_environment());
  TRY(check_flags(flags, JDROPOUT_STREAMING));
  TRY(check_pair(input, output, count, type));
  if (count == 0) {
    return JDROPOUT_OK;
  }
  const row_set set = one_row(input, output, count);
  const float_environment caller = enter_float_environment();
  if (factor == 1.0) {
    copy(row_of(&set, 0, bytes_of(type)), bytes_of(type));
  } else {
    bit_source source;
    set_all_bits(&source);
    drop_rows(type, (application){JDROPOUT_KEEP_ALL, {factor, (float)factor}}, flags, set, &source,
              count);
  }
  leave_float_environment(caller);
  return JDROPOUT_OK;
}

jdropout_status jdropout_mask(double p, uint64_t seed, uint64_t stream, uint64_t first_index,
                              void *mask, uint64_t element_count) {
  TRY(check_forward(p, 0));
  TRY(check_indices("first_index", first_index, element_count, INDEX_LIMIT));
  TRY(check_not_null("mask", mask, element_count));
  if (element_count == 0) {
    return JDROPOUT_OK;
  }
  bit_source source;
  const float_environment caller = enter_float_environment();
  const uint32_t threshold = jdropout_threshold(p);
  leave_float_environment(caller);
  if (threshold == JDROPOUT_KEEP_NONE) {
    memset(mask, 0, (element_count + 7) >> 3);
    return JDROPOUT_OK;
  }
  if (threshold == JDROPOUT_KEEP_ALL) {
    set_all_bits(&source);
  } else {
    draw_bits(&source, dispatch.kernels, seed, stream, threshold, first_index);
  }
  pack_source(&source, mask, element_count);
  return JDROPOUT_OK;
}

/* The exported functions of one element type. */
#define EXPORT(suffix, type)                                                                     \
  jdropout_status jdropout_forward_##suffix(                                                     \
      double p, uint32_t flags, uint64_t seed, uint64_t stream, uint64_t first_index,            \
      const void *input, void *output, uint64_t element_count) {                                 \
    return forward(type, p, flags, seed, stream, first_index, input, output, element_count);     \
  }                                                                                              \
  jdropout_status jdropout_forward_rows_##suffix(                                                \
      double p, uint32_t flags, uint64_t seed, uint64_t stream, uint64_t first_index,            \
      uint64_t index_stride, const void *input, uint64_t input_stride, void *output,             \
      uint64_t output_stride, uint64_t rows, uint64_t columns) {                                 \
    return forward_strided(type, p, flags, seed, stream, first_index, index_stride, input,       \
                           input_stride, output, output_stride, rows, columns);                  \
  }                                                                                              \
  jdropout_status jdropout_forward_shared_##suffix(                                              \
      double p, uint32_t flags, uint64_t seed, uint64_t stream, uint64_t first_index,            \
      uint64_t outer, uint64_t shared, uint64_t inner, uint64_t from, const void *input,         \
      void *output, uint64_t element_count) {                                                    \
    return forward_shared(type, p, flags, seed, stream, first_index, outer, shared, inner, from, \
                          input, output, element_count);                                         \
  }                                                                                              \
  jdropout_status jdropout_apply_##suffix(double p, uint32_t flags, const void *mask,            \
                                          uint64_t first_bit, const void *input, void *output,   \
                                          uint64_t element_count) {                              \
    return apply(type, p, flags, mask, first_bit, input, output, element_count);                 \
  }                                                                                              \
  jdropout_status jdropout_apply_rows_##suffix(                                                  \
      double p, uint32_t flags, const void *mask, uint64_t first_bit, uint64_t mask_stride,      \
      const void *input, uint64_t input_stride, void *output, uint64_t output_stride,            \
      uint64_t rows, uint64_t columns) {                                                         \
    return apply_strided(type, p, flags, mask, first_bit, mask_stride, input, input_stride,      \
                         output, output_stride, rows, columns);                                  \
  }                                                                                              \
  jdropout_status jdropout_scale_##suffix(double factor, uint32_t flags, const void *input,      \
                                          void *output, uint64_t element_count) {                \
    return scale(type, factor, flags, input, output, element_count);                             \
  }

EXPORT(f32, F32)
EXPORT(f64, F64)
EXPORT(f16, F16)
EXPORT(bf16, BF16)
