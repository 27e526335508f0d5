/*
 * The activation of a layer on eight elements. All threads of a launch take the same branch, and
 * take it once for eight elements, so one kernel serves all activations.
 *
 * The functions are in jdropout/activation.h.
 */
#pragma once

#include "arguments.cuh"

#ifdef __CUDA_ARCH__
namespace jdropout {

/*
 * Returns 1 / d, rounded to nearest even, for d in [1, 2^126). These are the operations that the
 * assembler makes of a rounded reciprocal, from 2^-126 to 2^126, but for its test of that range, which
 * takes twice as many instructions and a branch; cuda/report.sh looks whether they still are. That they
 * round right is the processor's doing: an estimate off by one would not do for every d.
 */
__device__ __forceinline__ float reciprocal(float d) {
  float estimate;
  asm("rcp.approx.ftz.f32 %0, %1;" : "=f"(estimate) : "f"(d));
  const float error = fmaf(-d, estimate, 1.0f);
  return fmaf(estimate, error, estimate);
}

}  // namespace jdropout

#define JDROPOUT_RECIPROCAL(d) jdropout::reciprocal(d)
#endif

#include "jdropout/activation.h"

namespace jdropout {

template <typename Function>
__device__ __forceinline__ void apply_to_all(float (&values)[8], const Function &function) {
#pragma unroll
  for (int j = 0; j < 8; j++) {
    values[j] = function(values[j]);
  }
}

/*
 * Replaces each element by the activation at it. In comparisons, cheap ones first: the compiler would
 * make a table of jumps of a switch.
 */
__device__ __forceinline__ void activate(uint32_t activation, float (&values)[8]) {
  if (activation < GELU) {
    if (activation == RELU) {
      apply_to_all(values, [](float z) { return jdropout_relu(z); });
    }
  } else if (activation == GELU) {
    apply_to_all(values, [](float z) { return jdropout_gelu(z); });
  } else if (activation == GELU_TANH) {
    apply_to_all(values, [](float z) { return jdropout_gelu_tanh(z); });
  } else {
    apply_to_all(values, [](float z) { return jdropout_silu(z); });
  }
}

/* Replaces each element by the derivative at it, of activations that need the product for it. */
__device__ __forceinline__ void differentiate(uint32_t activation, float (&values)[8]) {
  if (activation == GELU) {
    apply_to_all(values, [](float z) { return jdropout_gelu_derivative(z); });
  } else if (activation == GELU_TANH) {
    apply_to_all(values, [](float z) { return jdropout_gelu_tanh_derivative(z); });
  } else {
    apply_to_all(values, [](float z) { return jdropout_silu_derivative(z); });
  }
}

/* Returns where the derivative of ReLU is 1: bit j is element j. */
__device__ __forceinline__ uint32_t sign_bits(const float (&values)[8]) {
  uint32_t bits = 0;
#pragma unroll
  for (int j = 0; j < 8; j++) {
    bits |= values[j] <= 0.0f ? 0u : 1u << j;
  }
  return bits;
}

}  // namespace jdropout
