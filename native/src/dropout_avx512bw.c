/* AVX-512 with the extensions for 16-bit lanes: F, BW, DQ and VL. */
#define WITH_16_BIT_LANES 1
#include "avx512_kernels.h"

const kernel_set kernels_avx512bw = {"avx512bw", keep_words, apply_f32,     apply_f64,
                                     apply_f16,  apply_bf16, end_streaming, &epilogues_avx512bw};
