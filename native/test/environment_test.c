/*
 * JDROPOUT_MAX_ISA names no instruction set: every operation is refused and writes nothing. The
 * argument is what the variable holds.
 */
#include <stdio.h>
#include <string.h>

#include "call_memory.h"

#define COUNT 40u

static void check_refused(const call_memory *memory, jdropout_status status, const char *value,
                          const char *operation) {
  static const char text[] =
      "environment variable JDROPOUT_MAX_ISA must be one of portable, avx2, avx512f, avx512bw but "
      "is ";
  const char *message = jdropout_last_error();
  CHECK(status == JDROPOUT_INVALID_ENVIRONMENT, "%s gives %d", operation, (int)status);
  CHECK(strncmp(message, text, strlen(text)) == 0 && strcmp(message + strlen(text), value) == 0,
        "%s says %s", operation, message);
  check_untouched(memory, "%s writes", operation);
}

static void check_type(const typed_abi *abi, const char *value) {
  const call_memory memory = prepare_memory(abi, contiguous(COUNT, 0, 0, 0), 0);
  const void *in = memory.input;
  void *out = memory.output;
  const unsigned char mask[COUNT] = {0};
  check_refused(&memory, abi->forward(0.5, 0, 1, 2, 3, in, out, COUNT), value, "forward");
  check_refused(&memory, abi->forward_rows(0.5, 0, 1, 2, 3, 20, in, 20, out, 20, 2, 20), value,
                "forward_rows");
  check_refused(&memory, abi->forward_shared(0.5, 0, 1, 2, 3, 2, 5, 4, 0, in, out, COUNT), value,
                "forward_shared");
  check_refused(&memory, abi->apply(0.5, 0, mask, 0, in, out, COUNT), value, "apply");
  check_refused(&memory, abi->apply_rows(0.5, 0, mask, 0, 20, in, 20, out, 20, 2, 20), value,
                "apply_rows");
  check_refused(&memory, abi->scale(0.5, 0, in, out, COUNT), value, "scale");
  check_refused(&memory, jdropout_mask(0.5, 1, 2, 3, out, COUNT), value, "mask");
}

int main(int count, char **arguments) {
  CHECK(count == 2, "the argument is what JDROPOUT_MAX_ISA holds");
  for (size_t type = 0; type < TYPES; type++) {
    check_type(&typed_abis[type], arguments[1]);
  }
  printf("%s is refused\n", arguments[1]);
  return 0;
}
