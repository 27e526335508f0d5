/*
 * The processor's AVX-512 intrinsics, or, in a test build, SIMDe's emulation of them: the kernels'
 * logic can then be checked on a machine without AVX-512.
 */
#ifndef JDROPOUT_INTRINSICS_AVX512_H
#define JDROPOUT_INTRINSICS_AVX512_H

#ifdef JDROPOUT_EMULATE_AVX512
#include "emulated_avx512.h"
#else
#include <immintrin.h>
#endif

#endif
