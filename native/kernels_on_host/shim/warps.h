/* What the threads of a warp or of a block do together. */
#ifndef KERNELS_ON_HOST_WARPS_H
#define KERNELS_ON_HOST_WARPS_H

namespace kernels_on_host {

/* CUDA shuffles numbers of 32 and of 64 bits. */
template <typename T>
inline T shuffled(unsigned int mask, T value, uint32_t source) {
  static_assert(std::is_arithmetic<T>::value && (sizeof(T) == 4 || sizeof(T) == 8),
                "a shuffle takes a number of 32 or 64 bits");
  uint64_t bits = 0;
  memcpy(&bits, &value, sizeof value);
  bits = shuffle(mask, bits, source);
  memcpy(&value, &bits, sizeof value);
  return value;
}

/* The first lane of the calling thread's segment of `width` lanes. */
inline uint32_t segment(int width) { return lane_index() & ~((uint32_t)width - 1u); }

}  // namespace kernels_on_host

template <typename T>
inline T __shfl_sync(unsigned int mask, T value, int source, int width = 32) {
  return kernels_on_host::shuffled(
      mask, value, kernels_on_host::segment(width) | ((uint32_t)source & ((uint32_t)width - 1u)));
}

/* A lane whose source would be in another segment gets its own value. */
template <typename T>
inline T __shfl_up_sync(unsigned int mask, T value, unsigned int delta, int width = 32) {
  const uint32_t lane = kernels_on_host::lane_index();
  const bool inside = lane - kernels_on_host::segment(width) >= delta;
  return kernels_on_host::shuffled(mask, value, inside ? lane - delta : lane);
}

template <typename T>
inline T __shfl_down_sync(unsigned int mask, T value, unsigned int delta, int width = 32) {
  const uint32_t lane = kernels_on_host::lane_index();
  const bool inside =
      (uint64_t)lane + delta < (uint64_t)kernels_on_host::segment(width) + (uint32_t)width;
  return kernels_on_host::shuffled(mask, value, inside ? lane + delta : lane);
}

/* The lane xor the mask may lie in an earlier segment, though not in a later one. */
template <typename T>
inline T __shfl_xor_sync(unsigned int mask, T value, int lane_mask, int width = 32) {
  const uint32_t lane = kernels_on_host::lane_index();
  const uint32_t source = lane ^ (uint32_t)lane_mask;
  const bool inside = source < kernels_on_host::segment(width) + (uint32_t)width;
  return kernels_on_host::shuffled(mask, value, inside ? source : lane);
}

inline unsigned int __ballot_sync(unsigned int mask, int predicate) {
  return kernels_on_host::ballot(mask, predicate != 0);
}
inline int __any_sync(unsigned int mask, int predicate) {
  return kernels_on_host::ballot(mask, predicate != 0) != 0;
}
inline int __all_sync(unsigned int mask, int predicate) {
  return kernels_on_host::ballot(mask, predicate != 0) == mask;
}
inline void __syncwarp(unsigned int mask = 0xFFFFFFFFu) { kernels_on_host::synchronize_warp(mask); }
inline void __syncthreads() { kernels_on_host::synchronize_block(); }
inline void __trap() { kernels_on_host::trap(); }

#endif
