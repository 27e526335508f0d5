/*
 * The known answers that every implementation in every language reads, against the headers and the
 * library. The file is the argument.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness.h"
#include "jdropout/activation.h"
#include "jdropout/keep.h"
#include "jdropout/philox4x32.h"

#define LINE_BYTES 256
#define MAX_FIELDS 16

typedef struct known_answer {
  const char *text;
  char *fields[MAX_FIELDS];
  size_t count;
} known_answer;

static void require_fields(const known_answer *line, size_t count) {
  CHECK(line->count == count, "%zu fields and not %zu: %s", line->count, count, line->text);
}

static uint64_t hexadecimal(const known_answer *line, size_t field) {
  char *end = NULL;
  const uint64_t value = strtoull(line->fields[field], &end, 16);
  CHECK(*end == '\0', "no number, %s: %s", line->fields[field], line->text);
  return value;
}

static uint32_t word(const known_answer *line, size_t field) {
  return (uint32_t)hexadecimal(line, field);
}

static uint64_t two_words(const known_answer *line, size_t field) {
  return (uint64_t)word(line, field + 1) << 32 | word(line, field);
}

static double decimal(const known_answer *line, size_t field) {
  char *end = NULL;
  const double value = strtod(line->fields[field], &end);
  CHECK(*end == '\0', "no number, %s: %s", line->fields[field], line->text);
  return value;
}

static void check_philox(const known_answer *line) {
  require_fields(line, 12);
  const jdropout_quad quad =
      jdropout_philox4x32(two_words(line, 6), two_words(line, 4), two_words(line, 2));
  int is_equal = 1;
  for (size_t i = 0; i < 4; i++) {
    is_equal = is_equal && quad.word[i] == word(line, 8 + i);
  }
  const int is_expected = strcmp(line->fields[1], "10") == 0;
  CHECK(is_equal == is_expected, "%s: %s", is_expected ? "differs" : "must differ", line->text);
}

static void check_threshold(const known_answer *line) {
  require_fields(line, 3);
  const uint32_t threshold = jdropout_threshold(decimal(line, 1));
  CHECK(threshold == (uint32_t)decimal(line, 2), "T is %" PRIu32 ": %s", threshold, line->text);
}

static void check_scale(const known_answer *line) {
  require_fields(line, 4);
  const uint32_t threshold = (uint32_t)decimal(line, 1);
  const float f32 = jdropout_training_scale_f32(threshold);
  const double f64 = jdropout_training_scale_f64(threshold);
  uint32_t bits_f32;
  uint64_t bits_f64;
  memcpy(&bits_f32, &f32, sizeof f32);
  memcpy(&bits_f64, &f64, sizeof f64);
  CHECK(bits_f32 == word(line, 2), "binary32 is %08" PRIx32 ": %s", bits_f32, line->text);
  CHECK(bits_f64 == hexadecimal(line, 3), "binary64 is %016" PRIx64 ": %s", bits_f64, line->text);
}

static void check_mask(const known_answer *line) {
  require_fields(line, 6);
  const uint64_t seed = hexadecimal(line, 1);
  const uint64_t stream = hexadecimal(line, 2);
  const uint64_t first_index = hexadecimal(line, 3);
  const double p = decimal(line, 4);
  const uint64_t expected = hexadecimal(line, 5);
  uint64_t by_header = 0;
  for (uint64_t i = 0; i < 64; i++) {
    by_header |= (uint64_t)jdropout_keeps(seed, stream, first_index + i, jdropout_threshold(p))
                 << i;
  }
  CHECK(by_header == expected, "keep.h gives %016" PRIx64 ": %s", by_header, line->text);
  unsigned char bytes[8];
  CHECK(jdropout_mask(p, seed, stream, first_index, bytes, 64) == JDROPOUT_OK, "%s: %s",
        jdropout_last_error(), line->text);
  uint64_t by_library = 0;
  for (unsigned i = 0; i < 8; i++) {
    by_library |= (uint64_t)bytes[i] << (8 * i);
  }
  CHECK(by_library == expected, "jdropout_mask gives %016" PRIx64 ": %s", by_library, line->text);
}

typedef struct activation {
  const char *name;
  float (*value)(float z);
  float (*derivative)(float z);
} activation;

static float identity(float z) { return z; }

static float identity_derivative(float z) {
  (void)z;
  return 1.0f;
}

static float relu_derivative(float z) { return z <= 0.0f ? 0.0f : 1.0f; }

static const activation activations[] = {
    {"identity", identity, identity_derivative},
    {"relu", jdropout_relu, relu_derivative},
    {"gelu", jdropout_gelu, jdropout_gelu_derivative},
    {"gelu_tanh", jdropout_gelu_tanh, jdropout_gelu_tanh_derivative},
    {"silu", jdropout_silu, jdropout_silu_derivative}};

/* Any NaN is the one that stands for all. */
static uint32_t bits_of(float value) {
  return isnan(value) ? 0x7FC00000 : (uint32_t)jdropout_bits_of_float(value);
}

static void check_activation(const known_answer *line) {
  require_fields(line, 5);
  const float z = jdropout_float_of_bits((int32_t)word(line, 2));
  for (size_t i = 0; i < LENGTH(activations); i++) {
    if (strcmp(line->fields[1], activations[i].name) == 0) {
      const uint32_t value = bits_of(activations[i].value(z));
      const uint32_t derivative = bits_of(activations[i].derivative(z));
      CHECK(value == word(line, 3), "the value is %08" PRIx32 ": %s", value, line->text);
      CHECK(derivative == word(line, 4), "the derivative is %08" PRIx32 ": %s", derivative,
            line->text);
      return;
    }
  }
  stop_failed("unknown activation: %s", line->text);
}

typedef struct kind {
  const char *name;
  void (*check)(const known_answer *line);
  unsigned lines;
} kind;

static kind kinds[] = {{"philox", check_philox, 0},
                       {"threshold", check_threshold, 0},
                       {"scale", check_scale, 0},
                       {"mask", check_mask, 0},
                       {"activation", check_activation, 0}};

static void check_line(char *text) {
  char copy[LINE_BYTES];
  memcpy(copy, text, strlen(text) + 1);
  known_answer line = {text, {NULL}, 0};
  for (char *field = strtok(copy, " "); field != NULL; field = strtok(NULL, " ")) {
    CHECK(line.count < MAX_FIELDS, "too many fields: %s", text);
    line.fields[line.count++] = field;
  }
  for (size_t i = 0; i < LENGTH(kinds); i++) {
    if (strcmp(line.fields[0], kinds[i].name) == 0) {
      kinds[i].check(&line);
      kinds[i].lines++;
      return;
    }
  }
  stop_failed("unknown kind of line: %s", text);
}

int main(int count, char **arguments) {
  require_isa();
  CHECK(count == 2, "the argument is the path of known-answers.txt");
  FILE *file = fopen(arguments[1], "r");
  CHECK(file != NULL, "cannot read %s", arguments[1]);
  char text[LINE_BYTES];
  while (fgets(text, sizeof text, file) != NULL) {
    const size_t length = strcspn(text, "\r\n");
    CHECK(text[length] != '\0', "line is not ended or too long: %s", text);
    text[length] = '\0';
    if (length != 0 && text[0] != '#') {
      check_line(text);
    }
  }
  (void)fclose(file);
  for (size_t i = 0; i < LENGTH(kinds); i++) {
    CHECK(kinds[i].lines > 0, "no line of kind %s", kinds[i].name);
    printf("%s: %u lines\n", kinds[i].name, kinds[i].lines);
  }
  return 0;
}
