#include "dispatch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "jdropout.h"

#ifdef JDROPOUT_X86
#include <cpuid.h>
#endif
#if !defined(_WIN32)
#include <unistd.h>
#endif

#if !defined(__GNUC__)
#error "libjdropout needs gcc, clang or a compiler that understands their attributes"
#endif

#define ENVIRONMENT_VARIABLE "JDROPOUT_MAX_ISA"

/* Where the size of the last-level cache is not known. */
#define DEFAULT_CACHE_BYTES (UINT64_C(32) << 20)

dispatch_state dispatch;

typedef struct candidate {
  const kernel_set *kernels;
  int is_supported;
} candidate;

#define CANDIDATES 4

#ifdef JDROPOUT_X86
/* Asked of the processor itself: older compilers' __builtin_cpu_supports does not know the name. */
static int has_f16c(void) {
  unsigned eax = 0;
  unsigned ebx = 0;
  unsigned ecx = 0;
  unsigned edx = 0;
  return __get_cpuid(1, &eax, &ebx, &ecx, &edx) && (ecx & bit_F16C) != 0;
}
#endif

/* Lists the instruction sets from the plainest to the best; returns their number. */
static int list_candidates(candidate *candidates) {
  int count = 0;
  candidates[count++] = (candidate){&kernels_portable, 1};
#ifdef JDROPOUT_X86
  __builtin_cpu_init();
  const int has_avx2 =
      __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && has_f16c();
#ifdef JDROPOUT_EMULATE_AVX512
  const int has_avx512f = has_avx2;
  const int has_avx512bw = has_avx2;
#else
  const int has_avx512f = has_avx2 && __builtin_cpu_supports("avx512f");
  const int has_avx512bw = has_avx512f && __builtin_cpu_supports("avx512bw") &&
                           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
#endif
  candidates[count++] = (candidate){&kernels_avx2, has_avx2};
  candidates[count++] = (candidate){&kernels_avx512f, has_avx512f};
  candidates[count++] = (candidate){&kernels_avx512bw, has_avx512bw};
#endif
  return count;
}

/* Returns whether the name is one of DISPATCH_NAMES, on any processor. */
static int is_instruction_set(const char *name) {
  static const char *const names[] = {"portable", "avx2", "avx512f", "avx512bw"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    if (strcmp(name, names[i]) == 0) {
      return 1;
    }
  }
  return 0;
}

static uint64_t cache_bytes(void) {
#if defined(_SC_LEVEL3_CACHE_SIZE)
  const long bytes = sysconf(_SC_LEVEL3_CACHE_SIZE);
  if (bytes > 0) {
    return (uint64_t)bytes;
  }
#endif
  return DEFAULT_CACHE_BYTES;
}

static void append(const char *text) {
  const size_t used = strlen(dispatch.features);
  (void)snprintf(dispatch.features + used, sizeof dispatch.features - used, "%s", text);
}

__attribute__((constructor)) static void choose(void) {
  candidate candidates[CANDIDATES];
  const int count = list_candidates(candidates);
  const char *limit = getenv(ENVIRONMENT_VARIABLE);
  if (limit != NULL && *limit == '\0') {
    limit = NULL;
  }
  if (limit != NULL) {
    (void)snprintf(dispatch.environment, sizeof dispatch.environment, "%s", limit);
  }
  append("processor has");
  int is_within_limit = limit == NULL || is_instruction_set(limit);
  for (int i = 0; i < count; i++) {
    if (!candidates[i].is_supported) {
      continue;
    }
    append(i == 0 ? " " : ", ");
    append(candidates[i].kernels->isa);
    if (is_within_limit) {
      dispatch.kernels = candidates[i].kernels;
    }
    if (limit != NULL && strcmp(limit, candidates[i].kernels->isa) == 0) {
      is_within_limit = 0;
    }
  }
  append("; uses ");
  append(dispatch.kernels == NULL ? "none" : dispatch.kernels->isa);
  if (limit != NULL) {
    append(" (" ENVIRONMENT_VARIABLE "=");
    append(dispatch.environment);
    append(")");
  }
#if defined(__clang__)
  append("; compiled by clang " __clang_version__);
#else
  append("; compiled by gcc " __VERSION__);
#endif
  /* Input and output share the cache. */
  dispatch.streaming_bytes = cache_bytes() / 2;
}

const char *jdropout_isa(void) { return dispatch.kernels == NULL ? "none" : dispatch.kernels->isa; }

const char *jdropout_features(void) { return dispatch.features; }

uint64_t jdropout_streaming_bytes(void) { return dispatch.streaming_bytes; }
