/* The inner loops of epilogues, which differ between instruction sets; see kernels.h. */
#ifndef JDROPOUT_EPILOGUE_KERNELS_H
#define JDROPOUT_EPILOGUE_KERNELS_H

#include <stddef.h>
#include <stdint.h>

#include "element_type.h"

/* JDROPOUT_IDENTITY to JDROPOUT_SILU. */
#define ACTIVATIONS 5

/*
 * A tile of one row. Elements are of the kernel's type, and what an epilogue does not have is NULL;
 * at most a tile's elements. Only places may be equal, none may overlap otherwise.
 */
typedef struct epilogue_tile {
  const uint64_t *words; /* keep bits */
  float factor;
  size_t count;
  int streaming; /* output is aligned to 64 bytes; write past the cache */
  const unsigned char *product;
  const unsigned char *bias;
  const unsigned char *residual;
  unsigned char *output;
  uint64_t *signs; /* words of zeros; receives 1 where the derivative of ReLU is 1 */
} epilogue_tile;

/* The same for the gradient. */
typedef struct gradient_tile {
  const uint64_t *words; /* keep bits; with ReLU, those of elements whose derivative is 1 */
  float factor;
  size_t count;
  int streaming;
  const unsigned char *grad_output;
  const unsigned char *product;
  const unsigned char *bias;
  unsigned char *grad_product;
  unsigned char *sums; /* of f32; the unrounded gradient is added */
} gradient_tile;

typedef void epilogue_function(const epilogue_tile *tile);
typedef void gradient_function(const gradient_tile *tile);

/* No functions of F64. The gradient of ReLU is that of the identity on fewer bits. */
typedef struct epilogue_kernels {
  epilogue_function *forward[ELEMENT_TYPES][ACTIVATIONS];
  gradient_function *gradient[ELEMENT_TYPES][ACTIVATIONS];
} epilogue_kernels;

#endif
