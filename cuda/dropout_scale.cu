/*
 * Inference with classical scaling: output[e] = input[e] * scale, the same arithmetic with a mask
 * that keeps everything.
 *
 * One thread: the accesses of dropout_forward.cu. Memory: each element is read once and written
 * once. Tail: one element at a time, see tile.cuh. Launch bound: 256 threads, as there.
 */
#include "element.cuh"
#include "tile.cuh"

namespace jdropout {

template <typename Element>
__device__ __forceinline__ void scale(const ScaleArguments &arguments) {
  drop_by_bits<Element, false>(arguments.range, [](uint64_t) { return 0xFFu; });
}

}  // namespace jdropout

extern "C" __global__ void __launch_bounds__(jdropout::MAX_THREADS)
    dropout_scale_f32(const jdropout::ScaleArguments arguments) {
  jdropout::scale<jdropout::F32>(arguments);
}

extern "C" __global__ void __launch_bounds__(jdropout::MAX_THREADS)
    dropout_scale_f64(const jdropout::ScaleArguments arguments) {
  jdropout::scale<jdropout::F64>(arguments);
}

extern "C" __global__ void __launch_bounds__(jdropout::MAX_THREADS)
    dropout_scale_f16(const jdropout::ScaleArguments arguments) {
  jdropout::scale<jdropout::F16>(arguments);
}

extern "C" __global__ void __launch_bounds__(jdropout::MAX_THREADS)
    dropout_scale_bf16(const jdropout::ScaleArguments arguments) {
  jdropout::scale<jdropout::Bf16>(arguments);
}
