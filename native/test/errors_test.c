/*
 * What is refused: the status, a message with the argument's name, its value and what was allowed,
 * and nothing written.
 */
#include <math.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "call_memory.h"

#define COUNT 40u
#define LIMIT (UINT64_C(1) << 63)

static unsigned char mask[64];

static void check_message(jdropout_status status, const char *expected, const char *call) {
  CHECK(status == JDROPOUT_INVALID_ARGUMENT, "%s is not refused, which should say: %s", call,
        expected);
  const char *message = jdropout_last_error();
  CHECK(strncmp(message, expected, strlen(expected)) == 0, "%s says \"%s\" and not \"%s\"", call,
        message, expected);
}

/* Makes a call and checks that its message begins so, and that it has written nothing. */
#define REFUSED(expected, call)                        \
  do {                                                 \
    check_message((call), (expected), #call);          \
    check_untouched(&memory, "a refused call writes"); \
  } while (0)

static const double refused_p[] = {-0.1, 1.5, -1e-300};
static const char *const refused_p_messages[] = {"p must be in [0, 1] but is -0.1",
                                                 "p must be in [0, 1] but is 1.5",
                                                 "p must be in [0, 1] but is -1e-300"};

static void check_probabilities(const typed_abi *abi) {
  const call_memory memory = prepare_memory(abi, contiguous(COUNT, 0, 0, 0), 0);
  const void *in = memory.input;
  void *out = memory.output;
  for (size_t i = 0; i < LENGTH(refused_p); i++) {
    const double p = refused_p[i];
    const char *message = refused_p_messages[i];
    REFUSED(message, abi->forward(p, 0, 1, 2, 3, in, out, COUNT));
    REFUSED(message, abi->forward_rows(p, 0, 1, 2, 3, 20, in, 20, out, 20, 2, 20));
    REFUSED(message, abi->forward_shared(p, 0, 1, 2, 3, 2, 5, 4, 0, in, out, COUNT));
    REFUSED(message, abi->apply(p, 0, mask, 0, in, out, COUNT));
    REFUSED(message, abi->apply_rows(p, 0, mask, 0, 20, in, 20, out, 20, 2, 20));
    REFUSED(message, jdropout_mask(p, 1, 2, 3, out, COUNT));
    REFUSED(message, abi->forward(p, 0, 1, 2, 3, NULL, NULL, 0));
  }
  REFUSED("p must be in [0, 1] but is ", abi->forward((double)NAN, 0, 1, 2, 3, in, out, COUNT));
  REFUSED("p must be in [0, 1] but is inf",
          abi->forward((double)INFINITY, 0, 1, 2, 3, in, out, COUNT));
}

static void check_flags(const typed_abi *abi) {
  const call_memory memory = prepare_memory(abi, contiguous(COUNT, 0, 0, 0), 0);
  const void *in = memory.input;
  void *out = memory.output;
  const char *message = "flags must have no other bits than 0x3 but is 0x4";
  REFUSED(message, abi->forward(0.5, 4, 1, 2, 3, in, out, COUNT));
  REFUSED(message, abi->forward_rows(0.5, 4, 1, 2, 3, 20, in, 20, out, 20, 2, 20));
  REFUSED(message, abi->forward_shared(0.5, 4, 1, 2, 3, 2, 5, 4, 0, in, out, COUNT));
  REFUSED(message, abi->apply(0.5, 4, mask, 0, in, out, COUNT));
  REFUSED(message, abi->apply_rows(0.5, 4, mask, 0, 20, in, 20, out, 20, 2, 20));
  REFUSED("flags must have no other bits than 0x2 but is 0x1",
          abi->scale(0.5, JDROPOUT_CLASSICAL, in, out, COUNT));
  REFUSED("flags must have no other bits than 0x2 but is 0x80000000",
          abi->scale(0.5, UINT32_C(1) << 31, in, out, COUNT));
}

static void check_addresses(const typed_abi *abi) {
  const call_memory memory = prepare_memory(abi, contiguous(COUNT, 0, 0, 0), 0);
  const void *in = memory.input;
  void *out = memory.output;
  const char *no_input = "input must not be NULL with 40 elements";
  const char *no_output = "output must not be NULL with 40 elements";
  const char *no_mask = "mask must not be NULL with 40 elements";
  REFUSED(no_input, abi->forward(0.5, 0, 1, 2, 3, NULL, out, COUNT));
  REFUSED(no_output, abi->forward(0.5, 0, 1, 2, 3, in, NULL, COUNT));
  REFUSED(no_input, abi->forward_rows(0.5, 0, 1, 2, 3, 20, NULL, 20, out, 20, 2, 20));
  REFUSED(no_output, abi->forward_rows(0.5, 0, 1, 2, 3, 20, in, 20, NULL, 20, 2, 20));
  REFUSED(no_input, abi->forward_shared(0.5, 0, 1, 2, 3, 2, 5, 4, 0, NULL, out, COUNT));
  REFUSED(no_output, abi->forward_shared(0.5, 0, 1, 2, 3, 2, 5, 4, 0, in, NULL, COUNT));
  REFUSED(no_input, abi->apply(0.5, 0, mask, 0, NULL, out, COUNT));
  REFUSED(no_output, abi->apply(0.5, 0, mask, 0, in, NULL, COUNT));
  REFUSED(no_mask, abi->apply(0.5, 0, NULL, 0, in, out, COUNT));
  REFUSED(no_input, abi->apply_rows(0.5, 0, mask, 0, 20, NULL, 20, out, 20, 2, 20));
  REFUSED(no_output, abi->apply_rows(0.5, 0, mask, 0, 20, in, 20, NULL, 20, 2, 20));
  REFUSED(no_mask, abi->apply_rows(0.5, 0, NULL, 0, 20, in, 20, out, 20, 2, 20));
  REFUSED(no_input, abi->scale(0.5, 0, NULL, out, COUNT));
  REFUSED(no_output, abi->scale(0.5, 0, in, NULL, COUNT));
  REFUSED(no_mask, jdropout_mask(0.5, 1, 2, 3, NULL, COUNT));
}

static void check_overlaps(const typed_abi *abi) {
  const call_memory memory = prepare_memory(abi, contiguous(2 * COUNT, 0, 0, 1), 0);
  unsigned char *at = memory.input;
  const size_t last = (size_t)COUNT * abi->bytes - 1;
  const char *message = "output must be input or not overlap it but is at 0x";
  const char *rows_message = "output must be input with its stride or not overlap it but is at 0x";
  const size_t distances[] = {1, abi->bytes, last};
  for (size_t i = 0; i < LENGTH(distances); i++) {
    unsigned char *other = at + distances[i];
    REFUSED(message, abi->forward(0.5, 0, 1, 2, 3, at, other, COUNT));
    REFUSED(message, abi->forward(0.5, 0, 1, 2, 3, other, at, COUNT));
    REFUSED(message, abi->forward_shared(0.5, 0, 1, 2, 3, 2, 5, 4, 0, at, other, COUNT));
    REFUSED(message, abi->apply(0.5, 0, mask, 0, other, at, COUNT));
    REFUSED(message, abi->scale(0.5, 0, at, other, COUNT));
    REFUSED(rows_message, abi->forward_rows(0.5, 0, 1, 2, 3, 20, at, 20, other, 20, 2, 20));
    REFUSED(rows_message, abi->apply_rows(0.5, 0, mask, 0, 20, other, 20, at, 20, 2, 20));
  }
  /* Views with strides: not in place with two strides, nor shifted by less than a row. */
  const size_t columns = 5 * abi->bytes;
  REFUSED(rows_message, abi->forward_rows(0.5, 0, 1, 2, 3, 5, at, 10, at, 11, 3, 5));
  REFUSED(rows_message, abi->forward_rows(0.5, 0, 1, 2, 3, 5, at, 10, at + columns - 1, 10, 3, 5));
  REFUSED(rows_message, abi->forward_rows(0.5, 0, 1, 2, 3, 5, at, 10, at + columns + 1, 10, 3, 5));
  REFUSED(rows_message, abi->forward_rows(0.5, 0, 1, 2, 3, 5, at, 10, at + 2 * columns, 10, 3, 5));
  REFUSED(rows_message, abi->forward_rows(0.5, 0, 1, 2, 3, 5, at + 2 * columns, 10, at, 10, 3, 5));
  REFUSED(rows_message, abi->forward_rows(0.5, 0, 1, 2, 3, 5, at, 10, at + columns, 11, 3, 5));
}

/* Of a mask only the bytes that hold the elements' bits must be apart from the output. */
static void check_mask_overlaps(const typed_abi *abi) {
  const call_memory memory = prepare_memory(abi, contiguous(COUNT, 0, 0, 0), 0);
  const void *in = memory.input;
  unsigned char *out = memory.output;
  const size_t bytes = COUNT * abi->bytes;
  const char *message = "mask must not overlap output but is at 0x";
  REFUSED(message, abi->apply(0.5, 0, out, 0, in, out, COUNT));
  REFUSED(message, abi->apply(0.5, 0, out - 4, 0, in, out, COUNT));
  REFUSED(message, abi->apply(0.5, 0, out - 5, 1, in, out, COUNT));
  REFUSED(message, abi->apply(0.5, 0, out - 14, 80, in, out, COUNT));
  REFUSED(message, abi->apply(0.5, 0, out + bytes - 1, 0, in, out, COUNT));
  REFUSED(message, abi->apply_rows(0.5, 0, out - 4, 0, 20, in, 20, out, 20, 2, 20));
  REFUSED(message, abi->apply_rows(0.5, 0, out - 5, 0, 21, in, 20, out, 20, 2, 20));
  REFUSED(message, abi->apply_rows(0.5, 0, out + bytes - 1, 0, 20, in, 20, out, 20, 2, 20));
  CHECK(abi->apply(0.5, 0, out - 5, 0, in, out, COUNT) == JDROPOUT_OK, "%s", jdropout_last_error());
  CHECK(abi->apply(0.5, 0, out - 15, 80, in, out, COUNT) == JDROPOUT_OK, "%s",
        jdropout_last_error());
  CHECK(abi->apply(0.5, 0, out + bytes - 2, 16, in, out, COUNT) == JDROPOUT_OK, "%s",
        jdropout_last_error());
}

static void check_indices(const typed_abi *abi) {
  const call_memory memory = prepare_memory(abi, contiguous(COUNT, 0, 0, 0), 0);
  const void *in = memory.input;
  void *out = memory.output;
  const char *message =
      "first_index must be at most 9223372036854775768 with 40 elements but is "
      "9223372036854775769";
  REFUSED(message, abi->forward(0.5, 0, 1, 2, LIMIT - COUNT + 1, in, out, COUNT));
  REFUSED(message, jdropout_mask(0.5, 1, 2, LIMIT - COUNT + 1, out, COUNT));
  REFUSED("element_count must be at most 9223372036854775808 but is 9223372036854775809",
          jdropout_mask(0.5, 1, 2, 0, out, LIMIT + 1));
  REFUSED(
      "first_index must be at most 9223372036854775808 with 0 elements but is "
      "9223372036854775809",
      abi->forward(0.5, 0, 1, 2, LIMIT + 1, NULL, NULL, 0));
  REFUSED(
      "first_index must be at most 9223372036854775767 with 41 elements but is "
      "9223372036854775768",
      abi->forward_rows(0.5, 0, 1, 2, LIMIT - 40, 21, in, 20, out, 20, 2, 20));
  REFUSED(
      "first_index must be at most 9223372036854775800 with 8 elements but is "
      "9223372036854775801",
      abi->forward_shared(0.5, 0, 1, 2, LIMIT - 7, 2, 5, 4, 0, in, out, COUNT));
  REFUSED(
      "first_bit must be at most 9223372036854775768 with 40 elements but is "
      "9223372036854775769",
      abi->apply(0.5, 0, mask, LIMIT - 39, in, out, COUNT));
  REFUSED(
      "first_bit must be at most 9223372036854775767 with 41 elements but is "
      "9223372036854775768",
      abi->apply_rows(0.5, 0, mask, LIMIT - 40, 21, in, 20, out, 20, 2, 20));
  REFUSED("index_stride must keep indices below 2^63 but is 9223372036854775808 with 2 rows",
          abi->forward_rows(0.5, 0, 1, 2, 0, LIMIT, in, 20, out, 20, 2, 20));
  REFUSED("index_stride must keep indices below 2^63 but is 9223372036854775808 with 3 rows",
          abi->forward_rows(0.5, 0, 1, 2, 0, LIMIT, in, 20, out, 20, 3, 20));
  REFUSED("mask_stride must keep indices below 2^63 but is 9223372036854775808 with 2 rows",
          abi->apply_rows(0.5, 0, mask, 0, LIMIT, in, 20, out, 20, 2, 20));
  CHECK(abi->forward(0.5, 0, 1, 2, LIMIT - COUNT, in, out, COUNT) == JDROPOUT_OK, "%s",
        jdropout_last_error());
  CHECK(abi->forward(0.5, 0, 1, 2, LIMIT, NULL, NULL, 0) == JDROPOUT_OK, "%s",
        jdropout_last_error());
}

static void check_shapes(const typed_abi *abi) {
  const call_memory memory = prepare_memory(abi, contiguous(COUNT, 0, 0, 0), 0);
  const void *in = memory.input;
  void *out = memory.output;
  REFUSED("index_stride must be at least columns, 20, but is 19",
          abi->forward_rows(0.5, 0, 1, 2, 3, 19, in, 20, out, 20, 2, 20));
  REFUSED("input_stride must be at least columns, 20, but is 19",
          abi->forward_rows(0.5, 0, 1, 2, 3, 20, in, 19, out, 20, 2, 20));
  REFUSED("output_stride must be at least columns, 20, but is 0",
          abi->forward_rows(0.5, 0, 1, 2, 3, 20, in, 20, out, 0, 2, 20));
  REFUSED("mask_stride must be at least columns, 20, but is 19",
          abi->apply_rows(0.5, 0, mask, 0, 19, in, 20, out, 20, 2, 20));
  REFUSED("input_stride must be at least columns, 20, but is 19",
          abi->apply_rows(0.5, 0, mask, 0, 20, in, 19, out, 20, 2, 20));
  REFUSED("output_stride must be at least columns, 20, but is 19",
          abi->apply_rows(0.5, 0, mask, 0, 20, in, 20, out, 19, 2, 20));
  REFUSED(
      "rows must be addressable but are 3 with input_stride 9223372036854775807 and "
      "output_stride 20",
      abi->forward_rows(0.5, 0, 1, 2, 3, 20, in, LIMIT - 1, out, 20, 3, 20));
  REFUSED(
      "rows must be addressable but are 2 with input_stride 20 and output_stride "
      "9223372036854775807",
      abi->apply_rows(0.5, 0, mask, 0, 20, in, 20, out, LIMIT - 1, 2, 20));
  REFUSED("from must be at most 0 with 40 elements but is 1",
          abi->forward_shared(0.5, 0, 1, 2, 3, 2, 5, 4, 1, in, out, COUNT));
  REFUSED("element_count must be at most 40 but is 41",
          abi->forward_shared(0.5, 0, 1, 2, 3, 2, 5, 4, 0, in, out, COUNT + 1));
  REFUSED("element_count must be at most 0 but is 1",
          abi->forward_shared(0.5, 0, 1, 2, 3, 2, 0, 4, 0, in, out, 1));
  REFUSED("outer * shared * inner must be at most 2^63 but is 4294967296 * 4294967296 * 1",
          abi->forward_shared(0.5, 0, 1, 2, 3, LIMIT >> 31, LIMIT >> 31, 1, 0, in, out, COUNT));
  REFUSED("outer * shared * inner must be at most 2^63 but is 4611686018427387904 * 3 * 1",
          abi->forward_shared(0.5, 0, 1, 2, 3, LIMIT >> 1, 3, 1, 0, in, out, COUNT));
  const uint64_t most = (uint64_t)PTRDIFF_MAX / abi->bytes;
  char message[200];
  (void)snprintf(message, sizeof message,
                 "element_count must be at most %llu (%zu bytes each) but is %llu",
                 (unsigned long long)most, abi->bytes, (unsigned long long)(most + 1));
  REFUSED(message, abi->forward(0.5, 0, 1, 2, 3, in, out, most + 1));
  REFUSED(message, abi->apply(0.5, 0, mask, 0, in, out, most + 1));
  REFUSED(message, abi->scale(0.5, 0, in, out, most + 1));
}

/* No element, no address. */
static void check_empty(const typed_abi *abi) {
  CHECK(abi->forward(0.5, 0, 1, 2, 3, NULL, NULL, 0) == JDROPOUT_OK &&
            abi->forward_rows(0.5, 0, 1, 2, 3, 20, NULL, 20, NULL, 20, 0, 20) == JDROPOUT_OK &&
            abi->forward_rows(0.5, 0, 1, 2, 3, 20, NULL, 20, NULL, 20, 2, 0) == JDROPOUT_OK &&
            abi->forward_shared(0.5, 0, 1, 2, 3, 2, 5, 4, 40, NULL, NULL, 0) == JDROPOUT_OK &&
            abi->forward_shared(0.5, 0, 1, 2, 3, 2, 0, 4, 0, NULL, NULL, 0) == JDROPOUT_OK &&
            abi->apply(0.5, 0, NULL, 0, NULL, NULL, 0) == JDROPOUT_OK &&
            abi->apply_rows(0.5, 0, NULL, 0, 20, NULL, 20, NULL, 20, 0, 20) == JDROPOUT_OK &&
            abi->scale(0.5, 0, NULL, NULL, 0) == JDROPOUT_OK &&
            jdropout_mask(0.5, 1, 2, 3, NULL, 0) == JDROPOUT_OK,
        "an empty call is refused: %s", jdropout_last_error());
}

static void *fail_elsewhere(void *argument) {
  unsigned char byte = 0;
  const char *before = jdropout_last_error();
  const int is_clean = *before == '\0';
  (void)jdropout_mask(7, 1, 2, 3, &byte, 8);
  *(int *)argument = is_clean && strcmp(jdropout_last_error(), "p must be in [0, 1] but is 7") == 0;
  return NULL;
}

static void check_threads(void) {
  unsigned char byte = 0;
  (void)jdropout_mask(5, 1, 2, 3, &byte, 8);
  int are_right[2] = {0, 0};
  pthread_t threads[2];
  for (int i = 0; i < 2; i++) {
    CHECK(pthread_create(&threads[i], NULL, fail_elsewhere, &are_right[i]) == 0, "no thread");
  }
  for (int i = 0; i < 2; i++) {
    CHECK(pthread_join(threads[i], NULL) == 0, "a thread is lost");
    CHECK(are_right[i], "a thread sees another's error or not its own");
  }
  CHECK(strcmp(jdropout_last_error(), "p must be in [0, 1] but is 5") == 0,
        "another thread's error is seen: %s", jdropout_last_error());
  CHECK(jdropout_mask(0.5, 1, 2, 3, &byte, 8) == JDROPOUT_OK, "%s", jdropout_last_error());
  CHECK(strcmp(jdropout_last_error(), "p must be in [0, 1] but is 5") == 0,
        "success changes the last error to %s", jdropout_last_error());
}

int main(void) {
  require_isa();
  CHECK(jdropout_abi_version() == JDROPOUT_ABI_VERSION, "version %d", (int)jdropout_abi_version());
  CHECK(*jdropout_last_error() == '\0', "an error before any call: %s", jdropout_last_error());
  CHECK(strstr(jdropout_features(), jdropout_isa()) != NULL, "%s is not of the features",
        jdropout_isa());
  CHECK(jdropout_streaming_bytes() != 0, "everything is streamed");
  for (size_t type = 0; type < TYPES; type++) {
    const typed_abi *abi = &typed_abis[type];
    check_probabilities(abi);
    check_flags(abi);
    check_addresses(abi);
    check_overlaps(abi);
    check_mask_overlaps(abi);
    check_indices(abi);
    check_shapes(abi);
    check_empty(abi);
  }
  check_threads();
  printf("refusals hold with %s\n", jdropout_isa());
  return 0;
}
