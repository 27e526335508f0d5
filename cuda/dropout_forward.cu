/*
 * output[e] = keeps(e) ? input[e] * scale : +0, which is also the gradient.
 *
 * One thread: four 16-byte accesses, contiguous over the warp, so 32 elements (f16, bf16), 16 (f32)
 * or 8 (f64) of as many quads as it draws: 4, 2 or 1. Memory: each element is read once and written
 * once, nothing else. Tail: what does not fill a warp's span goes one element at a time, see
 * tile.cuh. Launch bound: 256 threads, which leaves the compiler enough registers to keep all four
 * loads under way while it draws, and half of what a multiprocessor holds still runs.
 */
#include "element.cuh"
#include "keep.cuh"
#include "tile.cuh"

namespace jdropout {

template <typename Element>
__device__ __forceinline__ void forward(const Range &range, const PhiloxSchedule &schedule,
                                        uint32_t threshold, uint64_t first_quad) {
  using Trade = Exchange<Element::PER_ACCESS>;
  const auto whole = [&](uint64_t span_quad, uint32_t lane) {
    typename Element::Access values[Element::QUADS][Trade::ACCESSES];
#pragma unroll
    for (int quad = 0; quad < Element::QUADS; quad++) {
      load_tile<Element>(range, span_quad + WARP * quad, lane, values[quad]);
    }
    /* Or ptxas moves the later loads of 16-bit types behind the first use of the earlier ones. */
    __syncwarp();
#pragma unroll
    for (int quad = 0; quad < Element::QUADS; quad++) {
      const uint64_t tile = span_quad + WARP * quad;
      uint32_t words[Trade::ACCESSES][Trade::WORDS];
      Trade::trade(draw_quad(schedule, first_quad + tile + Trade::drawn_quad(lane)), lane, words);
      char *address = tile_output<Element>(range, tile, lane);
#pragma unroll
      for (int access = 0; access < Trade::ACCESSES; access++) {
        const auto keeps = [&](int element) {
          const uint32_t word = words[access][element / 2];
          return element % 2 == 0 ? keeps_lower(word, threshold) : keeps_upper(word, threshold);
        };
        store(address + 16 * WARP * access,
              Element::drop_all(values[quad][access], Element::scale(range), keeps));
      }
    }
  };
  const auto bits = [&](uint64_t element) {
    return keep_bits(draw_quad(schedule, first_quad + element / 8), threshold);
  };
  walk<Element>(range, whole, bits);
}

template <typename Element>
__device__ __forceinline__ void forward(const ForwardArguments &arguments) {
  forward<Element>(arguments.range, arguments.draw.schedule, arguments.draw.threshold,
                   arguments.draw.first_quad);
}

template <typename Element>
__device__ __forceinline__ void forward(const ForwardDeviceKeyArguments &arguments) {
  const PhiloxSchedule schedule = load_schedule(arguments.draw.key);
  forward<Element>(arguments.range, schedule, arguments.draw.threshold, arguments.draw.first_quad);
}

}  // namespace jdropout

/* With the key in the launch. */

extern "C" __global__ void __launch_bounds__(jdropout::MAX_THREADS)
    dropout_forward_f32(const jdropout::ForwardArguments arguments) {
  jdropout::forward<jdropout::F32>(arguments);
}

extern "C" __global__ void __launch_bounds__(jdropout::MAX_THREADS)
    dropout_forward_f64(const jdropout::ForwardArguments arguments) {
  jdropout::forward<jdropout::F64>(arguments);
}

extern "C" __global__ void __launch_bounds__(jdropout::MAX_THREADS)
    dropout_forward_f16(const jdropout::ForwardArguments arguments) {
  jdropout::forward<jdropout::F16>(arguments);
}

extern "C" __global__ void __launch_bounds__(jdropout::MAX_THREADS)
    dropout_forward_bf16(const jdropout::ForwardArguments arguments) {
  jdropout::forward<jdropout::Bf16>(arguments);
}

/* With the key in device memory. */

extern "C" __global__ void __launch_bounds__(jdropout::MAX_THREADS)
    dropout_forward_f32_device_key(const jdropout::ForwardDeviceKeyArguments arguments) {
  jdropout::forward<jdropout::F32>(arguments);
}

extern "C" __global__ void __launch_bounds__(jdropout::MAX_THREADS)
    dropout_forward_f64_device_key(const jdropout::ForwardDeviceKeyArguments arguments) {
  jdropout::forward<jdropout::F64>(arguments);
}

extern "C" __global__ void __launch_bounds__(jdropout::MAX_THREADS)
    dropout_forward_f16_device_key(const jdropout::ForwardDeviceKeyArguments arguments) {
  jdropout::forward<jdropout::F16>(arguments);
}

extern "C" __global__ void __launch_bounds__(jdropout::MAX_THREADS)
    dropout_forward_bf16_device_key(const jdropout::ForwardDeviceKeyArguments arguments) {
  jdropout::forward<jdropout::Bf16>(arguments);
}
