/*
 * Which epilogues are refused: the status, a message with the argument's name, its value and what
 * was allowed, and nothing written.
 */
#include <stdio.h>
#include <string.h>

#include "harness.h"

#define LIMIT (UINT64_C(1) << 63)

#define ROWS 33u
#define COLUMNS 70u
#define STRIDE 72u
#define SIGN_BYTES 16u

#define PART 16384u
#define PARTS 7u

/* Arguments of both operations, in the places that the parts of one buffer give them. */
typedef struct arguments {
  uint32_t activation;
  uint32_t threshold;
  uint32_t flags;
  uint64_t first_index;
  uint64_t index_stride;
  unsigned char *product;
  uint64_t product_stride;
  unsigned char *grad_output;
  uint64_t grad_output_stride;
  unsigned char *bias;
  unsigned char *residual;
  uint64_t residual_stride;
  unsigned char *output;
  uint64_t output_stride;
  unsigned char *signs;
  uint64_t signs_stride;
  unsigned char *sums;
  uint64_t sums_stride;
  uint64_t rows;
  uint64_t columns;
} arguments;

static _Alignas(64) unsigned char memory[PARTS * PART];
static unsigned char before[PARTS * PART];

static arguments valid(uint32_t activation) {
  unsigned char *at = memory;
  return (arguments){.activation = activation,
                     .threshold = 32768,
                     .index_stride = COLUMNS,
                     .product = at,
                     .product_stride = STRIDE,
                     .grad_output = at + PART,
                     .grad_output_stride = STRIDE,
                     .bias = at + 2 * PART,
                     .residual = at + 3 * PART,
                     .residual_stride = STRIDE,
                     .output = at + 4 * PART,
                     .output_stride = STRIDE,
                     .signs = at + 5 * PART,
                     .signs_stride = SIGN_BYTES,
                     .sums = at + 6 * PART,
                     .sums_stride = COLUMNS,
                     .rows = ROWS,
                     .columns = COLUMNS};
}

static jdropout_status forward(const typed_epilogues *abi, const arguments *a) {
  return abi->forward(a->activation, a->threshold, 2, a->flags, 1, 2, a->first_index,
                      a->index_stride, a->product, a->product_stride, a->bias, a->residual,
                      a->residual_stride, a->output, a->output_stride, a->signs, a->signs_stride,
                      a->rows, a->columns);
}

static jdropout_status gradient(const typed_epilogues *abi, const arguments *a) {
  return abi->gradient(a->activation, a->threshold, 2, a->flags, 1, 2, a->first_index,
                       a->index_stride, a->grad_output, a->grad_output_stride, a->product,
                       a->product_stride, a->bias, a->signs, a->signs_stride, a->output,
                       a->output_stride, a->sums, a->sums_stride, a->rows, a->columns);
}

typedef jdropout_status operation(const typed_epilogues *abi, const arguments *a);

static void check_refused(operation *call, const typed_epilogues *abi, arguments a,
                          const char *expected) {
  memset(memory, 0xA5, sizeof memory);
  memcpy(before, memory, sizeof memory);
  const jdropout_status status = call(abi, &a);
  CHECK(status == JDROPOUT_INVALID_ARGUMENT, "a call is not refused, which should say: %s",
        expected);
  const char *message = jdropout_last_error();
  CHECK(strncmp(message, expected, strlen(expected)) == 0, "a call says \"%s\" and not \"%s\"",
        message, expected);
  CHECK(memcmp(memory, before, sizeof memory) == 0, "a refused call writes; \"%s\"", expected);
}

static void check_accepted(operation *call, const typed_epilogues *abi, arguments a) {
  CHECK(call(abi, &a) == JDROPOUT_OK, "refused: %s", jdropout_last_error());
}

/* Refusals of a call that is valid but for one field. */
#define REFUSED(call, activation, field, value, expected) \
  do {                                                    \
    arguments changed = valid(activation);                \
    changed.field = (value);                              \
    check_refused(call, abi, changed, expected);          \
  } while (0)

#define ACCEPTED(call, activation, field, value) \
  do {                                           \
    arguments changed = valid(activation);       \
    changed.field = (value);                     \
    check_accepted(call, abi, changed);          \
  } while (0)

static void check_common(const typed_epilogues *abi, operation *call) {
  REFUSED(call, JDROPOUT_GELU, activation, 5, "activation must be at most 4 but is 5");
  REFUSED(call, JDROPOUT_GELU, threshold, 65537, "threshold must be at most 65536 but is 65537");
  REFUSED(call, JDROPOUT_GELU, flags, JDROPOUT_CLASSICAL,
          "flags must have no other bits than 0x2 but is 0x1");
  REFUSED(call, JDROPOUT_GELU, index_stride, 69,
          "index_stride must be at least columns, 70, but is 69");
  REFUSED(call, JDROPOUT_GELU, index_stride, LIMIT,
          "index_stride must keep indices below 2^63 but is 9223372036854775808 with 33 rows");
  REFUSED(call, JDROPOUT_GELU, first_index, LIMIT - 33 * 70 + 1,
          "first_index must be at most 9223372036854773498 with 2310 elements but is "
          "9223372036854773499");
  REFUSED(call, JDROPOUT_GELU, product, NULL, "product must not be NULL with 2374 elements");
  REFUSED(call, JDROPOUT_GELU, product_stride, 69,
          "product_stride must be at least columns, 70, but is 69");
  REFUSED(call, JDROPOUT_GELU, product_stride, LIMIT, "rows must be addressable but are 33 with ");
  REFUSED(call, JDROPOUT_GELU, bias, valid(0).output, "bias must not overlap ");
  ACCEPTED(call, JDROPOUT_GELU, first_index, LIMIT - 33 * 70);
  ACCEPTED(call, JDROPOUT_GELU, output, valid(0).product);
  ACCEPTED(call, JDROPOUT_GELU, bias, NULL);
  ACCEPTED(call, JDROPOUT_GELU, signs, NULL);
  arguments everything_kept = valid(JDROPOUT_SILU);
  everything_kept.threshold = 65536;
  everything_kept.index_stride = 0;
  everything_kept.first_index = UINT64_MAX;
  check_accepted(call, abi, everything_kept);
  arguments empty;
  memset(&empty, 0, sizeof empty);
  empty.rows = 3;
  check_accepted(call, abi, empty);
  empty.rows = 0;
  empty.columns = 3;
  check_accepted(call, abi, empty);
  empty.threshold = 65537;
  check_refused(call, abi, empty, "threshold must be at most 65536 but is 65537");
}

static void check_forward(const typed_epilogues *abi) {
  check_common(abi, forward);
  REFUSED(forward, JDROPOUT_RELU, output, NULL, "output must not be NULL with 2374 elements");
  REFUSED(forward, JDROPOUT_RELU, output_stride, 69,
          "output_stride must be at least columns, 70, but is 69");
  REFUSED(forward, JDROPOUT_RELU, residual_stride, 69,
          "residual_stride must be at least columns, 70, but is 69");
  REFUSED(forward, JDROPOUT_RELU, residual, valid(0).output + 1,
          "output must be residual with its stride or not overlap it but is at 0x");
  REFUSED(forward, JDROPOUT_RELU, output, valid(0).product + 1,
          "output must be product with its stride or not overlap it but is at 0x");
  REFUSED(forward, JDROPOUT_RELU, signs_stride, 15,
          "signs_stride must be at least the bytes of a row's bits, 16, but is 15");
  REFUSED(forward, JDROPOUT_RELU, signs_stride, LIMIT,
          "rows must be addressable but signs are 33 with signs_stride 9223372036854775808");
  const char *const overlapping[] = {
      "signs must not overlap output but is at 0x", "signs must not overlap product but is at 0x",
      "signs must not overlap residual but is at 0x", "signs must not overlap bias but is at 0x"};
  unsigned char *const places[] = {valid(0).output, valid(0).product, valid(0).residual,
                                   valid(0).bias};
  for (size_t i = 0; i < LENGTH(places); i++) {
    REFUSED(forward, JDROPOUT_RELU, signs, places[i] + 3, overlapping[i]);
    ACCEPTED(forward, JDROPOUT_GELU, signs, places[i] + 3);
  }
  ACCEPTED(forward, JDROPOUT_RELU, residual, NULL);
  ACCEPTED(forward, JDROPOUT_RELU, output, valid(0).residual);
}

static void check_gradient(const typed_epilogues *abi) {
  check_common(abi, gradient);
  REFUSED(gradient, JDROPOUT_RELU, output, NULL,
          "grad_product must not be NULL with 2374 elements");
  REFUSED(gradient, JDROPOUT_RELU, grad_output, NULL,
          "grad_output must not be NULL with 2374 elements");
  REFUSED(gradient, JDROPOUT_RELU, signs, NULL, "signs must not be NULL with 2310 elements");
  REFUSED(gradient, JDROPOUT_RELU, grad_output_stride, 69,
          "grad_output_stride must be at least columns, 70, but is 69");
  REFUSED(gradient, JDROPOUT_RELU, output_stride, 69,
          "grad_product_stride must be at least columns, 70, but is 69");
  REFUSED(gradient, JDROPOUT_RELU, signs_stride, 15,
          "signs_stride must be at least the bytes of a row's bits, 16, but is 15");
  REFUSED(gradient, JDROPOUT_RELU, sums_stride, 69,
          "group_sums_stride must be at least columns, 70, but is 69");
  REFUSED(gradient, JDROPOUT_RELU, sums_stride, LIMIT,
          "rows must be addressable but group_sums are 2 with group_sums_stride "
          "9223372036854775808");
  REFUSED(gradient, JDROPOUT_RELU, output, valid(0).grad_output + 1,
          "grad_product must be grad_output with its stride or not overlap it but is at 0x");
  REFUSED(gradient, JDROPOUT_GELU, output, valid(0).product + 1,
          "grad_product must be product with its stride or not overlap it but is at 0x");
  REFUSED(gradient, JDROPOUT_RELU, signs, valid(0).output,
          "signs must not overlap grad_product but is at 0x");
  REFUSED(gradient, JDROPOUT_RELU, sums, valid(0).output + 3,
          "group_sums must not overlap grad_product but is at 0x");
  REFUSED(gradient, JDROPOUT_RELU, sums, valid(0).grad_output,
          "group_sums must not overlap grad_output but is at 0x");
  REFUSED(gradient, JDROPOUT_RELU, sums, valid(0).signs,
          "group_sums must not overlap signs but is at 0x");
  REFUSED(gradient, JDROPOUT_GELU, sums, valid(0).product,
          "group_sums must not overlap product but is at 0x");
  REFUSED(gradient, JDROPOUT_GELU, sums, valid(0).bias,
          "group_sums must not overlap bias but is at 0x");
  ACCEPTED(gradient, JDROPOUT_GELU, sums, NULL);
  ACCEPTED(gradient, JDROPOUT_GELU, output, valid(0).grad_output);
  ACCEPTED(gradient, JDROPOUT_RELU, product, NULL);
}

int main(void) {
  require_isa();
  for (size_t type = 0; type < EPILOGUE_TYPES; type++) {
    check_forward(&epilogue_abis[type]);
    check_gradient(&epilogue_abis[type]);
  }
  printf("refusals of epilogues hold with %s\n", jdropout_isa());
  return 0;
}
