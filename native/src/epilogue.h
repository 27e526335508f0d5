/* The epilogues of layers and their gradients, row by row; arguments have been checked. */
#ifndef JDROPOUT_EPILOGUE_H
#define JDROPOUT_EPILOGUE_H

#include <stdint.h>

#include "kernels.h"

/* What is done to each element of a matrix. */
typedef struct epilogue_rule {
  element_type type;
  uint32_t activation;
  uint32_t threshold;
  float factor;
  int streaming;
  uint64_t seed;
  uint64_t stream;
  uint64_t first_index;
  uint64_t index_stride;
  uint64_t rows;
  uint64_t columns;
} epilogue_rule;

/* Rows of memory; strides of matrices are in elements, those of sign bits in bytes. NULL: none. */
typedef struct input_rows {
  const unsigned char *address;
  uint64_t stride;
} input_rows;

typedef struct output_rows {
  unsigned char *address;
  uint64_t stride;
} output_rows;

/* Writes residual + dropout(activation(product + bias)), and sign bits. */
void run_epilogue(const kernel_set *kernels, const epilogue_rule *rule, input_rows product,
                  const unsigned char *bias, input_rows residual, output_rows output,
                  output_rows signs);

/* Writes the gradient of the product, and its sums over each 32 rows. */
void run_gradient(const kernel_set *kernels, const epilogue_rule *rule, input_rows grad_output,
                  input_rows product, const unsigned char *bias, input_rows signs,
                  output_rows grad_product, output_rows group_sums);

#endif
