/*
 * Runs a grid: block after block, and in a block one thread at a time, until it waits for others.
 */
#ifndef KERNELS_ON_HOST_GRID_H
#define KERNELS_ON_HOST_GRID_H

#include <cstdint>
#include <string>

#include "kernel.h"
#include "status.h"

namespace kernels_on_host {

struct Extent {
  uint32_t x, y, z;
  uint64_t count() const { return uint64_t{x} * y * z; }
};

struct Launch {
  const Kernel *kernel;
  Extent grid;
  Extent block;
  /* As Kernel::call takes them, but not aligned. */
  const unsigned char *arguments;
  int device;
};

constexpr uint32_t MAX_BLOCK_THREADS = 1024;
/* As the driver limits them. */
constexpr size_t MAX_ARGUMENTS_BYTES = 4096;

/* Returns the status of the first error, which it has reported. */
Status run_grid(const Launch &launch);

/* For what a kernel calls: gives up the launch that is running, with what is wrong in words. */
[[noreturn]] void fail_launch(Status status, const std::string &what);

bool is_fiber_stack(uintptr_t address);

/* By its number in the block, and in the grid. */
std::string describe_thread(uint32_t thread);
std::string describe_block(uint64_t block);

}  // namespace kernels_on_host

#endif
