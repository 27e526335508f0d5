/*
 * The mask as packed bits: bit b of byte k is element 8 k + b, 1 = keep.
 *
 * One thread: 32 elements, so 4 quads, or 5 where the first element is not the first of its quad,
 * and one 4-byte store, contiguous over the warp. Memory: an eighth of a byte written per element;
 * so the drawing bounds it, not the memory. Tail: the last word in bytes, as all of them where the
 * output is not a multiple of 4; bits after the last element are 0. Launch bound: 256 threads, as in
 * dropout_forward.cu.
 */
#include "keep.cuh"
#include "memory.cuh"
#include "tile.cuh"

namespace jdropout {

__device__ __forceinline__ void write_mask(const MaskOutput &output, const PhiloxSchedule &schedule,
                                           uint32_t threshold, uint64_t first_quad) {
  constexpr uint32_t BITS = 32;
  const uint64_t words = (output.element_count + BITS - 1) / BITS;
  const uint64_t step = static_cast<uint64_t>(gridDim.x) * blockDim.x;
  uint64_t word = static_cast<uint64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
  for (; word < words; word += step) {
    const uint64_t quad = first_quad + word * (BITS / 8);
    uint64_t bits = 0;
#pragma unroll
    for (uint32_t octet = 0; octet < BITS / 8; octet++) {
      const uint32_t drawn = keep_bits(draw_quad(schedule, quad + octet), threshold);
      bits |= static_cast<uint64_t>(drawn) << (8 * octet);
    }
    if (output.first_lane != 0) {
      const uint32_t drawn = keep_bits(draw_quad(schedule, quad + BITS / 8), threshold);
      bits |= static_cast<uint64_t>(drawn) << BITS;
    }
    uint32_t value = static_cast<uint32_t>(bits >> output.first_lane);
    const uint64_t rest = output.element_count - word * BITS;
    uint8_t *address = output.bytes + word * (BITS / 8);
    if (rest >= BITS && output.is_aligned != 0) {
      store(address, value);
      continue;
    }
    const uint32_t count = rest < BITS ? static_cast<uint32_t>(rest) : BITS;
    value &= 0xFFFFFFFFu >> (BITS - count);
    for (uint32_t octet = 0; 8 * octet < count; octet++) {
      store(address + octet, static_cast<uint8_t>(value >> (8 * octet)));
    }
  }
}

}  // namespace jdropout

extern "C" __global__ void __launch_bounds__(jdropout::MAX_THREADS)
    dropout_mask(const jdropout::MaskArguments arguments) {
  const jdropout::Draw &draw = arguments.draw;
  jdropout::write_mask(arguments.output, draw.schedule, draw.threshold, draw.first_quad);
}

extern "C" __global__ void __launch_bounds__(jdropout::MAX_THREADS)
    dropout_mask_device_key(const jdropout::MaskDeviceKeyArguments arguments) {
  const jdropout::DeviceKeyDraw &draw = arguments.draw;
  const jdropout::PhiloxSchedule schedule = jdropout::load_schedule(draw.key);
  jdropout::write_mask(arguments.output, schedule, draw.threshold, draw.first_quad);
}
