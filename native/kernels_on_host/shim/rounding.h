/* Arithmetic with the rounding in its name; the host rounds to nearest and contracts nothing. */
#ifndef KERNELS_ON_HOST_ROUNDING_H
#define KERNELS_ON_HOST_ROUNDING_H

inline float __fadd_rn(float a, float b) { return a + b; }
inline float __fsub_rn(float a, float b) { return a - b; }
inline float __fmul_rn(float a, float b) { return a * b; }
inline float __fdiv_rn(float a, float b) { return a / b; }
inline float __fmaf_rn(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
inline double __dadd_rn(double a, double b) { return a + b; }
inline double __dsub_rn(double a, double b) { return a - b; }
inline double __dmul_rn(double a, double b) { return a * b; }
inline double __ddiv_rn(double a, double b) { return a / b; }
inline double __fma_rn(double a, double b, double c) { return __builtin_fma(a, b, c); }

inline float __double2float_rn(double value) { return (float)value; }
inline float __uint2float_rn(unsigned int value) { return (float)value; }
inline float __int2float_rn(int value) { return (float)value; }
inline double __uint2double_rn(unsigned int value) { return (double)value; }
inline double __int2double_rn(int value) { return (double)value; }

#endif
