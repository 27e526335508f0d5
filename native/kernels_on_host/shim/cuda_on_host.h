/*
 * What nvcc knows without an #include, for kernels that a host compiler compiles: the qualifiers,
 * the built-in variables and the intrinsics. Included before the first line of every kernel.
 *
 * An intrinsic that is missing here ends the build, so nothing is emulated by accident.
 */
#ifndef KERNELS_ON_HOST_CUDA_ON_HOST_H
#define KERNELS_ON_HOST_CUDA_ON_HOST_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <type_traits>

#include "device_runtime.h"
#include "vector_types.h"

#define __global__
#define __device__
#define __host__
#define __constant__
#define __grid_constant__
#define __launch_bounds__(...)
#define __forceinline__ inline __attribute__((always_inline))
#define __align__(bytes) alignas(bytes)
/* One copy serves all blocks, because they run one after the other. */
#define __shared__ static

#ifndef __clang__
#define __builtin_assume(condition) ((void)sizeof(condition))
#endif

#define threadIdx (kernels_on_host::thread_index())
#define blockIdx (kernels_on_host::block_index())
#define blockDim (kernels_on_host::block_size())
#define gridDim (kernels_on_host::grid_size())
constexpr int warpSize = 32;

#include "bits.h"
#include "loads_and_stores.h"
#include "rounding.h"
#include "warps.h"

#endif
