/*
 * The multiplication of tensor cores on the host: each lane fetches its rows and columns from the
 * others. The processor adds its sixteen products in an order of its own; here it is from the first
 * to the last, in f32.
 */
#ifndef KERNELS_ON_HOST_MMA_ON_HOST_H
#define KERNELS_ON_HOST_MMA_ON_HOST_H

#include "warps.h"

namespace kernels_on_host {

template <typename Format>
inline void multiply_add(const uint32_t (&left)[4], const uint32_t (&right)[2], float (&sums)[4]) {
  const uint32_t lane = lane_index();
  const uint32_t group = lane / 4;
  const uint32_t member = lane % 4;
  for (uint32_t half = 0; half < 2; half++) {
    for (uint32_t of = 0; of < 4; of++) {
      uint32_t rows[2];
      uint32_t columns[2];
      for (uint32_t side = 0; side < 2; side++) {
        rows[side] = shuffled(~0u, left[2 * half + side], 4 * group + of);
        columns[side] = shuffled(~0u, right[half], 4 * (2 * member + side) + of);
      }
      for (uint32_t i = 0; i < 4; i++) {
        const uint32_t row = rows[i / 2];
        const uint32_t column = columns[i % 2];
        sums[i] += Format::lower(row) * Format::lower(column);
        sums[i] += Format::upper(row) * Format::upper(column);
      }
    }
  }
}

}  // namespace kernels_on_host

#endif
