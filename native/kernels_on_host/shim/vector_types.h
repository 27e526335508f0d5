/* CUDA's short vectors, with CUDA's alignments. */
#ifndef KERNELS_ON_HOST_VECTOR_TYPES_H
#define KERNELS_ON_HOST_VECTOR_TYPES_H

/* A vector is as aligned as it is large, up to 16 bytes; one of three is aligned as its element. */
#define KERNELS_ON_HOST_VECTORS(element, name, align2, align4)                         \
  struct name##1 {                                                                     \
    element x;                                                                         \
  };                                                                                   \
  struct alignas(align2) name##2 {                                                     \
    element x, y;                                                                      \
  };                                                                                   \
  struct name##3 {                                                                     \
    element x, y, z;                                                                   \
  };                                                                                   \
  struct alignas(align4) name##4 {                                                     \
    element x, y, z, w;                                                                \
  };                                                                                   \
  inline name##1 make_##name##1(element x) { return {x}; }                             \
  inline name##2 make_##name##2(element x, element y) { return {x, y}; }               \
  inline name##3 make_##name##3(element x, element y, element z) { return {x, y, z}; } \
  inline name##4 make_##name##4(element x, element y, element z, element w) { return {x, y, z, w}; }

KERNELS_ON_HOST_VECTORS(signed char, char, 2, 4)
KERNELS_ON_HOST_VECTORS(unsigned char, uchar, 2, 4)
KERNELS_ON_HOST_VECTORS(short, short, 4, 8)
KERNELS_ON_HOST_VECTORS(unsigned short, ushort, 4, 8)
KERNELS_ON_HOST_VECTORS(int, int, 8, 16)
KERNELS_ON_HOST_VECTORS(unsigned int, uint, 8, 16)
KERNELS_ON_HOST_VECTORS(long, long, 16, 16)
KERNELS_ON_HOST_VECTORS(unsigned long, ulong, 16, 16)
KERNELS_ON_HOST_VECTORS(long long, longlong, 16, 16)
KERNELS_ON_HOST_VECTORS(unsigned long long, ulonglong, 16, 16)
KERNELS_ON_HOST_VECTORS(float, float, 8, 16)
KERNELS_ON_HOST_VECTORS(double, double, 16, 16)

#undef KERNELS_ON_HOST_VECTORS

struct dim3 {
  unsigned int x, y, z;
};

#endif
