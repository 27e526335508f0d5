#include "epilogue.h"

#include <string.h>

#include "bit_ranges.h"
#include "bit_source.h"
#include "cache_line.h"

/* Rows that are added up in one row of sums. */
#define GROUP_ROWS 32u

/* Goes through the tiles of a matrix, and has the next tile of two inputs fetched. */
typedef struct tile_walk {
  const epilogue_rule *rule;
  bit_source source;
  input_rows inputs[2];
  output_rows output;
  uint64_t row;
  uint64_t column;
  size_t count;
  int streaming;
  uint64_t words[SOURCE_WORDS];
} tile_walk;

static void start_walk(tile_walk *walk, const kernel_set *kernels, const epilogue_rule *rule,
                       input_rows first, input_rows second, output_rows output) {
  walk->rule = rule;
  walk->inputs[0] = first;
  walk->inputs[1] = second;
  walk->output = output;
  walk->row = 0;
  walk->column = 0;
  walk->count = 0;
  if (rule->threshold == JDROPOUT_KEEP_ALL) {
    set_all_bits(&walk->source);
  } else if (rule->threshold == JDROPOUT_KEEP_NONE) {
    clear_all_bits(&walk->source);
  } else {
    draw_bits(&walk->source, kernels, rule->seed, rule->stream, rule->threshold, rule->first_index);
  }
}

static size_t offset_of(const tile_walk *walk, uint64_t stride) {
  return (walk->row * stride + walk->column) * bytes_of(walk->rule->type);
}

static const unsigned char *input_at(const tile_walk *walk, input_rows rows) {
  return rows.address == NULL ? NULL : rows.address + offset_of(walk, rows.stride);
}

static unsigned char *output_at(const tile_walk *walk) {
  return walk->output.address + offset_of(walk, walk->output.stride);
}

static const unsigned char *bias_at(const tile_walk *walk, const unsigned char *bias) {
  return bias == NULL ? NULL : bias + walk->column * bytes_of(walk->rule->type);
}

/* Decides how long the tile is, and whether it is written past the cache. */
static void measure_tile(tile_walk *walk) {
  const size_t bytes = bytes_of(walk->rule->type);
  const uint64_t left = walk->rule->columns - walk->column;
  walk->count = left < TILE_ELEMENTS ? (size_t)left : TILE_ELEMENTS;
  const unsigned char *output = output_at(walk);
  walk->streaming = walk->rule->streaming && ((uintptr_t)output & (bytes - 1)) == 0;
  if (walk->streaming) {
    /* A short first tile brings the others to where stores past the cache may begin. */
    const size_t head = elements_to_line(output, bytes);
    if (head != 0) {
      walk->count = head < walk->count ? head : walk->count;
      walk->streaming = 0;
    }
  }
}

/* Where the tile after this one begins; 0 where there is none. */
static uintptr_t next_of(const tile_walk *walk, input_rows rows) {
  const epilogue_rule *rule = walk->rule;
  const int is_last_of_row = walk->column + walk->count == rule->columns;
  if (rows.address == NULL || (is_last_of_row && walk->row + 1 == rule->rows)) {
    return 0;
  }
  const uint64_t distance = is_last_of_row ? rows.stride - walk->column : walk->count;
  return (uintptr_t)input_at(walk, rows) + distance * bytes_of(rule->type);
}

/* Moves to the next tile and draws its bits; returns whether there is one. */
static int next_tile(tile_walk *walk) {
  const epilogue_rule *rule = walk->rule;
  walk->column += walk->count;
  if (walk->column == rule->columns) {
    walk->column = 0;
    walk->row++;
  }
  if (walk->row == rule->rows) {
    return 0;
  }
  measure_tile(walk);
  const uintptr_t next = next_of(walk, walk->inputs[0]);
  const prefetch ahead = {next, next == 0 ? 0 : 64 * bytes_of(rule->type),
                          next_of(walk, walk->inputs[1])};
  walk->source.fill(&walk->source, walk->row * rule->index_stride + walk->column, walk->count,
                    walk->words, ahead);
  return 1;
}

/* Puts a tile's sign bits behind those of the row's tiles before. */
static void write_signs(const tile_walk *walk, output_rows signs, const uint64_t *words) {
  unsigned char *target = signs.address + walk->row * signs.stride + walk->column / 64 * 8;
  const size_t shift = walk->column & 63;
  if (shift == 0) {
    memcpy(target, words, words_for_bits(walk->count) * sizeof *words);
    return;
  }
  uint64_t shifted[SOURCE_WORDS] = {0};
  copy_bits(words, 0, shifted, shift, walk->count);
  uint64_t before;
  memcpy(&before, target, sizeof before);
  shifted[0] |= before;
  memcpy(target, shifted, words_for_bits(shift + walk->count) * sizeof *shifted);
}

void run_epilogue(const kernel_set *kernels, const epilogue_rule *rule, input_rows product,
                  const unsigned char *bias, input_rows residual, output_rows output,
                  output_rows signs) {
  epilogue_function *kernel = kernels->epilogues->forward[rule->type][rule->activation];
  tile_walk walk;
  start_walk(&walk, kernels, rule, product, residual, output);
  while (next_tile(&walk)) {
    uint64_t sign_words[TILE_WORDS];
    if (signs.address != NULL) {
      memset(sign_words, 0, sizeof sign_words);
    }
    const epilogue_tile tile = {.words = walk.words,
                                .factor = rule->factor,
                                .count = walk.count,
                                .streaming = walk.streaming,
                                .product = input_at(&walk, product),
                                .bias = bias_at(&walk, bias),
                                .residual = input_at(&walk, residual),
                                .output = output_at(&walk),
                                .signs = signs.address == NULL ? NULL : sign_words};
    kernel(&tile);
    if (signs.address != NULL) {
      write_signs(&walk, signs, sign_words);
    }
  }
  if (rule->streaming) {
    kernels->end_streaming();
  }
}

/* Keeps only bits of elements whose sign bit is 1. */
static void intersect_signs(tile_walk *walk, input_rows signs) {
  uint64_t words[SOURCE_WORDS];
  const unsigned shift = (unsigned)(walk->column & 63);
  const size_t word_count = words_for_bits(shift + walk->count);
  memcpy(words, signs.address + walk->row * signs.stride + walk->column / 64 * 8,
         word_count * sizeof *words);
  if (shift != 0) {
    shift_bits_down(words, word_count, shift);
  }
  for (size_t word = 0; word < words_for_bits(walk->count); word++) {
    walk->words[word] &= words[word];
  }
}

/* Where the tile's sums are; zeros when its group of rows begins. */
static unsigned char *sums_at(const tile_walk *walk, output_rows group_sums) {
  if (group_sums.address == NULL) {
    return NULL;
  }
  const uint64_t group = walk->row / GROUP_ROWS;
  unsigned char *sums =
      group_sums.address + (group * group_sums.stride + walk->column) * sizeof(float);
  if (walk->row % GROUP_ROWS == 0) {
    memset(sums, 0, walk->count * sizeof(float));
  }
  return sums;
}

void run_gradient(const kernel_set *kernels, const epilogue_rule *rule, input_rows grad_output,
                  input_rows product, const unsigned char *bias, input_rows signs,
                  output_rows grad_product, output_rows group_sums) {
  gradient_function *kernel = kernels->epilogues->gradient[rule->type][rule->activation];
  tile_walk walk;
  start_walk(&walk, kernels, rule, grad_output, product, grad_product);
  while (next_tile(&walk)) {
    if (signs.address != NULL) {
      intersect_signs(&walk, signs);
    }
    const gradient_tile tile = {.words = walk.words,
                                .factor = rule->factor,
                                .count = walk.count,
                                .streaming = walk.streaming,
                                .grad_output = input_at(&walk, grad_output),
                                .product = input_at(&walk, product),
                                .bias = bias_at(&walk, bias),
                                .grad_product = output_at(&walk),
                                .sums = sums_at(&walk, group_sums)};
    kernel(&tile);
  }
  if (rule->streaming) {
    kernels->end_streaming();
  }
}
