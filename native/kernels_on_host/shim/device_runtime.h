/* What a kernel calls while it runs; defined by the library, not by the kernel. */
#ifndef KERNELS_ON_HOST_DEVICE_RUNTIME_H
#define KERNELS_ON_HOST_DEVICE_RUNTIME_H

#include <stdint.h>

#include "vector_types.h"

namespace kernels_on_host {

/* Constant while a thread runs, so the compiler may call each once. */
__attribute__((const)) uint3 thread_index();
__attribute__((const)) uint3 block_index();
__attribute__((const)) uint3 block_size();
__attribute__((const)) uint3 grid_size();

/* Of the calling thread in its warp. */
__attribute__((const)) uint32_t lane_index();

/* Each waits until all lanes of the mask have called it. */
uint64_t shuffle(uint32_t mask, uint64_t value, uint32_t source);
uint32_t ballot(uint32_t mask, bool predicate);
void synchronize_warp(uint32_t mask);

/* Waits until all threads of the block have called it. */
void synchronize_block();

/* Ends the launch, as a failed assertion does. */
[[noreturn]] void trap();

}  // namespace kernels_on_host

#endif
