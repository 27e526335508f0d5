/* The epilogues for processors with AVX-512BW. */
#include "epilogue_avx512.h"

const epilogue_kernels epilogues_avx512bw = EPILOGUE_KERNELS;
