/* Kernels without a fault. */
#include <cuda_bf16.h>
#include <cuda_fp16.h>

#include "jdropout/keep.h"

struct map_arguments {
  const float *in;
  float *out;
  uint64_t count;
  float factor;
};

static __device__ __forceinline__ uint64_t thread_in_grid() {
  return (uint64_t)blockIdx.x * blockDim.x + threadIdx.x;
}

extern "C" __global__ void __launch_bounds__(256) scale(const map_arguments arguments) {
  const uint64_t i = thread_in_grid();
  if (i < arguments.count) {
    arguments.out[i] = __fmul_rn(arguments.in[i], arguments.factor);
  }
}

/* Several parameters, of different alignment. */
extern "C" __global__ void fill_pattern(unsigned char first, double *out, int count, float step) {
  const int i = (int)thread_in_grid();
  if (i < count) {
    out[i] = (double)first + (double)step * i;
  }
}

/* Where each thread is: x, y, z of the thread and of the block. */
extern "C" __global__ void positions(uint4 *threads, uint4 *blocks) {
  const uint32_t block = (blockIdx.z * gridDim.y + blockIdx.y) * gridDim.x + blockIdx.x;
  const uint32_t thread = (threadIdx.z * blockDim.y + threadIdx.y) * blockDim.x + threadIdx.x;
  const uint32_t at = block * blockDim.x * blockDim.y * blockDim.z + thread;
  threads[at] = make_uint4(threadIdx.x, threadIdx.y, threadIdx.z, at);
  blocks[at] = make_uint4(blockIdx.x, blockIdx.y, blockIdx.z, at);
}

/* Like a dropout kernel: vectors of four, and the random words come from neighbours. */
extern "C" __global__ void __launch_bounds__(256) vectors(const map_arguments arguments) {
  const uint64_t i = thread_in_grid();
  const unsigned lane = threadIdx.x & 31u;
  const uint64_t bits = jdropout_philox4x32(1, 2, i / 2).word[lane & 1u];
  const unsigned low = __shfl_sync(0xFFFFFFFFu, (unsigned)bits, (int)(lane & ~1u));
  const unsigned high = __shfl_xor_sync(0xFFFFFFFFu, (unsigned)bits, 1);
  if (i < arguments.count / 4) {
    float4 value = __ldcs(reinterpret_cast<const float4 *>(arguments.in) + i);
    value.x = (low & 1u) != 0 ? value.x * arguments.factor : 0;
    value.y = (low & 2u) != 0 ? value.y * arguments.factor : 0;
    value.z = (high & 1u) != 0 ? value.z * arguments.factor : 0;
    value.w = (high & 2u) != 0 ? value.w * arguments.factor : 0;
    __stcs(reinterpret_cast<float4 *>(arguments.out) + i, value);
  }
}

/* What each kind of shuffle and vote gives, one row of 32 an operation. */
extern "C" __global__ void shuffles(uint32_t *out, double *wide) {
  const unsigned lane = threadIdx.x & 31u;
  const unsigned value = 100 + lane;
  const unsigned all = 0xFFFFFFFFu;
  out[lane] = __shfl_sync(all, value, 5);
  out[32 + lane] = __shfl_sync(all, value, 3, 8);
  out[64 + lane] = __shfl_up_sync(all, value, 3);
  out[96 + lane] = __shfl_down_sync(all, value, 2, 16);
  out[128 + lane] = __shfl_xor_sync(all, value, 7);
  out[160 + lane] = __ballot_sync(all, (int)(lane % 3 == 0));
  out[192 + lane] = (unsigned)(__any_sync(all, lane == 9) * 2 + __all_sync(all, lane < 32));
  wide[lane] = __shfl_sync(all, 0.5 + lane, (int)(31 - lane));
  /* The halves of the warp go separate ways, and meet again. */
  unsigned sum = 0;
  if (lane < 16) {
    for (int i = 0; i < 3; i++) {
      sum += __shfl_xor_sync(0xFFFFu, value, 1 << i);
    }
  } else {
    sum = (unsigned)__shfl_down_sync(0xFFFF0000u, (int)value, 1);
  }
  __syncwarp();
  out[224 + lane] = sum;
}

/* The block's elements in reverse, through shared memory. */
extern "C" __global__ void reverse_blocks(const map_arguments arguments) {
  __shared__ float tile[256];
  const uint64_t i = thread_in_grid();
  tile[threadIdx.x] = arguments.in[i];
  __syncthreads();
  arguments.out[i] = tile[blockDim.x - 1 - threadIdx.x];
  __syncthreads();
  tile[threadIdx.x] = 0;
}

/* A thread writes what another one read, with a barrier between. */
extern "C" __global__ void rotate_in_place(float *data) {
  const float value = data[(threadIdx.x + 1) % blockDim.x];
  __syncthreads();
  data[threadIdx.x] = value;
}

/* Every thread reads all, and each writes a byte of its own. */
extern "C" __global__ void packed_sums(const uint8_t *in, uint8_t *out, int count) {
  int sum = 0;
  for (int i = 0; i < count; i++) {
    sum += in[i];
  }
  out[thread_in_grid()] = (uint8_t)(sum + threadIdx.x);
}

extern "C" __global__ void to_half_and_back(const float *in, uint16_t *half, uint16_t *bfloat,
                                            float *back) {
  const uint64_t i = thread_in_grid();
  half[i] = __half_as_ushort(__float2half_rn(in[i]));
  bfloat[i] = __bfloat16_as_ushort(__float2bfloat16_rn(in[i]));
  const __half2 pair = __floats2half2_rn(in[i], 1.0f);
  back[i] = __half22float2(pair).x;
}
