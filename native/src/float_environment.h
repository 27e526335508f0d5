/*
 * The floating-point environment that the contract needs: rounding to nearest, no subnormal number
 * flushed to zero, no traps. Callers may have another one, set by -ffast-math or by hand.
 */
#ifndef JDROPOUT_FLOAT_ENVIRONMENT_H
#define JDROPOUT_FLOAT_ENVIRONMENT_H

#include <float.h>
#include <stdint.h>

#if FLT_EVAL_METHOD != 0
#error "libjdropout needs float arithmetic without excess precision: on 32-bit x86, -mfpmath=sse"
#endif

#if defined(__x86_64__)

#include <xmmintrin.h>

#define MXCSR_DEFAULT 0x1F80u
#define MXCSR_STICKY_FLAGS 0x3Fu

typedef unsigned float_environment;

/* Returns the caller's environment, for leave_float_environment. */
static inline float_environment enter_float_environment(void) {
  const float_environment caller = _mm_getcsr();
  if ((caller & ~MXCSR_STICKY_FLAGS) != MXCSR_DEFAULT) {
    _mm_setcsr(MXCSR_DEFAULT);
  }
  return caller;
}

static inline void leave_float_environment(float_environment caller) {
  if ((caller & ~MXCSR_STICKY_FLAGS) != MXCSR_DEFAULT) {
    _mm_setcsr(caller);
  }
}

#elif defined(__aarch64__)

typedef uint64_t float_environment;

static inline void set_control_register(float_environment value) {
  __asm__ volatile("msr fpcr, %0" : : "r"(value) : "memory");
}

static inline float_environment enter_float_environment(void) {
  float_environment caller;
  __asm__ volatile("mrs %0, fpcr" : "=r"(caller) : : "memory");
  if (caller != 0) {
    set_control_register(0);
  }
  return caller;
}

static inline void leave_float_environment(float_environment caller) {
  if (caller != 0) {
    set_control_register(caller);
  }
}

#else

#include <fenv.h>

typedef fenv_t float_environment;

static inline float_environment enter_float_environment(void) {
  float_environment caller;
  (void)feholdexcept(&caller);
  (void)fesetround(FE_TONEAREST);
  return caller;
}

static inline void leave_float_environment(float_environment caller) { (void)fesetenv(&caller); }

#endif

#endif
