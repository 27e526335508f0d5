/*
 * libjdropout: dropout on the CPU, with the mask of the JDropout contract.
 *
 * Whether element e is kept depends on (seed, stream, e, p) and on nothing else: every instruction
 * set, every split of the work and every data type gives the same bits, and so do JDropout's other
 * backends. Nothing is stored for the backward pass, which calls the same function with the
 * gradient.
 *
 * Common to all functions:
 *
 *   p               probability of dropping an element, in [0, 1].
 *   flags           JDROPOUT_CLASSICAL and JDROPOUT_STREAMING, or 0.
 *   seed, stream    all 64 bits count. One stream for each application of dropout; a forward call
 *                   and its backward call share it.
 *   first_index     global index of the first element, so that a slice or a shard of a larger
 *                   tensor gets the tensor's mask. The last index must be below 2^63.
 *   element_count   in elements, as all strides are. 0 does nothing.
 *   input, output   element_count contiguous elements of the type in the function's name, in any
 *                   alignment: f32 and f64 are IEEE binary32 and binary64, f16 is binary16 and bf16
 *                   the upper half of a binary32, both in 16 bits. They may be the same address and
 *                   must not overlap otherwise. Nothing outside the elements is touched.
 *   result          JDROPOUT_OK, or another jdropout_status; then nothing has been written, and
 *                   jdropout_last_error() has the argument, its value and what is allowed.
 *
 * A kept element becomes input * scale, with scale = 65536 / T, T the threshold of p; a dropped one
 * becomes +0, also if it was NaN or infinite. f32, f16 and bf16 are multiplied in binary32 and
 * rounded once to nearest even; f64 in binary64. Nothing is flushed to zero and rounding is to
 * nearest, whatever the caller's floating-point environment, whose settings are restored. The
 * forward functions give the input's bits with p == 0; with p == 1 every output is +0.
 *
 * All memory belongs to the caller and is used during the call only. Nothing is allocated. Every
 * function may be called by any number of threads at once; each call runs on its caller's thread
 * alone. To use several, split the elements and advance first_index.
 */
#ifndef JDROPOUT_H
#define JDROPOUT_H

#include <stdint.h>

#if defined(_WIN32) && defined(JDROPOUT_BUILD)
#define JDROPOUT_API __declspec(dllexport)
#elif defined(_WIN32)
#define JDROPOUT_API __declspec(dllimport)
#else
#define JDROPOUT_API __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Changes when a symbol, a parameter or its meaning does. A caller compares it first. */
#define JDROPOUT_ABI_VERSION 2

typedef int32_t jdropout_status;

#define JDROPOUT_OK 0
/* An argument is outside its range. */
#define JDROPOUT_INVALID_ARGUMENT 1
/* The environment variable JDROPOUT_MAX_ISA names no instruction set. */
#define JDROPOUT_INVALID_ENVIRONMENT 2

/* Kept elements are not scaled while training; see jdropout_scale_*, for inference. */
#define JDROPOUT_CLASSICAL 1u
/*
 * The output belongs to a tensor that does not fit the cache: write it past the cache. A hint; it
 * changes no bit. Without it, outputs of jdropout_streaming_bytes() or more are streamed.
 */
#define JDROPOUT_STREAMING 2u

/* Activations of jdropout_epilogue_*. */
#define JDROPOUT_IDENTITY 0u
#define JDROPOUT_RELU 1u
#define JDROPOUT_GELU 2u
#define JDROPOUT_GELU_TANH 3u
#define JDROPOUT_SILU 4u

/* Returns JDROPOUT_ABI_VERSION as the library was built with it. */
JDROPOUT_API int32_t jdropout_abi_version(void);

/*
 * Returns the instruction set in use: "portable", "avx2", "avx512f" or "avx512bw".
 *
 * It is the best that the processor has, up to the one that the environment variable
 * JDROPOUT_MAX_ISA names when the library is loaded. A name that is none of these makes every
 * operation fail with JDROPOUT_INVALID_ENVIRONMENT, and this function return "none". The text is
 * constant.
 */
JDROPOUT_API const char *jdropout_isa(void);

/* Returns one line for people: what the processor has, what is used, what compiled it. Constant. */
JDROPOUT_API const char *jdropout_features(void);

/* Returns the output size in bytes from which writing past the cache pays. */
JDROPOUT_API uint64_t jdropout_streaming_bytes(void);

/*
 * Returns why the calling thread's last failed call failed; "" if none has. The text belongs to the
 * library and lives until the thread's next failing call.
 */
JDROPOUT_API const char *jdropout_last_error(void);

/* Drops elements. The backward pass is the same call on the gradient. */
JDROPOUT_API jdropout_status jdropout_forward_f32(double p, uint32_t flags, uint64_t seed,
                                                  uint64_t stream, uint64_t first_index,
                                                  const void *input, void *output,
                                                  uint64_t element_count);
JDROPOUT_API jdropout_status jdropout_forward_f64(double p, uint32_t flags, uint64_t seed,
                                                  uint64_t stream, uint64_t first_index,
                                                  const void *input, void *output,
                                                  uint64_t element_count);
JDROPOUT_API jdropout_status jdropout_forward_f16(double p, uint32_t flags, uint64_t seed,
                                                  uint64_t stream, uint64_t first_index,
                                                  const void *input, void *output,
                                                  uint64_t element_count);
JDROPOUT_API jdropout_status jdropout_forward_bf16(double p, uint32_t flags, uint64_t seed,
                                                   uint64_t stream, uint64_t first_index,
                                                   const void *input, void *output,
                                                   uint64_t element_count);

/*
 * Drops elements of rows that do not lie one after the other. Element c of row r is
 *
 *   input[r * input_stride + c] and output[r * output_stride + c],
 *
 * and has the global index first_index + r * index_stride + c.
 *
 *   columns         elements of a row
 *   index_stride    at least columns; more, if the rows are a shard of longer ones
 *   input_stride    at least columns
 *   output_stride   at least columns; equal to input_stride, if input and output are one address.
 *                   What lies between the rows is not touched.
 */
JDROPOUT_API jdropout_status jdropout_forward_rows_f32(double p, uint32_t flags, uint64_t seed,
                                                       uint64_t stream, uint64_t first_index,
                                                       uint64_t index_stride, const void *input,
                                                       uint64_t input_stride, void *output,
                                                       uint64_t output_stride, uint64_t rows,
                                                       uint64_t columns);
JDROPOUT_API jdropout_status jdropout_forward_rows_f64(double p, uint32_t flags, uint64_t seed,
                                                       uint64_t stream, uint64_t first_index,
                                                       uint64_t index_stride, const void *input,
                                                       uint64_t input_stride, void *output,
                                                       uint64_t output_stride, uint64_t rows,
                                                       uint64_t columns);
JDROPOUT_API jdropout_status jdropout_forward_rows_f16(double p, uint32_t flags, uint64_t seed,
                                                       uint64_t stream, uint64_t first_index,
                                                       uint64_t index_stride, const void *input,
                                                       uint64_t input_stride, void *output,
                                                       uint64_t output_stride, uint64_t rows,
                                                       uint64_t columns);
JDROPOUT_API jdropout_status jdropout_forward_rows_bf16(double p, uint32_t flags, uint64_t seed,
                                                        uint64_t stream, uint64_t first_index,
                                                        uint64_t index_stride, const void *input,
                                                        uint64_t input_stride, void *output,
                                                        uint64_t output_stride, uint64_t rows,
                                                        uint64_t columns);

/*
 * Drops elements of a tensor of shape [outer, shared, inner] with a mask of shape
 * [outer, 1, inner]: all positions of the middle axis share a decision. Element (o, s, i) is decided
 * by the global index first_index + o * inner + i.
 *
 *   from            row-major index, in the tensor, of the first element of input and output
 *   element_count   at most outer * shared * inner - from
 */
JDROPOUT_API jdropout_status jdropout_forward_shared_f32(double p, uint32_t flags, uint64_t seed,
                                                         uint64_t stream, uint64_t first_index,
                                                         uint64_t outer, uint64_t shared,
                                                         uint64_t inner, uint64_t from,
                                                         const void *input, void *output,
                                                         uint64_t element_count);
JDROPOUT_API jdropout_status jdropout_forward_shared_f64(double p, uint32_t flags, uint64_t seed,
                                                         uint64_t stream, uint64_t first_index,
                                                         uint64_t outer, uint64_t shared,
                                                         uint64_t inner, uint64_t from,
                                                         const void *input, void *output,
                                                         uint64_t element_count);
JDROPOUT_API jdropout_status jdropout_forward_shared_f16(double p, uint32_t flags, uint64_t seed,
                                                         uint64_t stream, uint64_t first_index,
                                                         uint64_t outer, uint64_t shared,
                                                         uint64_t inner, uint64_t from,
                                                         const void *input, void *output,
                                                         uint64_t element_count);
JDROPOUT_API jdropout_status jdropout_forward_shared_bf16(double p, uint32_t flags, uint64_t seed,
                                                          uint64_t stream, uint64_t first_index,
                                                          uint64_t outer, uint64_t shared,
                                                          uint64_t inner, uint64_t from,
                                                          const void *input, void *output,
                                                          uint64_t element_count);

/*
 * Writes the packed mask: element i is bit i & 7 of byte i >> 3, 1 = keep.
 *
 *   mask   receives ceil(element_count / 8) bytes; the bits after the last element are 0
 */
JDROPOUT_API jdropout_status jdropout_mask(double p, uint64_t seed, uint64_t stream,
                                           uint64_t first_index, void *mask,
                                           uint64_t element_count);

/*
 * Drops the elements whose bit in a given mask is 0 and multiplies the rest by the scale of p. With
 * p == 1 the output is all +0, whatever the mask says.
 *
 *   mask        packed bits as jdropout_mask writes them; must not overlap output
 *   first_bit   the bit of the first element
 */
JDROPOUT_API jdropout_status jdropout_apply_f32(double p, uint32_t flags, const void *mask,
                                                uint64_t first_bit, const void *input, void *output,
                                                uint64_t element_count);
JDROPOUT_API jdropout_status jdropout_apply_f64(double p, uint32_t flags, const void *mask,
                                                uint64_t first_bit, const void *input, void *output,
                                                uint64_t element_count);
JDROPOUT_API jdropout_status jdropout_apply_f16(double p, uint32_t flags, const void *mask,
                                                uint64_t first_bit, const void *input, void *output,
                                                uint64_t element_count);
JDROPOUT_API jdropout_status jdropout_apply_bf16(double p, uint32_t flags, const void *mask,
                                                 uint64_t first_bit, const void *input,
                                                 void *output, uint64_t element_count);

/*
 * jdropout_apply_* on rows, see jdropout_forward_rows_*. Element c of row r has the bit
 * first_bit + r * mask_stride + c.
 *
 *   mask_stride   in bits, at least columns
 */
JDROPOUT_API jdropout_status jdropout_apply_rows_f32(double p, uint32_t flags, const void *mask,
                                                     uint64_t first_bit, uint64_t mask_stride,
                                                     const void *input, uint64_t input_stride,
                                                     void *output, uint64_t output_stride,
                                                     uint64_t rows, uint64_t columns);
JDROPOUT_API jdropout_status jdropout_apply_rows_f64(double p, uint32_t flags, const void *mask,
                                                     uint64_t first_bit, uint64_t mask_stride,
                                                     const void *input, uint64_t input_stride,
                                                     void *output, uint64_t output_stride,
                                                     uint64_t rows, uint64_t columns);
JDROPOUT_API jdropout_status jdropout_apply_rows_f16(double p, uint32_t flags, const void *mask,
                                                     uint64_t first_bit, uint64_t mask_stride,
                                                     const void *input, uint64_t input_stride,
                                                     void *output, uint64_t output_stride,
                                                     uint64_t rows, uint64_t columns);
JDROPOUT_API jdropout_status jdropout_apply_rows_bf16(double p, uint32_t flags, const void *mask,
                                                      uint64_t first_bit, uint64_t mask_stride,
                                                      const void *input, uint64_t input_stride,
                                                      void *output, uint64_t output_stride,
                                                      uint64_t rows, uint64_t columns);

/*
 * Multiplies every element by a factor, as inference with JDROPOUT_CLASSICAL does with T / 65536.
 *
 *   factor   rounded to binary32 first, but for f64; 1 copies the bits
 *   flags    JDROPOUT_STREAMING or 0
 */
JDROPOUT_API jdropout_status jdropout_scale_f32(double factor, uint32_t flags, const void *input,
                                                void *output, uint64_t element_count);
JDROPOUT_API jdropout_status jdropout_scale_f64(double factor, uint32_t flags, const void *input,
                                                void *output, uint64_t element_count);
JDROPOUT_API jdropout_status jdropout_scale_f16(double factor, uint32_t flags, const void *input,
                                                void *output, uint64_t element_count);
JDROPOUT_API jdropout_status jdropout_scale_bf16(double factor, uint32_t flags, const void *input,
                                                 void *output, uint64_t element_count);

/*
 * Ends a layer: writes residual + dropout(activation(product + bias)) for matrices of one type.
 * docs/contract.md, section "Layers", defines it to the bit; jdropout/activation.h has the
 * activations. Element c of row r is
 *
 *   product[r * product_stride + c], and so with residual and output,
 *
 * and has the global index first_index + r * index_stride + c. There is no special case for the
 * threshold that keeps all. To use several threads, split the rows, the columns at multiples of 64,
 * or both.
 *
 *   activation     JDROPOUT_IDENTITY, _RELU, _GELU, _GELU_TANH or _SILU
 *   threshold      jdropout_threshold(p) of jdropout/keep.h; JDROPOUT_KEEP_ALL at inference
 *   factor         of kept elements: jdropout_training_scale_f32(threshold), or 1 with classical
 *                  scaling; at inference 1, or T / 65536 with classical scaling
 *   flags          JDROPOUT_STREAMING or 0
 *   index_stride   at least columns; it, seed, stream and first_index are not used where everything
 *                  or nothing is kept
 *   bias           one number per column, of the matrices' type; NULL for none
 *   residual       NULL for none
 *   output         may be product or residual, with its stride, and must not overlap an input
 *                  otherwise
 *   signs          with JDROPOUT_RELU, receives what its gradient needs, one bit of each element: 1
 *                  where the derivative is 1. Column c of row r is bit c & 7 of the byte
 *                  r * signs_stride + (c >> 3); the bits after the last column, up to a multiple of
 *                  64, are 0. NULL for none; not used with other activations
 *   signs_stride   in bytes, at least ceil(columns / 64) * 8
 *
 * Strides of matrices are at least columns.
 */
JDROPOUT_API jdropout_status jdropout_epilogue_f32(
    uint32_t activation, uint32_t threshold, float factor, uint32_t flags, uint64_t seed,
    uint64_t stream, uint64_t first_index, uint64_t index_stride, const void *product,
    uint64_t product_stride, const void *bias, const void *residual, uint64_t residual_stride,
    void *output, uint64_t output_stride, void *signs, uint64_t signs_stride, uint64_t rows,
    uint64_t columns);
JDROPOUT_API jdropout_status jdropout_epilogue_f16(
    uint32_t activation, uint32_t threshold, float factor, uint32_t flags, uint64_t seed,
    uint64_t stream, uint64_t first_index, uint64_t index_stride, const void *product,
    uint64_t product_stride, const void *bias, const void *residual, uint64_t residual_stride,
    void *output, uint64_t output_stride, void *signs, uint64_t signs_stride, uint64_t rows,
    uint64_t columns);
JDROPOUT_API jdropout_status jdropout_epilogue_bf16(
    uint32_t activation, uint32_t threshold, float factor, uint32_t flags, uint64_t seed,
    uint64_t stream, uint64_t first_index, uint64_t index_stride, const void *product,
    uint64_t product_stride, const void *bias, const void *residual, uint64_t residual_stride,
    void *output, uint64_t output_stride, void *signs, uint64_t signs_stride, uint64_t rows,
    uint64_t columns);

/*
 * Writes the gradient of jdropout_epilogue_* with respect to the product, and the first step of the
 * bias's: the rest is adding up rows of sums in the same way, 32 by 32. What both have is the same
 * in both calls. The gradient of the residual is grad_output.
 *
 *   product        of the forward call, and bias too; not used with identity and ReLU
 *   signs          of the forward call, with JDROPOUT_RELU; not used otherwise
 *   grad_product   may be grad_output or product, with its stride, and must not overlap an input
 *                  otherwise
 *   group_sums     f32: row k receives the sums over the rows 32 k to 32 k + 31 of the gradient
 *                  before it is rounded, added in order to +0. ceil(rows / 32) rows; to split rows,
 *                  split at multiples of 32. NULL for none
 *   group_sums_stride   in elements, at least columns
 */
JDROPOUT_API jdropout_status jdropout_epilogue_gradient_f32(
    uint32_t activation, uint32_t threshold, float factor, uint32_t flags, uint64_t seed,
    uint64_t stream, uint64_t first_index, uint64_t index_stride, const void *grad_output,
    uint64_t grad_output_stride, const void *product, uint64_t product_stride, const void *bias,
    const void *signs, uint64_t signs_stride, void *grad_product, uint64_t grad_product_stride,
    void *group_sums, uint64_t group_sums_stride, uint64_t rows, uint64_t columns);
JDROPOUT_API jdropout_status jdropout_epilogue_gradient_f16(
    uint32_t activation, uint32_t threshold, float factor, uint32_t flags, uint64_t seed,
    uint64_t stream, uint64_t first_index, uint64_t index_stride, const void *grad_output,
    uint64_t grad_output_stride, const void *product, uint64_t product_stride, const void *bias,
    const void *signs, uint64_t signs_stride, void *grad_product, uint64_t grad_product_stride,
    void *group_sums, uint64_t group_sums_stride, uint64_t rows, uint64_t columns);
JDROPOUT_API jdropout_status jdropout_epilogue_gradient_bf16(
    uint32_t activation, uint32_t threshold, float factor, uint32_t flags, uint64_t seed,
    uint64_t stream, uint64_t first_index, uint64_t index_stride, const void *grad_output,
    uint64_t grad_output_stride, const void *product, uint64_t product_stride, const void *bias,
    const void *signs, uint64_t signs_stride, void *grad_product, uint64_t grad_product_stride,
    void *group_sums, uint64_t group_sums_stride, uint64_t rows, uint64_t columns);

#ifdef __cplusplus
}
#endif

#endif
