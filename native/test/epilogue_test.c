/*
 * Epilogues and their gradients against the contract, one element at a time: every type, activation
 * and set of operands, at sizes around vectors, words, tiles and groups of rows.
 *
 * Every operand has memory of its own, which begins right behind a page that cannot be accessed, or
 * ends right before one; what lies around its elements and between its rows must stay. Activations
 * themselves are taken from jdropout/activation.h, on one number at a time. Some calls are made with
 * another rounding mode and with subnormal numbers flushed to zero, which must not matter.
 */
#define _GNU_SOURCE
#include <fenv.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "harness.h"
#include "jdropout/activation.h"

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

#define SEED UINT64_C(0x123456789abcdef0)
#define STREAM UINT64_C(0xfedcba9876543210)

#define ROOM 163840u
#define POISON 0xA5

#define ACTIVATIONS 5u
#define GROUP 32u

typedef enum operand { PRODUCT, GRAD_OUTPUT, BIAS, RESIDUAL, OUTPUT, SIGNS, SUMS } operand;

#define OPERANDS 7

static const char *const operand_names[OPERANDS] = {"product", "grad_output", "bias", "residual",
                                                    "output",  "signs",       "sums"};

/* The memory of an operand, as it is, was and must be. */
typedef struct room {
  unsigned char *actual;
  unsigned char before[ROOM];
  unsigned char expected[ROOM];
} room;

static room rooms[OPERANDS];

/* Rows of one operand; strides and widths in bytes. Not there if `is_there` is 0. */
typedef struct rows_place {
  int is_there;
  operand where;
  size_t at;
  size_t stride;
  size_t width;
  uint64_t rows;
} rows_place;

typedef struct epilogue_case {
  const typed_epilogues *abi;
  uint32_t activation;
  double p;
  int is_inference;
  uint32_t flags;
  uint64_t first_index;
  uint64_t index_stride;
  uint64_t rows;
  uint64_t columns;
  rows_place places[OPERANDS];
} epilogue_case;

typedef struct shape {
  uint64_t rows;
  uint64_t columns;
} shape;

static const shape shapes[] = {{1, 1},    {2, 7},    {31, 8},   {32, 9},    {33, 63}, {65, 64},
                               {3, 65},   {1, 1023}, {2, 1024}, {33, 1025}, {64, 1},  {65, 130},
                               {2, 2100}, {7, 2100}, {0, 3},    {3, 0}};

static const double tested_probabilities[] = {0.1, 0, 0.5, 1};

static unsigned turn;

/* What is chosen in a turn, each without regard to the others. */
typedef enum choice {
  EDGE = 0,
  SHIFT = EDGE + OPERANDS,
  PADDING = SHIFT + OPERANDS,
  PROBABILITY = PADDING + OPERANDS,
  INFERENCE,
  STREAMING,
  FIRST_INDEX,
  INDEX_STRIDE,
  ENVIRONMENT,
  PLACE,
  HAS_SIGNS
} choice;

static size_t choose(choice what, size_t of, size_t count) {
  return (size_t)(scatter(turn * UINT64_C(64) + (uint64_t)what + of) % count);
}

static unsigned char *guarded_room(void) {
  const size_t page = (size_t)sysconf(_SC_PAGESIZE);
  CHECK(ROOM % page == 0, "pages of %zu bytes do not divide the room", page);
  unsigned char *all = mmap(NULL, ROOM + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  CHECK(all != MAP_FAILED && mprotect(all + page, ROOM, PROT_READ | PROT_WRITE) == 0,
        "mmap failed");
  return all + page;
}

/* Puts rows at the start or the end of a room. `shift` moves them away from the edge. */
static rows_place place(operand where, uint64_t rows, size_t width, size_t stride, size_t shift) {
  rows_place result = {1, where, shift, stride, width, rows};
  const size_t span = rows == 0 || width == 0 ? 0 : (size_t)(rows - 1) * stride + width;
  CHECK(span + shift <= ROOM, "the room is too small for %zu bytes", span + shift);
  if (choose(EDGE, where, 2) == 0) {
    result.at = ROOM - span - shift;
  }
  return result;
}

static unsigned char *in(unsigned char *start, const rows_place *rows, uint64_t row, size_t byte) {
  return start + rows->at + row * rows->stride + byte;
}

static void fill_rooms(const epilogue_case *tested) {
  for (size_t i = 0; i < OPERANDS; i++) {
    memset(rooms[i].actual, POISON, ROOM);
  }
  for (size_t i = 0; i <= RESIDUAL; i++) {
    const rows_place *rows = &tested->places[i];
    const size_t bytes = oracle_bytes(tested->abi->type);
    for (uint64_t row = 0; rows->is_there && row < rows->rows; row++) {
      fill_elements(tested->abi->type, in(rooms[rows->where].actual, rows, row, 0),
                    rows->width / bytes, turn * 31 + row * 5 + i * 1000);
    }
  }
  const rows_place *signs = &tested->places[SIGNS];
  for (uint64_t row = 0; signs->is_there && row < signs->rows; row++) {
    fill_bits(in(rooms[SIGNS].actual, signs, row, 0), signs->width, turn + row);
  }
  for (size_t i = 0; i < OPERANDS; i++) {
    memcpy(rooms[i].before, rooms[i].actual, ROOM);
    memcpy(rooms[i].expected, rooms[i].actual, ROOM);
  }
}

static float read_element(const epilogue_case *tested, operand what, uint64_t row,
                          uint64_t column) {
  const rows_place *rows = &tested->places[what];
  const oracle_type type = tested->abi->type;
  return oracle_float(type, in(rooms[rows->where].before, rows, what == BIAS ? 0 : row,
                               column * oracle_bytes(type)));
}

/* Of two NaN the actual one is expected. */
static void expect_float(const epilogue_case *tested, oracle_type type, operand what, uint64_t row,
                         uint64_t column, float value) {
  const rows_place *rows = &tested->places[what];
  const size_t bytes = oracle_bytes(type);
  unsigned char *expected = in(rooms[rows->where].expected, rows, row, column * bytes);
  const unsigned char *actual = in(rooms[rows->where].actual, rows, row, column * bytes);
  oracle_round(type, value, expected);
  if (isnan(value) && oracle_is_nan(type, actual)) {
    memcpy(expected, actual, bytes);
  }
}

static float factor_of(const epilogue_case *tested) {
  return tested->is_inference ? 0.75f : oracle_training_scale_f32(oracle_threshold(tested->p));
}

static uint32_t threshold_of(const epilogue_case *tested) {
  return tested->is_inference ? 65536 : oracle_threshold(tested->p);
}

static int is_kept(const epilogue_case *tested, uint64_t row, uint64_t column) {
  return tested->is_inference ||
         oracle_keeps(SEED, STREAM, tested->first_index + row * tested->index_stride + column,
                      tested->p);
}

static float expected_z(const epilogue_case *tested, uint64_t row, uint64_t column) {
  const float product = read_element(tested, PRODUCT, row, column);
  return tested->places[BIAS].is_there ? product + read_element(tested, BIAS, 0, column) : product;
}

static float expected_activation(uint32_t activation, float z) {
  switch (activation) {
    case JDROPOUT_IDENTITY:
      return z;
    case JDROPOUT_RELU:
      return z <= 0 ? 0 : z;
    case JDROPOUT_GELU:
      return jdropout_gelu(z);
    case JDROPOUT_GELU_TANH:
      return jdropout_gelu_tanh(z);
    default:
      return jdropout_silu(z);
  }
}

static void expect_output(const epilogue_case *tested, uint64_t row, uint64_t column) {
  const float z = expected_z(tested, row, column);
  float result = 0;
  if (is_kept(tested, row, column)) {
    result = expected_activation(tested->activation, z) * factor_of(tested);
  }
  if (tested->places[RESIDUAL].is_there) {
    result = read_element(tested, RESIDUAL, row, column) + result;
  }
  expect_float(tested, tested->abi->type, OUTPUT, row, column, result);
  if (tested->places[SIGNS].is_there) {
    unsigned char *byte = in(rooms[SIGNS].expected, &tested->places[SIGNS], row, column / 8);
    const int bit = z <= 0 ? 0 : 1;
    *byte = (unsigned char)(*byte | bit << (column % 8));
  }
}

static float expected_gradient(const epilogue_case *tested, uint64_t row, uint64_t column) {
  if (!is_kept(tested, row, column)) {
    return 0;
  }
  const float scaled = read_element(tested, GRAD_OUTPUT, row, column) * factor_of(tested);
  switch (tested->activation) {
    case JDROPOUT_IDENTITY:
      return scaled;
    case JDROPOUT_RELU:
      return bit_at(in(rooms[SIGNS].before, &tested->places[SIGNS], row, 0), column) ? scaled : 0;
    case JDROPOUT_GELU:
      return scaled * jdropout_gelu_derivative(expected_z(tested, row, column));
    case JDROPOUT_GELU_TANH:
      return scaled * jdropout_gelu_tanh_derivative(expected_z(tested, row, column));
    default:
      return scaled * jdropout_silu_derivative(expected_z(tested, row, column));
  }
}

static void expect_gradient_column(const epilogue_case *tested, uint64_t column) {
  float sum = 0;
  for (uint64_t row = 0; row < tested->rows; row++) {
    const float gradient = expected_gradient(tested, row, column);
    expect_float(tested, tested->abi->type, OUTPUT, row, column, gradient);
    sum = (row % GROUP == 0 ? 0 : sum) + gradient;
    if (tested->places[SUMS].is_there && (row % GROUP == GROUP - 1 || row + 1 == tested->rows)) {
      expect_float(tested, ORACLE_F32, SUMS, row / GROUP, column, sum);
    }
  }
}

static void check_rooms(const epilogue_case *tested, const char *operation) {
  for (size_t i = 0; i < OPERANDS; i++) {
    if (memcmp(rooms[i].actual, rooms[i].expected, ROOM) == 0) {
      continue;
    }
    size_t at = 0;
    while (rooms[i].actual[at] == rooms[i].expected[at]) {
      at++;
    }
    const ptrdiff_t from_start = (ptrdiff_t)at - (ptrdiff_t)tested->places[i].at;
    stop_failed(
        "%s_%s: byte %td of %s is 0x%02X and not 0x%02X; turn %u, activation %u, p %g%s, "
        "flags %u, first_index %llu, index_stride %llu, %llu rows of %llu, %s, %s, output "
        "in %s",
        operation, tested->abi->name, from_start, operand_names[i], rooms[i].actual[at],
        rooms[i].expected[at], turn, tested->activation, tested->p,
        tested->is_inference ? " at inference" : "", tested->flags,
        (unsigned long long)tested->first_index, (unsigned long long)tested->index_stride,
        (unsigned long long)tested->rows, (unsigned long long)tested->columns,
        tested->places[BIAS].is_there ? "bias" : "no bias",
        tested->places[RESIDUAL].is_there ? "residual" : "no residual",
        operand_names[tested->places[OUTPUT].where]);
  }
}

static void *address_of(const epilogue_case *tested, operand what) {
  const rows_place *rows = &tested->places[what];
  return rows->is_there ? rooms[rows->where].actual + rows->at : NULL;
}

static uint64_t stride_of(const epilogue_case *tested, operand what) {
  return tested->places[what].stride / oracle_bytes(tested->abi->type);
}

/* Makes the environment of some turns another one; returns the one before. */
static fenv_t enter_environment(void) {
  fenv_t before;
  (void)fegetenv(&before);
  if (choose(ENVIRONMENT, 0, 3) == 0) {
    (void)fesetround(FE_UPWARD);
#if defined(__x86_64__)
    _mm_setcsr(_mm_getcsr() | 0x8040u);
#endif
  }
  return before;
}

static void check_forward(const epilogue_case *tested) {
  fill_rooms(tested);
  const float factor = factor_of(tested);
  const uint32_t threshold = threshold_of(tested);
  const fenv_t environment = enter_environment();
  const jdropout_status status = tested->abi->forward(
      tested->activation, threshold, factor, tested->flags, SEED, STREAM, tested->first_index,
      tested->index_stride, address_of(tested, PRODUCT), stride_of(tested, PRODUCT),
      address_of(tested, BIAS), address_of(tested, RESIDUAL), stride_of(tested, RESIDUAL),
      address_of(tested, OUTPUT), stride_of(tested, OUTPUT), address_of(tested, SIGNS),
      tested->places[SIGNS].stride, tested->rows, tested->columns);
  (void)fesetenv(&environment);
  CHECK(status == JDROPOUT_OK, "epilogue, turn %u: %s", turn, jdropout_last_error());
  const rows_place *signs = &tested->places[SIGNS];
  for (uint64_t row = 0; signs->is_there && row < tested->rows; row++) {
    memset(in(rooms[SIGNS].expected, signs, row, 0), 0, signs->width);
  }
  for (uint64_t row = 0; row < tested->rows; row++) {
    for (uint64_t column = 0; column < tested->columns; column++) {
      expect_output(tested, row, column);
    }
  }
  check_rooms(tested, "epilogue");
}

static void check_gradient(const epilogue_case *tested) {
  fill_rooms(tested);
  const float factor = factor_of(tested);
  const uint32_t threshold = threshold_of(tested);
  const fenv_t environment = enter_environment();
  const jdropout_status status = tested->abi->gradient(
      tested->activation, threshold, factor, tested->flags, SEED, STREAM, tested->first_index,
      tested->index_stride, address_of(tested, GRAD_OUTPUT), stride_of(tested, GRAD_OUTPUT),
      address_of(tested, PRODUCT), stride_of(tested, PRODUCT), address_of(tested, BIAS),
      address_of(tested, SIGNS), tested->places[SIGNS].stride, address_of(tested, OUTPUT),
      stride_of(tested, OUTPUT), address_of(tested, SUMS),
      tested->places[SUMS].stride / sizeof(float), tested->rows, tested->columns);
  (void)fesetenv(&environment);
  CHECK(status == JDROPOUT_OK, "gradient, turn %u: %s", turn, jdropout_last_error());
  for (uint64_t column = 0; column < tested->columns; column++) {
    expect_gradient_column(tested, column);
  }
  check_rooms(tested, "epilogue_gradient");
}

/* Returns one of the elements' strides, and shifts that align them well, badly and not at all. */
static rows_place place_matrix(const epilogue_case *tested, operand what) {
  static const size_t paddings[] = {0, 1, 3, 64};
  const size_t bytes = oracle_bytes(tested->abi->type);
  const size_t shifts[] = {0, bytes, 1, 5 * bytes, 64};
  const size_t padding = paddings[choose(PADDING, what, LENGTH(paddings))];
  return place(what, tested->rows, (size_t)tested->columns * bytes,
               (size_t)(tested->columns + padding) * bytes,
               shifts[choose(SHIFT, what, LENGTH(shifts))]);
}

static uint64_t next_index_stride(const epilogue_case *tested) {
  const uint64_t strides[] = {tested->columns, tested->columns + 1, tested->columns + 320,
                              (UINT64_C(1) << 34) + 3};
  return strides[choose(INDEX_STRIDE, 0, LENGTH(strides))];
}

static epilogue_case new_case(const typed_epilogues *abi, uint32_t activation, shape of) {
  epilogue_case tested;
  memset(&tested, 0, sizeof tested);
  tested.abi = abi;
  tested.activation = activation;
  tested.p = tested_probabilities[choose(PROBABILITY, 0, LENGTH(tested_probabilities))];
  tested.is_inference = choose(INFERENCE, 0, 8) == 0;
  tested.flags = choose(STREAMING, 0, 2) == 0 ? JDROPOUT_STREAMING : 0;
  /* The last would leave the range of indices. */
  tested.first_index = first_indices[choose(FIRST_INDEX, 0, FIRST_INDICES - 1)];
  tested.rows = of.rows;
  tested.columns = of.columns;
  tested.index_stride = next_index_stride(&tested);
  return tested;
}

static rows_place place_signs(const epilogue_case *tested) {
  const size_t width = (size_t)(tested->columns + 63) / 64 * 8;
  return place(SIGNS, tested->rows, width, width + choose(PADDING, SIGNS, 3) * 5,
               choose(SHIFT, SIGNS, 7));
}

static void test_forward(const typed_epilogues *abi, uint32_t activation, shape of,
                         unsigned operands) {
  epilogue_case tested = new_case(abi, activation, of);
  const size_t bytes = oracle_bytes(abi->type);
  tested.places[PRODUCT] = place_matrix(&tested, PRODUCT);
  if ((operands & 1) != 0) {
    tested.places[BIAS] = place(BIAS, 1, (size_t)of.columns * bytes, 0, choose(SHIFT, BIAS, 3));
  }
  if ((operands & 2) != 0) {
    tested.places[RESIDUAL] = place_matrix(&tested, RESIDUAL);
  }
  if (activation == JDROPOUT_RELU && choose(HAS_SIGNS, 0, 4) != 0) {
    tested.places[SIGNS] = place_signs(&tested);
  }
  tested.places[OUTPUT] = place_matrix(&tested, OUTPUT);
  if (choose(PLACE, 0, 5) == 3) {
    tested.places[OUTPUT] = tested.places[PRODUCT];
  } else if (choose(PLACE, 0, 5) == 4 && tested.places[RESIDUAL].is_there) {
    tested.places[OUTPUT] = tested.places[RESIDUAL];
  }
  check_forward(&tested);
  turn++;
}

static void test_gradient(const typed_epilogues *abi, uint32_t activation, shape of,
                          unsigned operands) {
  epilogue_case tested = new_case(abi, activation, of);
  const size_t bytes = oracle_bytes(abi->type);
  tested.places[GRAD_OUTPUT] = place_matrix(&tested, GRAD_OUTPUT);
  if (activation == JDROPOUT_RELU) {
    tested.places[SIGNS] = place_signs(&tested);
  } else if (activation != JDROPOUT_IDENTITY) {
    tested.places[PRODUCT] = place_matrix(&tested, PRODUCT);
    if ((operands & 1) != 0) {
      tested.places[BIAS] = place(BIAS, 1, (size_t)of.columns * bytes, 0, choose(SHIFT, BIAS, 3));
    }
  }
  if ((operands & 2) != 0) {
    const size_t width = (size_t)of.columns * sizeof(float);
    const size_t stride = width + choose(PADDING, SUMS, 2) * sizeof(float);
    tested.places[SUMS] =
        place(SUMS, (of.rows + GROUP - 1) / GROUP, width, stride, choose(SHIFT, SUMS, 6));
  }
  tested.places[OUTPUT] = place_matrix(&tested, OUTPUT);
  if (choose(PLACE, 0, 5) == 3) {
    tested.places[OUTPUT] = tested.places[GRAD_OUTPUT];
  } else if (choose(PLACE, 0, 5) == 4 && tested.places[PRODUCT].is_there) {
    tested.places[OUTPUT] = tested.places[PRODUCT];
  }
  check_gradient(&tested);
  turn++;
}

/* What is not used may be anything. */
static void test_unused(const typed_epilogues *abi) {
  const float values[4] = {1, 2, 3, 4};
  float output[4] = {0};
  const void *nowhere = (const void *)1;
  CHECK(abi->forward(JDROPOUT_GELU, 65536, 1, 0, 1, 2, UINT64_MAX, 0, values, 2, NULL, NULL, 0,
                     output, 2, rooms[SIGNS].actual, 0, 2, 2) == JDROPOUT_OK,
        "forward: %s", jdropout_last_error());
  CHECK(abi->gradient(JDROPOUT_IDENTITY, 0, 1, 0, 1, 2, UINT64_MAX, 0, values, 2, nowhere, 0,
                      nowhere, nowhere, 0, output, 2, NULL, 0, 2, 2) == JDROPOUT_OK,
        "gradient: %s", jdropout_last_error());
}

int main(void) {
  require_isa();
  for (size_t i = 0; i < OPERANDS; i++) {
    rooms[i].actual = guarded_room();
  }
  for (size_t type = 0; type < EPILOGUE_TYPES; type++) {
    const typed_epilogues *abi = &epilogue_abis[type];
    for (size_t i = 0; i < LENGTH(shapes); i++) {
      for (uint32_t activation = 0; activation < ACTIVATIONS; activation++) {
        for (unsigned operands = 0; operands < 4; operands++) {
          test_forward(abi, activation, shapes[i], operands);
          test_gradient(abi, activation, shapes[i], operands);
        }
      }
    }
    test_unused(abi);
  }
  printf("%u epilogues hold with %s\n", turn, jdropout_isa());
  return 0;
}
