/*
 * The element types: how 16 bytes of each are multiplied and dropped.
 *
 * Each has
 *   Scale       the type of the factor
 *   Storage     what one element is loaded as
 *   Access      what 16 bytes are loaded as
 *   PER_ACCESS  elements in 16 bytes
 *   QUADS       quads of a thread, so many that it has four accesses under way
 *   drop        one element
 *   drop_all    16 bytes; keeps(j) tells of element j
 *
 * A dropped element is +0, whatever it was; so it is selected, not multiplied by 0. Arithmetic is
 * one IEEE multiplication and one rounding to the storage type, both to nearest even.
 */
#pragma once

#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <stdint.h>

#include "arguments.cuh"

namespace jdropout {

struct F32 {
  using Scale = float;
  using Storage = float;
  using Access = float4;
  static constexpr int PER_ACCESS = 4;
  static constexpr int QUADS = 2;

  __device__ __forceinline__ static Scale scale(const Range &range) { return range.scale_f32; }

  __device__ __forceinline__ static Storage drop(Storage value, Scale scale, bool keeps) {
    const float scaled = value * scale; /* not contracted: the build says -fmad=false */
    return keeps ? scaled : 0.0f;
  }

  template <typename Keeps>
  __device__ __forceinline__ static Access drop_all(Access values, Scale scale, Keeps keeps) {
    return make_float4(drop(values.x, scale, keeps(0)), drop(values.y, scale, keeps(1)),
                       drop(values.z, scale, keeps(2)), drop(values.w, scale, keeps(3)));
  }
};

struct F64 {
  using Scale = double;
  using Storage = double;
  using Access = double2;
  static constexpr int PER_ACCESS = 2;
  static constexpr int QUADS = 1;

  __device__ __forceinline__ static Scale scale(const Range &range) { return range.scale_f64; }

  __device__ __forceinline__ static Storage drop(Storage value, Scale scale, bool keeps) {
    const double scaled = value * scale;
    return keeps ? scaled : 0.0;
  }

  template <typename Keeps>
  __device__ __forceinline__ static Access drop_all(Access values, Scale scale, Keeps keeps) {
    return make_double2(drop(values.x, scale, keeps(0)), drop(values.y, scale, keeps(1)));
  }
};

/* What both 16-bit types share; Format converts pairs, the lower half of a word first. */
template <typename Format>
struct SixteenBits {
  using Scale = float;
  using Storage = unsigned short;
  using Access = uint4;
  static constexpr int PER_ACCESS = 8;
  static constexpr int QUADS = 4;

  __device__ __forceinline__ static Scale scale(const Range &range) { return range.scale_f32; }

  __device__ __forceinline__ static Storage drop(Storage value, Scale scale, bool keeps) {
    return static_cast<Storage>(drop_pair(value, scale, keeps, false));
  }

  __device__ __forceinline__ static uint32_t drop_pair(uint32_t pair, Scale scale, bool keeps_lower,
                                                       bool keeps_upper) {
    const float lower = F32::drop(Format::lower(pair), scale, keeps_lower);
    const float upper = F32::drop(Format::upper(pair), scale, keeps_upper);
    return Format::pack(lower, upper);
  }

  template <typename Keeps>
  __device__ __forceinline__ static Access drop_all(Access values, Scale scale, Keeps keeps) {
    return make_uint4(drop_pair(values.x, scale, keeps(0), keeps(1)),
                      drop_pair(values.y, scale, keeps(2), keeps(3)),
                      drop_pair(values.z, scale, keeps(4), keeps(5)),
                      drop_pair(values.w, scale, keeps(6), keeps(7)));
  }
};

struct HalfFormat {
  __device__ __forceinline__ static float lower(uint32_t pair) {
    return __half2float(__ushort_as_half(static_cast<unsigned short>(pair)));
  }

  __device__ __forceinline__ static float upper(uint32_t pair) {
    return __half2float(__ushort_as_half(static_cast<unsigned short>(pair >> 16)));
  }

  __device__ __forceinline__ static uint32_t pack(float lower, float upper) {
    const __half2 pair = __floats2half2_rn(lower, upper);
    return __half_as_ushort(__low2half(pair)) |
           static_cast<uint32_t>(__half_as_ushort(__high2half(pair))) << 16;
  }
};

struct Bfloat16Format {
  /* A bfloat16 is the upper half of a binary32. */
  __device__ __forceinline__ static float lower(uint32_t pair) {
    return __uint_as_float(pair << 16);
  }

  __device__ __forceinline__ static float upper(uint32_t pair) {
    return __uint_as_float(pair & 0xFFFF0000u);
  }

  __device__ __forceinline__ static uint32_t pack(float lower, float upper) {
    const __nv_bfloat162 pair = __floats2bfloat162_rn(lower, upper);
    return __bfloat16_as_ushort(__low2bfloat16(pair)) |
           static_cast<uint32_t>(__bfloat16_as_ushort(__high2bfloat16(pair))) << 16;
  }
};

using F16 = SixteenBits<HalfFormat>;
using Bf16 = SixteenBits<Bfloat16Format>;

}  // namespace jdropout
