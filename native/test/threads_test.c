/* Many threads over slices of one tensor give the bits that one call gives. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "harness.h"

#define SEED 0xDEADBEEF
#define STREAM 3
#define FIRST_INDEX ((UINT64_C(1) << 35) - 5001)

#define THREADS 16u
#define ROUNDS 20u
#define ELEMENTS 20011u

/* Slices that end between quads, cut anew in every round. */
typedef struct slice {
  pthread_t thread;
  const typed_abi *abi;
  uint32_t flags;
  uint64_t from;
  uint64_t to;
  jdropout_status status;
} slice;

static unsigned char input[ELEMENTS * 8];
static unsigned char output[ELEMENTS * 8];
static unsigned char expected[ELEMENTS * 8];

static void *compute(void *argument) {
  slice *part = argument;
  const size_t at = (size_t)part->from * part->abi->bytes;
  part->status = part->abi->forward(0.3, part->flags, SEED, STREAM, FIRST_INDEX + part->from,
                                    input + at, output + at, part->to - part->from);
  return NULL;
}

static void check_round(const typed_abi *abi, unsigned round) {
  slice slices[THREADS];
  memset(output, 0xA5, sizeof output);
  for (unsigned i = 0; i < THREADS; i++) {
    const uint64_t from = i == 0 ? 0 : slices[i - 1].to;
    const uint64_t to = i + 1 == THREADS ? ELEMENTS : (i + 1) * (ELEMENTS / THREADS) + round * i;
    slices[i] =
        (slice){.abi = abi, .flags = round % 2 * JDROPOUT_STREAMING, .from = from, .to = to};
    CHECK(pthread_create(&slices[i].thread, NULL, compute, &slices[i]) == 0, "no thread %u", i);
  }
  for (unsigned i = 0; i < THREADS; i++) {
    CHECK(pthread_join(slices[i].thread, NULL) == 0, "thread %u is lost", i);
    CHECK(slices[i].status == JDROPOUT_OK, "thread %u failed", i);
  }
  CHECK(memcmp(output, expected, ELEMENTS * abi->bytes) == 0, "threads change the bits of %s",
        abi->name);
}

int main(void) {
  require_isa();
  for (size_t type = 0; type < TYPES; type++) {
    const typed_abi *abi = &typed_abis[type];
    fill_elements(abi->type, input, ELEMENTS, type);
    CHECK(abi->forward(0.3, 0, SEED, STREAM, FIRST_INDEX, input, expected, ELEMENTS) == JDROPOUT_OK,
          "%s", jdropout_last_error());
    for (unsigned round = 0; round < ROUNDS; round++) {
      check_round(abi, round);
    }
  }
  printf("threads hold with %s\n", jdropout_isa());
  return 0;
}
