/*
 * Masks shared along the middle axis of [outer, shared, inner], against the oracle: whole tensors
 * and ranges that begin and end anywhere.
 */
#include <stdio.h>

#include "call_memory.h"

#define SEED UINT64_C(0x0f1e2d3c4b5a6978)
#define STREAM UINT64_C(0x8796a5b4c3d2e1f0)

/* The most elements of one call. */
#define MOST 5000u

static const uint64_t inners[] = {1, 2, 3, 5, 7, 31, 32, 33, 63, 64, 65, 200, 1024, 1025};
static const uint64_t shareds[] = {1, 2, 7, 64, 300, 1500};

static unsigned turn;

typedef struct shared_mask {
  uint64_t first_index;
  uint64_t outer;
  uint64_t shared;
  uint64_t inner;
  uint64_t from;
  double p;
} shared_mask;

static int is_drawn(const void *context, uint64_t row, uint64_t column) {
  const shared_mask *mask = context;
  const uint64_t position = mask->from + column;
  const uint64_t o = position / (mask->shared * mask->inner);
  const uint64_t i = position % mask->inner;
  (void)row;
  return oracle_keeps(SEED, STREAM, mask->first_index + o * mask->inner + i, mask->p);
}

static void check_range(const typed_abi *abi, shared_mask mask, uint64_t count, uint32_t flags) {
  const size_t offset = turn % 9 * abi->bytes;
  const layout where = contiguous(count, turn % 3 == 0 ? offset : 0, offset, turn % 3 == 0);
  const call_memory memory = prepare_memory(abi, where, turn);
  const jdropout_status status =
      abi->forward_shared(mask.p, flags, SEED, STREAM, mask.first_index, mask.outer, mask.shared,
                          mask.inner, mask.from, memory.input, memory.output, count);
  CHECK(status == JDROPOUT_OK, "forward_shared: %s", jdropout_last_error());
  check_memory(&memory, (expectation){FORWARD, mask.p, flags, is_drawn, &mask},
               "forward_shared, p %g, flags %u, first_index %llu, [%llu, %llu, %llu], from %llu",
               mask.p, flags, (unsigned long long)mask.first_index, (unsigned long long)mask.outer,
               (unsigned long long)mask.shared, (unsigned long long)mask.inner,
               (unsigned long long)mask.from);
  turn++;
}

static uint64_t smaller(uint64_t a, uint64_t b) { return a < b ? a : b; }

static void check_shape(const typed_abi *abi, uint64_t outer, uint64_t shared, uint64_t inner) {
  const uint64_t elements = outer * shared * inner;
  const uint64_t starts[] = {0,           1, inner / 2 + 1, inner * shared / 2 + 1, inner * shared,
                             elements / 3};
  for (size_t i = 0; i < LENGTH(starts); i++) {
    const uint64_t from = smaller(starts[i], elements);
    const shared_mask mask = {first_indices[turn % FIRST_INDICES],
                              outer,
                              shared,
                              inner,
                              from,
                              probabilities[turn % 3 == 0 ? turn / 3 % PROBABILITIES : 0]};
    check_range(abi, mask, smaller(elements - from, i % 2 == 0 ? MOST : 777), turn % 4);
  }
}

/* Every phase in a short row, so that every shift of its pattern is met, in short and long calls.
 */
static void check_phases(const typed_abi *abi, uint64_t inner) {
  for (uint64_t from = 0; from < 2 * inner + 2; from++) {
    const shared_mask mask = {from, 40, 9, inner, from, 0.5};
    check_range(abi, mask, smaller(40 * 9 * inner - from, 1100 + from % 65), 0);
    check_range(abi, mask, smaller(40 * 9 * inner - from, 1 + from * 5 % 67), 0);
  }
}

/* Tensors that exist in indices only; the call computes a few of their elements. */
static void check_huge(const typed_abi *abi) {
  const uint64_t far = UINT64_C(1) << 40;
  check_range(abi, (shared_mask){7, far, 3, 5, 15 * far - 900, 0.3}, 900, 0);
  check_range(abi, (shared_mask){7, 3, far, 100, 100 * far - 450, 0.3}, 900, 0);
  check_range(abi, (shared_mask){7, 3, far, 1, far - 450, 0.5}, 900, 0);
  check_range(abi, (shared_mask){7, 2, 3, far, far - 450, 0.3}, 1900, 0);
  check_range(abi, (shared_mask){7, far, 1, 77, 77 * far - 1300, 0.3}, 1300, 0);
}

int main(void) {
  require_isa();
  for (size_t type = 0; type < TYPES; type++) {
    const typed_abi *abi = &typed_abis[type];
    for (size_t i = 0; i < LENGTH(inners); i++) {
      for (size_t s = 0; s < LENGTH(shareds); s++) {
        check_shape(abi, 1, shareds[s], inners[i]);
        check_shape(abi, 5, shareds[s], inners[i]);
        check_shape(abi, 1300 / inners[i] + 1, shareds[s], inners[i]);
      }
    }
    check_huge(abi);
  }
  for (uint64_t inner = 1; inner <= 66; inner++) {
    check_phases(&typed_abis[ORACLE_F16], inner);
  }
  printf("shared masks hold with %s\n", jdropout_isa());
  return 0;
}
