/* The epilogues for processors with AVX-512F. */
#include "epilogue_avx512.h"

const epilogue_kernels epilogues_avx512f = EPILOGUE_KERNELS;
