#include "harness.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TYPED_ABI(suffix, type, bytes)                                                           \
  {                                                                                              \
#suffix, type, bytes, jdropout_forward_##suffix, jdropout_forward_rows_##suffix,             \
        jdropout_forward_shared_##suffix, jdropout_apply_##suffix, jdropout_apply_rows_##suffix, \
        jdropout_scale_##suffix                                                                  \
  }

const typed_abi typed_abis[TYPES] = {TYPED_ABI(f32, ORACLE_F32, 4), TYPED_ABI(f64, ORACLE_F64, 8),
                                     TYPED_ABI(f16, ORACLE_F16, 2),
                                     TYPED_ABI(bf16, ORACLE_BF16, 2)};

#define TYPED_EPILOGUES(suffix, type) \
  { #suffix, type, jdropout_epilogue_##suffix, jdropout_epilogue_gradient_##suffix }

const typed_epilogues epilogue_abis[EPILOGUE_TYPES] = {TYPED_EPILOGUES(f32, ORACLE_F32),
                                                       TYPED_EPILOGUES(f16, ORACLE_F16),
                                                       TYPED_EPILOGUES(bf16, ORACLE_BF16)};

const double probabilities[PROBABILITIES] = {0.3, 0, 1e-9, 0.1, 0.5, 0.9, 1};

const uint64_t first_indices[FIRST_INDICES] = {0,
                                               3,
                                               64,
                                               (UINT64_C(1) << 32) - 5,
                                               (UINT64_C(1) << 35) - 1029,
                                               (UINT64_C(1) << 40) - 500,
                                               (UINT64_C(1) << 63) - 8200};

static void print_and_exit(const char *prefix, const char *format, va_list arguments, int code) {
  printf("%s: ", prefix);
  vprintf(format, arguments);
  printf(" [%s]\n", jdropout_features());
  (void)fflush(stdout);
  exit(code);
}

void stop_failed(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  print_and_exit("FAILED", format, arguments, 1);
  abort();
}

void stop_skipped(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  print_and_exit("SKIPPED", format, arguments, SKIPPED);
  abort();
}

void require_isa(void) {
  const char *wanted = getenv("JDROPOUT_MAX_ISA");
  if (wanted == NULL || strcmp(wanted, jdropout_isa()) == 0) {
    return;
  }
  char available[256];
  (void)snprintf(available, sizeof available, "%s", jdropout_features());
  available[strcspn(available, ";")] = '\0';
  CHECK(strstr(available, wanted) == NULL, "%s is used instead of %s", jdropout_isa(), wanted);
  stop_skipped("the processor lacks %s", wanted);
}

uint64_t scatter(uint64_t number) {
  uint64_t x = number + UINT64_C(0x9E3779B97F4A7C15);
  x = (x ^ x >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
  x = (x ^ x >> 27) * UINT64_C(0x94D049BB133111EB);
  return x ^ x >> 31;
}

/* Zero, smallest and largest subnormal, smallest normal, one, largest, infinity, NaNs. */
static const uint64_t special_f32[] = {0,          1,          0x7FFFFF,   0x800000,   0x3F800000,
                                       0x7F7FFFFF, 0x7F800000, 0x7F800001, 0x7FC00000, 0x7FBFFFFF};
static const uint64_t special_f64[] = {0,
                                       1,
                                       0xFFFFFFFFFFFFF,
                                       0x10000000000000,
                                       0x3FF0000000000000,
                                       0x7FEFFFFFFFFFFFFF,
                                       0x7FF0000000000000,
                                       0x7FF0000000000001,
                                       0x7FF8000000000000,
                                       0x7FF7FFFFFFFFFFFF};
static const uint64_t special_f16[] = {0,      1,      0x3FF,  0x400,  0x3C00,
                                       0x7BFF, 0x7C00, 0x7C01, 0x7E00, 0x7DFF};
static const uint64_t special_bf16[] = {0,      1,      0x7F,   0x80,   0x3F80,
                                        0x7F7F, 0x7F80, 0x7F81, 0x7FC0, 0x7FBF};

static const uint64_t *const specials[TYPES] = {special_f32, special_f64, special_f16,
                                                special_bf16};

/* One in three special, one in three with ordinary magnitude, one in three with any bits. */
static uint64_t element_bits(oracle_type type, uint64_t number) {
  static const unsigned exponent_shift[TYPES] = {23, 52, 10, 7};
  static const uint64_t exponent_of_one[TYPES] = {127, 1023, 15, 127};
  const unsigned bits = (unsigned)oracle_bytes(type) * 8;
  const uint64_t sign = UINT64_C(1) << (bits - 1);
  const uint64_t random = scatter(number) >> (64 - bits);
  switch (number % 3) {
    case 0:
      return specials[type][number / 3 % LENGTH(special_f32)] | (number / 30 % 2 == 0 ? 0 : sign);
    case 1:
      return (random & (sign | ((UINT64_C(1) << exponent_shift[type]) - 1))) |
             exponent_of_one[type] << exponent_shift[type];
    default:
      return random;
  }
}

void fill_elements(oracle_type type, void *elements, size_t count, uint64_t salt) {
  const size_t bytes = oracle_bytes(type);
  unsigned char *target = elements;
  for (size_t i = 0; i < count; i++) {
    const uint64_t bits = element_bits(type, i + salt * 7);
    memcpy(target + i * bytes, &bits, bytes);
  }
}

void fill_bits(void *bytes, size_t count, uint64_t salt) {
  unsigned char *target = bytes;
  for (size_t i = 0; i < count; i++) {
    target[i] = (unsigned char)scatter(i + salt * 131);
  }
}
