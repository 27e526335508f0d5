/*
 * Rows that do not lie one after the other: forward_rows and apply_rows against the oracle, with
 * strides longer than the columns, interleaved views and shards of longer rows. What lies between
 * the rows must stay.
 */
#include <stdio.h>

#include "call_memory.h"

#define SEED UINT64_C(0x123456789abcdef0)
#define STREAM UINT64_C(0xfedcba9876543210)

#define PACKED_BYTES 65536u

typedef struct shape {
  uint64_t rows;
  uint64_t columns;
} shape;

static const shape shapes[] = {{0, 5},  {5, 0},    {1, 1},    {1, 130}, {2, 1},
                               {3, 7},  {5, 8},    {4, 33},   {7, 63},  {3, 64},
                               {9, 65}, {2, 1023}, {3, 1025}, {2, 2100}};

static const uint64_t paddings[] = {0, 1, 5, 64, 97};

static unsigned turn;

typedef struct row_indices {
  uint64_t first;
  uint64_t stride;
  double p;
  const unsigned char *packed;
} row_indices;

static int is_drawn(const void *context, uint64_t row, uint64_t column) {
  const row_indices *indices = context;
  return oracle_keeps(SEED, STREAM, indices->first + row * indices->stride + column, indices->p);
}

static int is_packed(const void *context, uint64_t row, uint64_t column) {
  const row_indices *indices = context;
  return bit_at(indices->packed, indices->first + row * indices->stride + column);
}

static void check_forward_rows(const typed_abi *abi, layout where, double p, uint32_t flags,
                               uint64_t first_index, uint64_t index_stride) {
  const row_indices indices = {first_index, index_stride, p, NULL};
  const call_memory memory = prepare_memory(abi, where, turn);
  const jdropout_status status = abi->forward_rows(
      p, flags, SEED, STREAM, first_index, index_stride, memory.input, where.input_stride,
      memory.output, where.output_stride, where.rows, where.columns);
  CHECK(status == JDROPOUT_OK, "forward_rows: %s", jdropout_last_error());
  check_memory(&memory, (expectation){FORWARD, p, flags, is_drawn, &indices},
               "forward_rows, p %g, flags %u, first_index %llu, index_stride %llu", p, flags,
               (unsigned long long)first_index, (unsigned long long)index_stride);
}

static void check_apply_rows(const typed_abi *abi, layout where, double p, uint32_t flags,
                             uint64_t first_bit, uint64_t mask_stride) {
  static unsigned char packed[PACKED_BYTES];
  fill_bits(packed, sizeof packed, turn);
  const row_indices indices = {first_bit, mask_stride, p, packed};
  const call_memory memory = prepare_memory(abi, where, turn);
  const jdropout_status status =
      abi->apply_rows(p, flags, packed, first_bit, mask_stride, memory.input, where.input_stride,
                      memory.output, where.output_stride, where.rows, where.columns);
  CHECK(status == JDROPOUT_OK, "apply_rows: %s", jdropout_last_error());
  check_memory(&memory, (expectation){APPLY, p, flags, is_packed, &indices},
               "apply_rows, p %g, flags %u, first_bit %llu, mask_stride %llu", p, flags,
               (unsigned long long)first_bit, (unsigned long long)mask_stride);
}

static void check_both(const typed_abi *abi, layout where) {
  const uint64_t wider = where.columns + paddings[turn % LENGTH(paddings)];
  const uint32_t flags = turn % 4;
  const double p = probabilities[turn % PROBABILITIES];
  uint64_t first_index = first_indices[turn % FIRST_INDICES];
  check_forward_rows(abi, where, p, flags, first_index, wider);
  check_forward_rows(abi, where, 0.3, flags, first_index, where.columns);
  check_apply_rows(abi, where, p, flags, turn % 67, wider);
  turn++;
}

static void check_layouts(const typed_abi *abi, shape of) {
  for (size_t i = 0; i < LENGTH(paddings); i++) {
    const uint64_t stride = of.columns + paddings[i];
    const uint64_t other = of.columns + paddings[(i + 2) % LENGTH(paddings)];
    const size_t offset = turn * 3 % 64;
    check_both(abi, (layout){of.rows, of.columns, 0, stride, offset, other, 0});
    check_both(abi, (layout){of.rows, of.columns, offset, stride, offset, stride, 1});
  }
}

/* Two tensors in the columns of one matrix, side by side, in either order, touching or apart. */
static void check_interleaved(const typed_abi *abi, shape of) {
  for (uint64_t gap = 0; gap < 3; gap++) {
    const uint64_t stride = 2 * (of.columns + gap);
    const size_t beside = (size_t)(of.columns + gap) * abi->bytes;
    check_both(abi, (layout){of.rows, of.columns, 0, stride, beside, stride, 1});
    check_both(abi, (layout){of.rows, of.columns, beside, stride, 0, stride, 1});
  }
}

/* Strides of one row have no effect, whatever they are. */
static void check_one_row(const typed_abi *abi) {
  check_both(abi, (layout){1, 77, 0, UINT64_MAX, 0, 77, 1});
  check_both(abi, (layout){1, 77, 0, 80, 0, UINT64_MAX / 2, 0});
}

/* The upper half of the quad's index changes from one row to the next, and within a row. */
static void check_far_apart(const typed_abi *abi) {
  const layout where = {5, 70, 0, 71, 0, 72, 0};
  check_forward_rows(abi, where, 0.3, 0, (UINT64_C(1) << 35) - 100, UINT64_C(1) << 34);
  check_forward_rows(abi, where, 0.3, 0, 5, (UINT64_C(1) << 60) + 77);
}

int main(void) {
  require_isa();
  for (size_t type = 0; type < TYPES; type++) {
    const typed_abi *abi = &typed_abis[type];
    for (size_t i = 0; i < LENGTH(shapes); i++) {
      check_layouts(abi, shapes[i]);
      check_interleaved(abi, shapes[i]);
    }
    check_one_row(abi);
    check_far_apart(abi);
  }
  printf("rows hold with %s\n", jdropout_isa());
  return 0;
}
