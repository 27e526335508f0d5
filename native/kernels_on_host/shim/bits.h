/* Integer intrinsics, and the ones that look at the bits of a number. */
#ifndef KERNELS_ON_HOST_BITS_H
#define KERNELS_ON_HOST_BITS_H

namespace kernels_on_host {

template <typename To, typename From>
inline To bit_cast(From from) {
  static_assert(sizeof(To) == sizeof(From), "a cast of bits keeps the size");
  To to;
  memcpy(&to, &from, sizeof to);
  return to;
}

}  // namespace kernels_on_host

inline unsigned int __umulhi(unsigned int a, unsigned int b) {
  return (unsigned int)(((uint64_t)a * b) >> 32);
}
inline int __mulhi(int a, int b) { return (int)(((int64_t)a * b) >> 32); }
inline unsigned long long __umul64hi(unsigned long long a, unsigned long long b) {
  __extension__ typedef unsigned __int128 wide;
  return (unsigned long long)(((wide)a * b) >> 64);
}

inline int __popc(unsigned int bits) { return __builtin_popcount(bits); }
inline int __popcll(unsigned long long bits) { return __builtin_popcountll(bits); }
inline int __ffs(int bits) { return __builtin_ffs(bits); }
inline int __ffsll(long long bits) { return __builtin_ffsll(bits); }
inline int __clz(int bits) { return bits == 0 ? 32 : __builtin_clz((unsigned int)bits); }
inline int __clzll(long long bits) {
  return bits == 0 ? 64 : __builtin_clzll((unsigned long long)bits);
}

inline unsigned int __brev(unsigned int bits) {
  bits = (bits >> 1 & 0x55555555u) | (bits & 0x55555555u) << 1;
  bits = (bits >> 2 & 0x33333333u) | (bits & 0x33333333u) << 2;
  bits = (bits >> 4 & 0x0F0F0F0Fu) | (bits & 0x0F0F0F0Fu) << 4;
  return __builtin_bswap32(bits);
}
inline unsigned long long __brevll(unsigned long long bits) {
  return (unsigned long long)__brev((unsigned int)bits) << 32 | __brev((unsigned int)(bits >> 32));
}

/* Each nibble of the selector picks a byte of (b, a); its top bit asks for that byte's sign. */
inline unsigned int __byte_perm(unsigned int a, unsigned int b, unsigned int selector) {
  const uint64_t bytes = (uint64_t)b << 32 | a;
  unsigned int picked = 0;
  for (int i = 0; i < 4; i++) {
    const unsigned int nibble = selector >> (4 * i) & 0xFu;
    unsigned int byte = (unsigned int)(bytes >> (8 * (nibble & 7u))) & 0xFFu;
    if ((nibble & 8u) != 0) {
      byte = (byte & 0x80u) != 0 ? 0xFFu : 0u;
    }
    picked |= byte << (8 * i);
  }
  return picked;
}

/* Shifts of (high, low); the plain ones take the distance modulo 32, the c ones stop at 32. */
inline unsigned int __funnelshift_l(unsigned int low, unsigned int high, unsigned int distance) {
  return (unsigned int)(((((uint64_t)high << 32) | low) << (distance & 31u)) >> 32);
}
inline unsigned int __funnelshift_r(unsigned int low, unsigned int high, unsigned int distance) {
  return (unsigned int)((((uint64_t)high << 32) | low) >> (distance & 31u));
}
inline unsigned int __funnelshift_lc(unsigned int low, unsigned int high, unsigned int distance) {
  return distance >= 32 ? low : __funnelshift_l(low, high, distance);
}
inline unsigned int __funnelshift_rc(unsigned int low, unsigned int high, unsigned int distance) {
  return distance >= 32 ? high : __funnelshift_r(low, high, distance);
}

inline unsigned int __float_as_uint(float value) {
  return kernels_on_host::bit_cast<unsigned int>(value);
}
inline int __float_as_int(float value) { return kernels_on_host::bit_cast<int>(value); }
inline float __uint_as_float(unsigned int bits) { return kernels_on_host::bit_cast<float>(bits); }
inline float __int_as_float(int bits) { return kernels_on_host::bit_cast<float>(bits); }
inline long long __double_as_longlong(double value) {
  return kernels_on_host::bit_cast<long long>(value);
}
inline double __longlong_as_double(long long bits) {
  return kernels_on_host::bit_cast<double>(bits);
}
inline int __double2hiint(double value) { return (int)(__double_as_longlong(value) >> 32); }
inline int __double2loint(double value) { return (int)__double_as_longlong(value); }
inline double __hiloint2double(int high, int low) {
  return __longlong_as_double((long long)((uint64_t)(uint32_t)high << 32 | (uint32_t)low));
}

/* nvcc has these without a header. */
template <typename T, typename U>
inline typename std::common_type<T, U>::type min(T a, U b) {
  typedef typename std::common_type<T, U>::type common;
  return (common)b < (common)a ? (common)b : (common)a;
}
template <typename T, typename U>
inline typename std::common_type<T, U>::type max(T a, U b) {
  typedef typename std::common_type<T, U>::type common;
  return (common)a < (common)b ? (common)b : (common)a;
}

#endif
