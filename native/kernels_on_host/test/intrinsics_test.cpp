// The integer intrinsics, against the definitions of the CUDA C++ Programming Guide.
#include <cstdio>
#include <cstdlib>

#include "cuda_on_host.h"

#define CHECK_EQUAL(expected, expression)                                               \
  do {                                                                                  \
    if ((expected) != (expression)) {                                                   \
      std::printf("FAILED: line %d: %s is not %s\n", __LINE__, #expression, #expected); \
      std::exit(1);                                                                     \
    }                                                                                   \
  } while (0)

int main() {
  CHECK_EQUAL(0xFFFFFFFEu, __umulhi(0xFFFFFFFFu, 0xFFFFFFFFu));
  CHECK_EQUAL(-1, __mulhi(-1, 1));
  CHECK_EQUAL(0xFFFFFFFFFFFFFFFEull, __umul64hi(~0ull, ~0ull));
  CHECK_EQUAL(5, __popc(0x80000F00u));
  CHECK_EQUAL(33, __popcll(0x00000001FFFFFFFFull));
  CHECK_EQUAL(0, __ffs(0));
  CHECK_EQUAL(9, __ffs(0x100));
  CHECK_EQUAL(33, __ffsll(0x100000000ll));
  CHECK_EQUAL(32, __clz(0));
  CHECK_EQUAL(0, __clz(-1));
  CHECK_EQUAL(64, __clzll(0));
  CHECK_EQUAL(31, __clzll(0x100000000ll));
  CHECK_EQUAL(0x1E6A2C48u, __brev(0x12345678u));
  CHECK_EQUAL(0x8000000000000000ull, __brevll(1));
  CHECK_EQUAL(0x33221100u, __byte_perm(0x33221100u, 0x77665544u, 0x3210));
  CHECK_EQUAL(0x00774411u, __byte_perm(0x33221100u, 0x77665544u, 0x0741));
  CHECK_EQUAL(0xFF00FF00u, __byte_perm(0x00800080u, 0, 0xAB89));
  CHECK_EQUAL(0x23456789u, __funnelshift_l(0x9ABCDEF0u, 0x12345678u, 36));
  CHECK_EQUAL(0x89ABCDEFu, __funnelshift_r(0x9ABCDEF0u, 0x12345678u, 4));
  CHECK_EQUAL(0x12345678u, __funnelshift_l(0x9ABCDEF0u, 0x12345678u, 32));
  CHECK_EQUAL(0x9ABCDEF0u, __funnelshift_lc(0x9ABCDEF0u, 0x12345678u, 40));
  CHECK_EQUAL(0x12345678u, __funnelshift_rc(0x9ABCDEF0u, 0x12345678u, 40));
  CHECK_EQUAL(0x3F800000u, __float_as_uint(1.0f));
  CHECK_EQUAL(-2.0f, __int_as_float(static_cast<int>(0xC0000000u)));
  CHECK_EQUAL(1.0, __hiloint2double(0x3FF00000, 0));
  CHECK_EQUAL(0x3FF00000, __double2hiint(1.0));
  /* One rounding, where two would lose the last bit. */
  CHECK_EQUAL(0x1p-46f, __fmaf_rn(1 + 0x1p-23f, 1 + 0x1p-23f, -(1 + 0x1p-22f)));
  CHECK_EQUAL(0.0f, __fadd_rn(__fmul_rn(1 + 0x1p-23f, 1 + 0x1p-23f), -(1 + 0x1p-22f)));
  CHECK_EQUAL(16u, alignof(uint4));
  CHECK_EQUAL(8u, alignof(float2));
  CHECK_EQUAL(16u, alignof(double2));
  CHECK_EQUAL(8u, alignof(ushort4));
  CHECK_EQUAL(4u, alignof(uint3));
  CHECK_EQUAL(12u, sizeof(uint3));
  CHECK_EQUAL(-3, min(-3, 2));
  CHECK_EQUAL(7u, max(7u, 2u));
  return 0;
}
