/*
 * Access to device memory. Tensors are read once and written once, so both bypass what they can of
 * the caches (evict-first), but for what every block reads. This is the only place that says so.
 */
#pragma once

namespace jdropout {

template <typename Value>
__device__ __forceinline__ Value load(const void *address) {
  return __ldcs(static_cast<const Value *>(address));
}

template <typename Value>
__device__ __forceinline__ Value load_cached(const void *address) {
  return __ldg(static_cast<const Value *>(address));
}

template <typename Value>
__device__ __forceinline__ void store(void *address, Value value) {
  __stcs(static_cast<Value *>(address), value);
}

}  // namespace jdropout
