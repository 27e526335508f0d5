/* The exported operations on the epilogues of layers, see abi.c. */
#include "checks.h"
#include "dispatch.h"
#include "epilogue.h"
#include "float_environment.h"
#include "jdropout.h"

/* Memory from the first byte to the last; of no bytes where there is none. */
typedef struct memory_block {
  const char *name;
  const void *address;
  uint64_t bytes;
} memory_block;

/* Rows are checked before. */
static memory_block block_of(memory_rows rows, uint64_t row_count, uint64_t columns,
                             size_t element_bytes) {
  const uint64_t elements = rows.address == NULL ? 0 : (row_count - 1) * rows.stride + columns;
  return (memory_block){rows.name, rows.address, elements * element_bytes};
}

static jdropout_status check_apart(memory_block one, memory_block other) {
  if (one.bytes == 0 || other.bytes == 0 ||
      is_disjoint(one.address, one.bytes, other.address, other.bytes)) {
    return JDROPOUT_OK;
  }
  return fail(JDROPOUT_INVALID_ARGUMENT,
              "%s must not overlap %s but is at %p, %" PRIu64 " bytes, %s at %p, %" PRIu64 " bytes",
              one.name, other.name, one.address, one.bytes, other.name, other.address, other.bytes);
}

static jdropout_status check_rule(const epilogue_rule *rule, uint32_t flags) {
  TRY(check_environment());
  if (rule->activation >= ACTIVATIONS) {
    return fail(JDROPOUT_INVALID_ARGUMENT, "activation must be at most %" PRIu32 " but is %" PRIu32,
                JDROPOUT_SILU, rule->activation);
  }
  if (rule->threshold > JDROPOUT_KEEP_ALL) {
    return fail(JDROPOUT_INVALID_ARGUMENT, "threshold must be at most %" PRIu32 " but is %" PRIu32,
                JDROPOUT_KEEP_ALL, rule->threshold);
  }
  TRY(check_flags(flags, JDROPOUT_STREAMING));
  const int is_random = rule->threshold != 0 && rule->threshold != JDROPOUT_KEEP_ALL;
  if (rule->rows == 0 || rule->columns == 0 || !is_random) {
    return JDROPOUT_OK;
  }
  return check_row_indices("first_index", rule->first_index, "index_stride", rule->index_stride,
                           rule->rows, rule->columns);
}

/* Bytes of a row of sign bits. */
static uint64_t sign_bytes(uint64_t columns) { return (columns / 64 + (columns % 64 != 0)) * 8; }

/* Checks rows that lie apart from the matrices: bytes of sign bits, or sums. */
static jdropout_status check_side(memory_rows side, const char *length_name, uint64_t rows,
                                  uint64_t length, size_t unit_bytes) {
  if (side.address == NULL) {
    return JDROPOUT_OK;
  }
  uint64_t span = 0;
  if (side.stride < length) {
    return fail(JDROPOUT_INVALID_ARGUMENT, "%s must be at least %s, %" PRIu64 ", but is %" PRIu64,
                side.stride_name, length_name, length, side.stride);
  }
  if (!span_of_rows(rows, length, side.stride, (uint64_t)PTRDIFF_MAX / unit_bytes, &span)) {
    return fail(JDROPOUT_INVALID_ARGUMENT,
                "rows must be addressable but %s are %" PRIu64 " with %s %" PRIu64, side.name, rows,
                side.stride_name, side.stride);
  }
  return JDROPOUT_OK;
}

static memory_rows signs_rows(const void *signs, uint64_t stride) {
  return (memory_rows){"signs", "signs_stride", signs, stride};
}

static jdropout_status check_signs(memory_rows signs, uint64_t rows, uint64_t columns) {
  return check_side(signs, "the bytes of a row's bits", rows, sign_bytes(columns), 1);
}

static jdropout_status epilogue(epilogue_rule rule, uint32_t flags, memory_rows product,
                                const void *bias, memory_rows residual, memory_rows output,
                                void *output_address, memory_rows signs, void *signs_address) {
  TRY(check_rule(&rule, flags));
  const uint64_t rows = rule.rows;
  const uint64_t columns = rule.columns;
  if (rows == 0 || columns == 0) {
    return JDROPOUT_OK;
  }
  const size_t bytes = bytes_of(rule.type);
  if (rule.activation != JDROPOUT_RELU) {
    signs.address = NULL;
  }
  TRY(check_rows(product, output, rows, columns, bytes));
  if (residual.address != NULL) {
    TRY(check_rows(residual, output, rows, columns, bytes));
  }
  TRY(check_signs(signs, rows, columns));
  const memory_block written = block_of(output, rows, columns, bytes);
  const memory_block bits = block_of(signs, rows, sign_bytes(columns), 1);
  const memory_block bias_block = {"bias", bias, bias == NULL ? 0 : columns * bytes};
  TRY(check_apart(bias_block, written));
  TRY(check_apart(bits, written));
  TRY(check_apart(bits, bias_block));
  TRY(check_apart(bits, block_of(product, rows, columns, bytes)));
  TRY(check_apart(bits, block_of(residual, rows, columns, bytes)));
  rule.streaming = product.address != output.address && residual.address != output.address &&
                   is_streamed(flags, product.address, output.address, rows * columns * bytes);
  const float_environment caller = enter_float_environment();
  run_epilogue(dispatch.kernels, &rule, (input_rows){product.address, product.stride}, bias,
               (input_rows){residual.address, residual.stride},
               (output_rows){output_address, output.stride},
               (output_rows){signs.address == NULL ? NULL : signs_address, signs.stride});
  leave_float_environment(caller);
  return JDROPOUT_OK;
}

static jdropout_status gradient(epilogue_rule rule, uint32_t flags, memory_rows incoming,
                                memory_rows product, const void *bias, memory_rows signs,
                                memory_rows result, void *result_address, memory_rows sums,
                                void *sums_address) {
  TRY(check_rule(&rule, flags));
  const uint64_t rows = rule.rows;
  const uint64_t columns = rule.columns;
  if (rows == 0 || columns == 0) {
    return JDROPOUT_OK;
  }
  const size_t bytes = bytes_of(rule.type);
  const int is_relu = rule.activation == JDROPOUT_RELU;
  const int needs_product = !is_relu && rule.activation != JDROPOUT_IDENTITY;
  TRY(check_rows(incoming, result, rows, columns, bytes));
  if (needs_product) {
    TRY(check_rows(product, result, rows, columns, bytes));
  } else {
    product.address = NULL;
    bias = NULL;
  }
  if (is_relu) {
    TRY(check_not_null("signs", signs.address, rows * columns));
    TRY(check_signs(signs, rows, columns));
  } else {
    signs.address = NULL;
  }
  const uint64_t groups = (rows - 1) / 32 + 1;
  TRY(check_side(sums, "columns", groups, columns, sizeof(float)));
  const memory_block written = block_of(result, rows, columns, bytes);
  const memory_block sums_block = block_of(sums, groups, columns, sizeof(float));
  const memory_block bias_block = {"bias", bias, bias == NULL ? 0 : columns * bytes};
  const memory_block bits = block_of(signs, rows, sign_bytes(columns), 1);
  TRY(check_apart(bias_block, written));
  TRY(check_apart(bits, written));
  TRY(check_apart(sums_block, written));
  TRY(check_apart(sums_block, bias_block));
  TRY(check_apart(sums_block, bits));
  TRY(check_apart(sums_block, block_of(incoming, rows, columns, bytes)));
  TRY(check_apart(sums_block, block_of(product, rows, columns, bytes)));
  rule.streaming = product.address != result.address &&
                   is_streamed(flags, incoming.address, result.address, rows * columns * bytes);
  const float_environment caller = enter_float_environment();
  run_gradient(dispatch.kernels, &rule, (input_rows){incoming.address, incoming.stride},
               (input_rows){product.address, product.stride}, bias,
               (input_rows){signs.address, signs.stride},
               (output_rows){result_address, result.stride},
               (output_rows){sums_address, sums.stride});
  leave_float_environment(caller);
  return JDROPOUT_OK;
}

/* The exported functions of one element type. */
#define EXPORT(suffix, type)                                                                       \
  jdropout_status jdropout_epilogue_##suffix(                                                      \
      uint32_t activation, uint32_t threshold, float factor, uint32_t flags, uint64_t seed,        \
      uint64_t stream, uint64_t first_index, uint64_t index_stride, const void *product,           \
      uint64_t product_stride, const void *bias, const void *residual, uint64_t residual_stride,   \
      void *output, uint64_t output_stride, void *signs, uint64_t signs_stride, uint64_t rows,     \
      uint64_t columns) {                                                                          \
    return epilogue((epilogue_rule){type, activation, threshold, factor, 0, seed, stream,          \
                                    first_index, index_stride, rows, columns},                     \
                    flags, (memory_rows){"product", "product_stride", product, product_stride},    \
                    bias, (memory_rows){"residual", "residual_stride", residual, residual_stride}, \
                    (memory_rows){"output", "output_stride", output, output_stride}, output,       \
                    signs_rows(signs, signs_stride), signs);                                       \
  }                                                                                                \
  jdropout_status jdropout_epilogue_gradient_##suffix(                                             \
      uint32_t activation, uint32_t threshold, float factor, uint32_t flags, uint64_t seed,        \
      uint64_t stream, uint64_t first_index, uint64_t index_stride, const void *grad_output,       \
      uint64_t grad_output_stride, const void *product, uint64_t product_stride, const void *bias, \
      const void *signs, uint64_t signs_stride, void *grad_product, uint64_t grad_product_stride,  \
      void *group_sums, uint64_t group_sums_stride, uint64_t rows, uint64_t columns) {             \
    return gradient(                                                                               \
        (epilogue_rule){type, activation, threshold, factor, 0, seed, stream, first_index,         \
                        index_stride, rows, columns},                                              \
        flags,                                                                                     \
        (memory_rows){"grad_output", "grad_output_stride", grad_output, grad_output_stride},       \
        (memory_rows){"product", "product_stride", product, product_stride}, bias,                 \
        signs_rows(signs, signs_stride),                                                           \
        (memory_rows){"grad_product", "grad_product_stride", grad_product, grad_product_stride},   \
        grad_product,                                                                              \
        (memory_rows){"group_sums", "group_sums_stride", group_sums, group_sums_stride},           \
        group_sums);                                                                               \
  }

EXPORT(f32, F32)
EXPORT(f16, F16)
EXPORT(bf16, BF16)
