/*
 * Eight neighbouring elements of a row, which one quad decides about where the row begins with one:
 * how they are loaded, computed with in f32, and stored.
 *
 * Each Octet<Element> has
 *   load, store            in 16-byte accesses
 *   load_cached            of 16-bit types, the same for what every block reads
 *   load_some, store_some  the first `count` one by one; the rest are +0 and not stored
 *   widen                  to f32
 *   round                  from f32, to nearest even
 */
#pragma once

#include "element.cuh"
#include "memory.cuh"

namespace jdropout {

template <typename Element>
struct Octet;

template <>
struct Octet<F32> {
  float values[8];

  __device__ __forceinline__ static Octet load(const char *address) {
    const float4 lower = jdropout::load<float4>(address);
    const float4 upper = jdropout::load<float4>(address + sizeof lower);
    return Octet{{lower.x, lower.y, lower.z, lower.w, upper.x, upper.y, upper.z, upper.w}};
  }

  __device__ __forceinline__ static Octet load_some(const char *address, uint32_t count) {
    Octet octet;
#pragma unroll
    for (uint32_t j = 0; j < 8; j++) {
      octet.values[j] = j < count ? jdropout::load<float>(address + sizeof(float) * j) : 0.0f;
    }
    return octet;
  }

  __device__ __forceinline__ void store(char *address) const {
    jdropout::store(address, make_float4(values[0], values[1], values[2], values[3]));
    jdropout::store(address + sizeof(float4),
                    make_float4(values[4], values[5], values[6], values[7]));
  }

  __device__ __forceinline__ void store_some(char *address, uint32_t count) const {
#pragma unroll
    for (uint32_t j = 0; j < 8; j++) {
      if (j < count) {
        jdropout::store(address + sizeof(float) * j, values[j]);
      }
    }
  }

  __device__ __forceinline__ void widen(float (&wide)[8]) const {
#pragma unroll
    for (int j = 0; j < 8; j++) {
      wide[j] = values[j];
    }
  }

  __device__ __forceinline__ static Octet round(const float (&wide)[8]) {
    Octet octet;
#pragma unroll
    for (int j = 0; j < 8; j++) {
      octet.values[j] = wide[j];
    }
    return octet;
  }
};

template <typename Format>
struct Octet<SixteenBits<Format>> {
  uint32_t pairs[4];

  __device__ __forceinline__ static Octet load(const char *address) {
    return of_words(jdropout::load<uint4>(address));
  }

  __device__ __forceinline__ static Octet load_cached(const char *address) {
    return of_words(jdropout::load_cached<uint4>(address));
  }

  __device__ __forceinline__ static Octet load_some(const char *address, uint32_t count) {
    Octet octet;
#pragma unroll
    for (uint32_t pair = 0; pair < 4; pair++) {
      octet.pairs[pair] =
          load_one(address, 2 * pair, count) | load_one(address, 2 * pair + 1, count) << 16;
    }
    return octet;
  }

  __device__ __forceinline__ void store(char *address) const {
    jdropout::store(address, make_uint4(pairs[0], pairs[1], pairs[2], pairs[3]));
  }

  __device__ __forceinline__ void store_some(char *address, uint32_t count) const {
#pragma unroll
    for (uint32_t j = 0; j < 8; j++) {
      if (j < count) {
        jdropout::store(address + 2 * j, static_cast<unsigned short>(pairs[j / 2] >> (j % 2 * 16)));
      }
    }
  }

  __device__ __forceinline__ void widen(float (&wide)[8]) const {
#pragma unroll
    for (int pair = 0; pair < 4; pair++) {
      wide[2 * pair] = Format::lower(pairs[pair]);
      wide[2 * pair + 1] = Format::upper(pairs[pair]);
    }
  }

  __device__ __forceinline__ static Octet round(const float (&wide)[8]) {
    Octet octet;
#pragma unroll
    for (int pair = 0; pair < 4; pair++) {
      octet.pairs[pair] = Format::pack(wide[2 * pair], wide[2 * pair + 1]);
    }
    return octet;
  }

 private:
  __device__ __forceinline__ static Octet of_words(const uint4 &words) {
    return Octet{{words.x, words.y, words.z, words.w}};
  }

  __device__ __forceinline__ static uint32_t load_one(const char *address, uint32_t j,
                                                      uint32_t count) {
    return j < count ? jdropout::load<unsigned short>(address + 2 * j) : 0u;
  }
};

}  // namespace jdropout
