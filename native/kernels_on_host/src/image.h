/* Where this library itself lies in memory. */
#ifndef KERNELS_ON_HOST_IMAGE_H
#define KERNELS_ON_HOST_IMAGE_H

#include <cstdint>

namespace kernels_on_host {

struct Range {
  uintptr_t start;
  uint64_t bytes;
  bool holds(uintptr_t address) const { return address - start < bytes; }
};

struct Image {
  Range all;
  /* Variables without an initial value; the kernels' shared memory is among them. */
  Range zeroed;
};

/* Found at the first call. */
const Image &image();

}  // namespace kernels_on_host

#endif
