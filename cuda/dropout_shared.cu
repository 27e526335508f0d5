/*
 * Dropout with one decision for many elements: whole time steps, channels, samples.
 *
 * One thread: as in dropout_forward.cu, but it decides about 8 neighbouring elements for each of its
 * quads, see sharing.cuh, and trades bits instead of words. Memory: each element is read once and
 * written once. Tail: one element at a time, see tile.cuh. Launch bound: 256 threads, as there.
 */
#include "element.cuh"
#include "sharing.cuh"
#include "tile.cuh"

namespace jdropout {

/* Blocks per multiprocessor: without a wish the compiler spills registers to make room for a 4th. */
constexpr int BLOCKS = 3;

template <typename Element>
__device__ __forceinline__ void forward_shared(const Range &range, const Sharing &sharing,
                                               const SharedBits &mask) {
  const auto bits = [&](uint64_t element) {
    const uint64_t begin = element > range.begin ? element : range.begin;
    const uint64_t end = element + 8 < range.end ? element + 8 : range.end;
    if (begin >= end) {
      return 0u;
    }
    const uint64_t index = sharing.first_index + (begin - range.begin);
    return shared_bits(sharing, mask, index, index + (end - begin))
           << static_cast<uint32_t>(begin - element);
  };
  drop_by_bits<Element, true>(range, bits);
}

template <typename Element>
__device__ __forceinline__ void forward_shared(const SharedArguments &arguments) {
  const Draw &draw = arguments.draw;
  forward_shared<Element>(arguments.range, arguments.sharing,
                          SharedBits(draw.schedule, draw.threshold, draw.first_quad));
}

template <typename Element>
__device__ __forceinline__ void forward_shared(const SharedDeviceKeyArguments &arguments) {
  const DeviceKeyDraw &draw = arguments.draw;
  const PhiloxSchedule schedule = load_schedule(draw.key);
  forward_shared<Element>(arguments.range, arguments.sharing,
                          SharedBits(schedule, draw.threshold, draw.first_quad));
}

}  // namespace jdropout

/* With the key in the launch. */

extern "C" __global__ void __launch_bounds__(jdropout::MAX_THREADS, jdropout::BLOCKS)
    dropout_forward_shared_f32(const __grid_constant__ jdropout::SharedArguments arguments) {
  jdropout::forward_shared<jdropout::F32>(arguments);
}

extern "C" __global__ void __launch_bounds__(jdropout::MAX_THREADS, jdropout::BLOCKS)
    dropout_forward_shared_f64(const __grid_constant__ jdropout::SharedArguments arguments) {
  jdropout::forward_shared<jdropout::F64>(arguments);
}

extern "C" __global__ void __launch_bounds__(jdropout::MAX_THREADS, jdropout::BLOCKS)
    dropout_forward_shared_f16(const __grid_constant__ jdropout::SharedArguments arguments) {
  jdropout::forward_shared<jdropout::F16>(arguments);
}

extern "C" __global__ void __launch_bounds__(jdropout::MAX_THREADS, jdropout::BLOCKS)
    dropout_forward_shared_bf16(const __grid_constant__ jdropout::SharedArguments arguments) {
  jdropout::forward_shared<jdropout::Bf16>(arguments);
}

/* With the key in device memory. */

extern "C" __global__ void __launch_bounds__(jdropout::MAX_THREADS, jdropout::BLOCKS)
    dropout_forward_shared_f32_device_key(
        const __grid_constant__ jdropout::SharedDeviceKeyArguments arguments) {
  jdropout::forward_shared<jdropout::F32>(arguments);
}

extern "C" __global__ void __launch_bounds__(jdropout::MAX_THREADS, jdropout::BLOCKS)
    dropout_forward_shared_f64_device_key(
        const __grid_constant__ jdropout::SharedDeviceKeyArguments arguments) {
  jdropout::forward_shared<jdropout::F64>(arguments);
}

extern "C" __global__ void __launch_bounds__(jdropout::MAX_THREADS, jdropout::BLOCKS)
    dropout_forward_shared_f16_device_key(
        const __grid_constant__ jdropout::SharedDeviceKeyArguments arguments) {
  jdropout::forward_shared<jdropout::F16>(arguments);
}

extern "C" __global__ void __launch_bounds__(jdropout::MAX_THREADS, jdropout::BLOCKS)
    dropout_forward_shared_bf16_device_key(
        const __grid_constant__ jdropout::SharedDeviceKeyArguments arguments) {
  jdropout::forward_shared<jdropout::Bf16>(arguments);
}
