/*
 * What every test needs: checks that end the test with the case in words, and the check that the
 * library uses the instruction set that the test is run for.
 */
#ifndef JDROPOUT_TEST_HARNESS_H
#define JDROPOUT_TEST_HARNESS_H

#include <stddef.h>
#include <stdint.h>

#include "jdropout.h"
#include "oracle.h"

/* ctest's SKIP_RETURN_CODE. */
#define SKIPPED 77

/* Prints, as by printf, and ends the test. */
__attribute__((noreturn, format(printf, 1, 2))) void stop_failed(const char *format, ...);
__attribute__((noreturn, format(printf, 1, 2))) void stop_skipped(const char *format, ...);

#define CHECK(condition, ...)   \
  do {                          \
    if (!(condition)) {         \
      stop_failed(__VA_ARGS__); \
    }                           \
  } while (0)

/* Ends the test as skipped if the processor lacks the instruction set in JDROPOUT_MAX_ISA. */
void require_isa(void);

/* The functions of one element type. */
typedef struct typed_abi {
  const char *name;
  oracle_type type;
  size_t bytes;
  jdropout_status (*forward)(double, uint32_t, uint64_t, uint64_t, uint64_t, const void *, void *,
                             uint64_t);
  jdropout_status (*forward_rows)(double, uint32_t, uint64_t, uint64_t, uint64_t, uint64_t,
                                  const void *, uint64_t, void *, uint64_t, uint64_t, uint64_t);
  jdropout_status (*forward_shared)(double, uint32_t, uint64_t, uint64_t, uint64_t, uint64_t,
                                    uint64_t, uint64_t, uint64_t, const void *, void *, uint64_t);
  jdropout_status (*apply)(double, uint32_t, const void *, uint64_t, const void *, void *,
                           uint64_t);
  jdropout_status (*apply_rows)(double, uint32_t, const void *, uint64_t, uint64_t, const void *,
                                uint64_t, void *, uint64_t, uint64_t, uint64_t);
  jdropout_status (*scale)(double, uint32_t, const void *, void *, uint64_t);
} typed_abi;

#define TYPES 4
extern const typed_abi typed_abis[TYPES];

/* Those of layers, of one element type. */
typedef struct typed_epilogues {
  const char *name;
  oracle_type type;
  jdropout_status (*forward)(uint32_t, uint32_t, float, uint32_t, uint64_t, uint64_t, uint64_t,
                             uint64_t, const void *, uint64_t, const void *, const void *, uint64_t,
                             void *, uint64_t, void *, uint64_t, uint64_t, uint64_t);
  jdropout_status (*gradient)(uint32_t, uint32_t, float, uint32_t, uint64_t, uint64_t, uint64_t,
                              uint64_t, const void *, uint64_t, const void *, uint64_t,
                              const void *, const void *, uint64_t, void *, uint64_t, void *,
                              uint64_t, uint64_t, uint64_t);
} typed_epilogues;

#define EPILOGUE_TYPES 3
extern const typed_epilogues epilogue_abis[EPILOGUE_TYPES];

/* Probabilities at and between the ends of the range. */
#define PROBABILITIES 7
extern const double probabilities[PROBABILITIES];

/* First indices at the start, between quads and words, and where the quad's upper half changes. */
#define FIRST_INDICES 7
extern const uint64_t first_indices[FIRST_INDICES];

#define LENGTH(array) (sizeof(array) / sizeof *(array))

/* A number that looks random; the same in every run. */
uint64_t scatter(uint64_t number);

/* Writes elements: NaN, infinities, zeros, subnormal, largest and ordinary values. */
void fill_elements(oracle_type type, void *elements, size_t count, uint64_t salt);

/* Writes bytes that look random. */
void fill_bits(void *bytes, size_t count, uint64_t salt);

static inline int bit_at(const unsigned char *packed, uint64_t bit) {
  return packed[bit / 8] >> (bit % 8) & 1;
}

#endif
