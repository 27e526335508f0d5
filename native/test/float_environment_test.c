/*
 * The caller's floating-point environment changes no bit and is the same afterwards: rounding
 * modes, flushing of subnormal numbers and traps, alone and together.
 */
#define _GNU_SOURCE
#include <fenv.h>
#include <stdio.h>
#include <string.h>

#include "harness.h"

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

#define SEED 11
#define STREAM 13
#define ELEMENTS 3001u

/* Its threshold is a tie only if 1 - p is rounded to nearest. */
#define TIE_P (2.5 / 65536 + 0x1p-60)

static const double tested_probabilities[] = {0.3, 0.1, 0.9, 0, 1, 1e-9, TIE_P, 5e-324};

/* Whose rounding to binary32 depends on the mode. */
static const double tested_factors[] = {0.1, 1 + 0x1p-30, 1e-40, 1e39, 1};

#define CALLS (2 * LENGTH(tested_probabilities) + LENGTH(tested_factors))

static const int rounding_modes[] = {FE_TONEAREST, FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO};

static unsigned char input[TYPES][ELEMENTS * 8];
static unsigned char expected[TYPES][CALLS][ELEMENTS * 8];
static unsigned char output[TYPES][CALLS][ELEMENTS * 8];
static unsigned char expected_mask[LENGTH(tested_probabilities)][ELEMENTS / 8 + 1];
static unsigned char output_mask[LENGTH(tested_probabilities)][ELEMENTS / 8 + 1];
static unsigned char packed[ELEMENTS / 8 + 1];

static jdropout_status call(const typed_abi *abi, size_t index, const void *source, void *target) {
  size_t which = index;
  if (which < LENGTH(tested_probabilities)) {
    return abi->forward(tested_probabilities[which], 0, SEED, STREAM, 1, source, target, ELEMENTS);
  }
  which -= LENGTH(tested_probabilities);
  if (which < LENGTH(tested_probabilities)) {
    return abi->apply(tested_probabilities[which], 0, packed, 0, source, target, ELEMENTS);
  }
  which -= LENGTH(tested_probabilities);
  return abi->scale(tested_factors[which], 0, source, target, ELEMENTS);
}

/* No floating-point arithmetic here: it would be done in the environment under test. */
static jdropout_status call_all(unsigned char outputs[TYPES][CALLS][ELEMENTS * 8],
                                unsigned char masks[][ELEMENTS / 8 + 1]) {
  jdropout_status worst = JDROPOUT_OK;
  for (size_t type = 0; type < TYPES; type++) {
    for (size_t i = 0; i < CALLS; i++) {
      const jdropout_status status = call(&typed_abis[type], i, input[type], outputs[type][i]);
      worst = status > worst ? status : worst;
    }
  }
  for (size_t i = 0; i < LENGTH(tested_probabilities); i++) {
    const jdropout_status status =
        jdropout_mask(tested_probabilities[i], SEED, STREAM, 1, masks[i], ELEMENTS);
    worst = status > worst ? status : worst;
  }
  return worst;
}

/* What of the environment the caller set; the flags that arithmetic raises are not of it. */
typedef struct settings {
  int rounding;
  int traps;
  unsigned control;
} settings;

static settings current_settings(void) {
  settings result = {fegetround(), 0, 0};
#if defined(__GLIBC__)
  result.traps = fegetexcept();
#endif
#if defined(__x86_64__)
  result.control = _mm_getcsr() & ~0x3Fu;
#endif
  return result;
}

static void check_in_environment(const char *name, int rounding, int is_flushing, int is_trapping) {
  memset(output, 0xA5, sizeof output);
  memset(output_mask, 0xA5, sizeof output_mask);
  fenv_t before;
  (void)fegetenv(&before);
  (void)feclearexcept(FE_ALL_EXCEPT);
  (void)fesetround(rounding);
#if defined(__x86_64__)
  if (is_flushing) {
    _mm_setcsr(_mm_getcsr() | 0x8040u);
  }
#else
  (void)is_flushing;
#endif
#if defined(__GLIBC__)
  if (is_trapping) {
    (void)feenableexcept(FE_ALL_EXCEPT);
  }
#else
  (void)is_trapping;
#endif
  const settings set = current_settings();
  const jdropout_status status = call_all(output, output_mask);
  const settings left = current_settings();
  (void)fesetenv(&before);
  CHECK(status == JDROPOUT_OK, "%s: %s", name, jdropout_last_error());
  CHECK(left.rounding == set.rounding && left.traps == set.traps && left.control == set.control,
        "%s, mode %d: the environment is not restored", name, rounding);
  for (size_t type = 0; type < TYPES; type++) {
    for (size_t i = 0; i < CALLS; i++) {
      CHECK(memcmp(output[type][i], expected[type][i], ELEMENTS * typed_abis[type].bytes) == 0,
            "%s, mode %d, changes bits of %s in call %zu", name, rounding, typed_abis[type].name,
            i);
    }
  }
  CHECK(memcmp(output_mask, expected_mask, sizeof output_mask) == 0, "%s, mode %d, changes masks",
        name, rounding);
}

/* The oracle vouches for the expected bits; NaN are equal to themselves in one environment. */
static void check_expected(void) {
  for (size_t type = 0; type < TYPES; type++) {
    const typed_abi *abi = &typed_abis[type];
    for (size_t i = 0; i < LENGTH(tested_probabilities); i++) {
      for (size_t element = 0; element < ELEMENTS; element++) {
        unsigned char result[8];
        const unsigned char *actual = expected[type][i] + element * abi->bytes;
        const double p = tested_probabilities[i];
        oracle_forward(abi->type, p, 0, oracle_keeps(SEED, STREAM, 1 + element, p),
                       input[type] + element * abi->bytes, result);
        CHECK(memcmp(result, actual, abi->bytes) == 0 ||
                  (oracle_is_nan(abi->type, result) && oracle_is_nan(abi->type, actual)),
              "%s element %zu is wrong at p %g", abi->name, element, p);
      }
    }
  }
}

/* Arguments are judged in the caller's environment too: refused, not trapped or taken for 0. */
static void check_refusals(int is_trapping) {
  static const uint64_t refused[] = {UINT64_C(0x7FF8000000000000), UINT64_C(0x7FF0000000000001),
                                     UINT64_C(0x8000000000000001), UINT64_C(0x3FF0000000000001),
                                     UINT64_C(0x7FF0000000000000)};
  fenv_t before;
  for (size_t i = 0; i < LENGTH(refused); i++) {
    double p;
    memcpy(&p, &refused[i], sizeof p);
    unsigned char byte = 0xA5;
    (void)fegetenv(&before);
    (void)feclearexcept(FE_ALL_EXCEPT);
#if defined(__x86_64__)
    _mm_setcsr(_mm_getcsr() | 0x8040u);
#endif
#if defined(__GLIBC__)
    if (is_trapping) {
      (void)feenableexcept(FE_ALL_EXCEPT);
    }
#else
    (void)is_trapping;
#endif
    const jdropout_status status = jdropout_mask(p, SEED, STREAM, 0, &byte, 8);
    (void)fesetenv(&before);
    CHECK(status == JDROPOUT_INVALID_ARGUMENT && byte == 0xA5, "p of bits %016llx is accepted",
          (unsigned long long)refused[i]);
  }
}

int main(void) {
  require_isa();
  fill_bits(packed, sizeof packed, 5);
  for (size_t type = 0; type < TYPES; type++) {
    fill_elements(typed_abis[type].type, input[type], ELEMENTS, type);
  }
  CHECK(call_all(expected, expected_mask) == JDROPOUT_OK, "%s", jdropout_last_error());
  check_expected();
  for (size_t i = 0; i < LENGTH(rounding_modes); i++) {
    check_in_environment("rounding", rounding_modes[i], 0, 0);
    check_in_environment("flushing", rounding_modes[i], 1, 0);
    check_in_environment("traps", rounding_modes[i], 0, 1);
    check_in_environment("flushing and traps", rounding_modes[i], 1, 1);
  }
  check_refusals(0);
  check_refusals(1);
  printf("no environment matters with %s\n", jdropout_isa());
  return 0;
}
