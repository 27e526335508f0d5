/*
 * What the kernels take: each one structure by value, composed of these.
 *
 * The host fills them field by field, so every field has its natural alignment and there is no
 * padding but what is written down. A test compares the offsets with the host's.
 */
#pragma once

#include <stdint.h>

namespace jdropout {

/*
 * The elements of a launch. Counting starts at a place where a quad of the mask begins, up to seven
 * elements before the first one that is meant; so the rest of the arithmetic never sees an offset.
 */
struct Range {
  const void *input;  /* address of element 0 */
  void *output;       /* address of element 0; equal to input for a call in place */
  uint64_t begin;     /* the first element to compute, in [0, 8) */
  uint64_t end;       /* one past the last */
  double scale_f64;   /* the factor of kept elements, for f64 */
  float scale_f32;    /* the same rounded to f32, for all others */
  uint32_t is_vector; /* 1 if element 0 of both is at a multiple of 16 bytes */
};

/* The 20 words that ten rounds of Philox add, with the stream folded into the first four. */
struct PhiloxSchedule {
  uint32_t word[20];
};

/* Which mask is drawn. */
struct Draw {
  PhiloxSchedule schedule;
  uint32_t threshold; /* T << 16, for T in [1, 65535] */
  uint32_t unused;
  uint64_t first_quad; /* the quad of element 0 */
};

/* Which mask is drawn, with the key in device memory: a graph replays the launch with another. */
struct DeviceKeyDraw {
  const uint64_t *key; /* seed, stream; a multiple of 16 bytes */
  uint64_t first_quad;
  uint32_t threshold;
  uint32_t unused;
};

/* A number to divide by: x / value = (x * magic >> 64) >> (shift - 1) for x below 2^63. */
struct Divisor {
  uint64_t value; /* at least 1; 1 needs no magic */
  uint64_t magic; /* 2^(63 + shift) / value, rounded up, where shift = ceil(log2(value)) */
};

/* Runs of axes, from the innermost on: own decisions, shared, own, shared … */
constexpr int MAX_OUTER_RUNS = 61;

/*
 * How a tensor shares a mask. No tensor of fewer than 2^63 elements has more runs of size 2 or more
 * than fit.
 */
struct Sharing {
  uint64_t first_index; /* of element Range::begin, in the tensor */
  Divisor inner;        /* size of the innermost run, with decisions of its own; may be 1 */
  Divisor shared;       /* size of the run around it, which shares them */
  uint32_t outer_runs;  /* how many further runs there are */
  uint32_t unused;
  Divisor outer[MAX_OUTER_RUNS]; /* the first of them has decisions of its own */
};

/* A mask to read: bit b of byte k is element 8 k + b. */
struct GivenMask {
  const uint8_t *bytes;
  uint64_t first_bit; /* the bit of element Range::begin */
};

/* A mask to write, with its first element at bit 0. */
struct MaskOutput {
  uint8_t *bytes;
  uint64_t element_count;
  uint32_t first_lane; /* the first element's place in the quad Draw::first_quad, in [0, 8) */
  uint32_t is_aligned; /* 1 if bytes is a multiple of 4 */
};

/* What is applied before dropout; the host has the same numbers. */
enum Activation : uint32_t { IDENTITY, RELU, GELU, GELU_TANH, SILU };

/*
 * What ends a layer: the shape of its matrices, and what is done to each element. A thread visits
 * rows that are `step` apart, as many as lie below each other in a block; what grows from one to the
 * next is multiplied by the host, so that it takes no registers.
 */
struct Layer {
  uint64_t rows;
  uint64_t columns;
  Divisor column_tiles;  /* how many tiles lie beside each other */
  uint64_t index_stride; /* by how much the index grows from a row to the next */
  uint64_t index_step;   /* step * index_stride */
  uint32_t step;
  uint32_t first_lane; /* the first element's place in the quad Draw::first_quad, in [0, 8) */
  uint32_t activation;
  float factor;       /* of kept elements */
  uint32_t is_random; /* 0 if nothing is drawn: a threshold of 0 drops all, any other keeps all */
  uint32_t
      is_vector; /* 1 if all rows of all matrices, and the bias, are at multiples of 16 bytes */
};

/* Rows of contiguous elements, or of sign bits. */
struct Matrix {
  void *start; /* null for none */
  uint64_t row_bytes;
  uint64_t step_bytes; /* Layer::step * row_bytes */
};

struct EpilogueArguments {
  Layer layer;
  Matrix product;
  Matrix residual;
  Matrix output; /* may be at the place of product or residual */
  Matrix signs;
  const void *bias;
  Draw draw;
};

struct EpilogueDeviceKeyArguments {
  Layer layer;
  Matrix product;
  Matrix residual;
  Matrix output;
  Matrix signs;
  const void *bias;
  DeviceKeyDraw draw;
};

struct EpilogueGradientArguments {
  Layer layer;
  Matrix grad_output;
  Matrix product;
  Matrix grad_product; /* may be at the place of grad_output or product */
  Matrix group_sums;
  Matrix signs;
  const void *bias;
  Draw draw;
};

struct EpilogueGradientDeviceKeyArguments {
  Layer layer;
  Matrix grad_output;
  Matrix product;
  Matrix grad_product;
  Matrix group_sums;
  Matrix signs;
  const void *bias;
  DeviceKeyDraw draw;
};

/*
 * A product of a dropped matrix with a narrow one, or a gradient of it. All three matrices have 16-bit
 * elements but for the weights' gradient, whose sums are f32.
 */
struct ProductArguments {
  Layer layer;    /* of the wide matrix; identity */
  Matrix wide;    /* the input, or its gradient */
  Matrix weights; /* or their gradient: a sum for each part of the rows, step_bytes apart */
  Matrix narrow;  /* the output, or its gradient */
  uint32_t weight_rows;
  uint32_t parts;     /* of the weights' gradient; 0 for others */
  uint64_t part_rows; /* rows of each part, the last of which may have fewer */
  Draw draw;
};

/* Sums of columns, of at most 1024 rows each. */
struct ColumnSumsArguments {
  const float *input;
  uint64_t input_row_bytes;
  uint64_t rows;
  uint64_t columns;
  Divisor column_tiles; /* how many tiles lie beside each other */
  void *output;         /* rows without gaps */
  uint32_t accumulates; /* 1 if what the output holds is added */
  uint32_t unused;
};

struct ForwardArguments {
  Range range;
  Draw draw;
};

struct ForwardDeviceKeyArguments {
  Range range;
  DeviceKeyDraw draw;
};

struct SharedArguments {
  Range range;
  Draw draw; /* of the mask's element 0 */
  Sharing sharing;
};

struct SharedDeviceKeyArguments {
  Range range;
  DeviceKeyDraw draw;
  Sharing sharing;
};

struct MaskArguments {
  MaskOutput output;
  Draw draw;
};

struct MaskDeviceKeyArguments {
  MaskOutput output;
  DeviceKeyDraw draw;
};

struct ApplyArguments {
  Range range;
  GivenMask mask;
};

struct ScaleArguments {
  Range range;
};

struct AdvanceArguments {
  uint64_t *key;      /* seed, stream */
  uint64_t increment; /* added to the stream */
};

static_assert(sizeof(Range) == 48, "no hidden padding");
static_assert(sizeof(Draw) == 96, "no hidden padding");
static_assert(sizeof(DeviceKeyDraw) == 24, "no hidden padding");
static_assert(sizeof(Sharing) == 48 + 16 * MAX_OUTER_RUNS, "no hidden padding");
static_assert(sizeof(MaskOutput) == 24, "no hidden padding");
static_assert(sizeof(Layer) == 72, "no hidden padding");
static_assert(sizeof(ProductArguments) == 256, "no hidden padding");
static_assert(sizeof(ColumnSumsArguments) == 64, "no hidden padding");

}  // namespace jdropout
