/*
 * The mask contract, slow and obvious: one element at a time.
 *
 * Shares no code and no constant with the library. Needs rounding to nearest and no flushing of
 * subnormal numbers. A kept NaN becomes some NaN; compare with oracle_is_nan.
 */
#ifndef JDROPOUT_TEST_ORACLE_H
#define JDROPOUT_TEST_ORACLE_H

#include <stddef.h>
#include <stdint.h>

typedef enum oracle_type { ORACLE_F32, ORACLE_F64, ORACLE_F16, ORACLE_BF16 } oracle_type;

/* Philox4x32 with any number of rounds. */
void oracle_philox(const uint32_t counter[4], const uint32_t key[2], int rounds,
                   uint32_t result[4]);

uint32_t oracle_threshold(double p);

/* 65536 / T, rounded once; 0 for T == 0. */
double oracle_training_scale_f64(uint32_t threshold);
float oracle_training_scale_f32(uint32_t threshold);

int oracle_keeps(uint64_t seed, uint64_t stream, uint64_t element, double p);

size_t oracle_bytes(oracle_type type);

int oracle_is_nan(oracle_type type, const void *element);

/* Writes what becomes of one element by jdropout_forward_*. */
void oracle_forward(oracle_type type, double p, int is_classical, int is_kept, const void *input,
                    void *output);

/* The same by jdropout_apply_*. */
void oracle_apply(oracle_type type, double p, int is_classical, int bit, const void *input,
                  void *output);

/* The same by jdropout_scale_*. */
void oracle_scale(oracle_type type, double factor, const void *input, void *output);

/* Widens an element of f32, f16 or bf16. */
float oracle_float(oracle_type type, const void *element);

/* Rounds to an element of f32, f16 or bf16. */
void oracle_round(oracle_type type, float value, void *element);

#endif
