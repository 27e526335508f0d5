/*
 * The multiplication of tensor cores from compute capability 8.0 on: sums += left * right, 16 x 16
 * times 16 x 8 numbers of 16 bits, with sums in f32.
 *
 * The lanes of a warp share the matrices (PTX ISA, "Matrix Fragments for mma.m16n8k16"). With
 * group = lane / 4 and member = lane % 4, a lane holds, in pairs with the first in the lower half,
 *   left[0]   row group,     columns 2 member and + 1      left[2]   the same, columns + 8
 *   left[1]   row group + 8, columns 2 member and + 1      left[3]   the same, columns + 8
 *   right[0]  column group,  rows 2 member and + 1         right[1]  the same, rows + 8
 *   sums[0], sums[1]  row group, columns 2 member and + 1  sums[2], sums[3]  row group + 8
 * The numbering of left's columns, which are right's rows, is the caller's: it is summed over them.
 */
#pragma once

#include "element.cuh"

#ifndef __CUDACC__
#include "mma_on_host.h"
#endif

namespace jdropout {

struct Fragment {
  uint32_t left[4];
  uint32_t right[2];
};

#ifdef __CUDACC__
/* What the processor does not have is not called there: the host chooses by its capability. */
#if __CUDA_ARCH__ >= 800
#define JDROPOUT_MMA(type, fragment, sums)                                            \
  asm volatile("mma.sync.aligned.m16n8k16.row.col.f32." type "." type                 \
               ".f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};" \
               : "+f"(sums[0]), "+f"(sums[1]), "+f"(sums[2]), "+f"(sums[3])           \
               : "r"(fragment.left[0]), "r"(fragment.left[1]), "r"(fragment.left[2]), \
                 "r"(fragment.left[3]), "r"(fragment.right[0]), "r"(fragment.right[1]))
#else
#define JDROPOUT_MMA(type, fragment, sums) __trap()
#endif

__device__ __forceinline__ void multiply_add(HalfFormat, const Fragment &fragment,
                                             float (&sums)[4]) {
  JDROPOUT_MMA("f16", fragment, sums);
}

__device__ __forceinline__ void multiply_add(Bfloat16Format, const Fragment &fragment,
                                             float (&sums)[4]) {
  JDROPOUT_MMA("bf16", fragment, sums);
}
#else
template <typename Format>
inline void multiply_add(Format, const Fragment &fragment, float (&sums)[4]) {
  kernels_on_host::multiply_add<Format>(fragment.left, fragment.right, sums);
}
#endif

}  // namespace jdropout
