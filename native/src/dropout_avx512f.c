/* AVX-512F alone. */
#define WITH_16_BIT_LANES 0
#include "avx512_kernels.h"

const kernel_set kernels_avx512f = {"avx512f", keep_words, apply_f32,     apply_f64,
                                    apply_f16, apply_bf16, end_streaming, &epilogues_avx512f};
