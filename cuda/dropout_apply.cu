/*
 * Dropout with a given mask: output[e] = bit e ? input[e] * scale : +0.
 *
 * One thread: the accesses of dropout_forward.cu, and the byte or two with the bits of 8 neighbouring
 * elements for each quad. Memory: each element is read once and written once, and an eighth of a
 * byte of mask per element; no byte of it is read that holds no bit of the range. Tail: one element
 * at a time, see tile.cuh. Launch bound: 256 threads, as in dropout_forward.cu.
 */
#include "element.cuh"
#include "tile.cuh"

namespace jdropout {

template <typename Element>
__device__ __forceinline__ void apply(const ApplyArguments &arguments) {
  const Range &range = arguments.range;
  const GivenMask &mask = arguments.mask;
  const auto bits = [&](uint64_t element) {
    const uint64_t begin = element > range.begin ? element : range.begin;
    const uint64_t end = element + 8 < range.end ? element + 8 : range.end;
    if (begin >= end) {
      return 0u;
    }
    const uint64_t bit = mask.first_bit + (begin - range.begin);
    const uint64_t last = bit + (end - begin) - 1;
    uint32_t octets = load<uint8_t>(mask.bytes + bit / 8);
    if (last / 8 != bit / 8) {
      octets |= static_cast<uint32_t>(load<uint8_t>(mask.bytes + last / 8)) << 8;
    }
    return octets >> static_cast<uint32_t>(bit % 8) << static_cast<uint32_t>(begin - element);
  };
  drop_by_bits<Element, false>(range, bits);
}

}  // namespace jdropout

extern "C" __global__ void __launch_bounds__(jdropout::MAX_THREADS)
    dropout_apply_f32(const jdropout::ApplyArguments arguments) {
  jdropout::apply<jdropout::F32>(arguments);
}

extern "C" __global__ void __launch_bounds__(jdropout::MAX_THREADS)
    dropout_apply_f64(const jdropout::ApplyArguments arguments) {
  jdropout::apply<jdropout::F64>(arguments);
}

extern "C" __global__ void __launch_bounds__(jdropout::MAX_THREADS)
    dropout_apply_f16(const jdropout::ApplyArguments arguments) {
  jdropout::apply<jdropout::F16>(arguments);
}

extern "C" __global__ void __launch_bounds__(jdropout::MAX_THREADS)
    dropout_apply_bf16(const jdropout::ApplyArguments arguments) {
  jdropout::apply<jdropout::Bf16>(arguments);
}
