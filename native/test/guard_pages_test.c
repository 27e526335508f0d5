/*
 * No byte outside the elements is read or written, at any size and alignment: each buffer ends
 * right before, or begins right after, a page that cannot be accessed. The input's and the mask's
 * pages are read-only as well.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "harness.h"

#define SEED 42
#define STREAM 7

/* Room for a buffer, with pages that cannot be accessed around it. */
#define ROOM 32768u

/* Tails after no tile and after one. */
#define TAILS 131u
#define TILE 1024u

#define SHIFTS 64u

/* One piece of memory at two addresses. */
typedef struct guarded {
  unsigned char *start;    /* between the guards, as the library sees it */
  unsigned char *writable; /* for the test */
} guarded;

static guarded input_room;
static guarded output_room;
static guarded mask_room;

static guarded guard(int protection) {
  const size_t page = (size_t)sysconf(_SC_PAGESIZE);
  CHECK(ROOM % page == 0, "pages of %zu bytes do not divide the room", page);
  const int file = memfd_create("room", 0);
  CHECK(file >= 0 && ftruncate(file, ROOM) == 0, "memfd_create failed");
  unsigned char *all = mmap(NULL, ROOM + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  CHECK(all != MAP_FAILED, "mmap failed");
  guarded room;
  room.start = mmap(all + page, ROOM, protection, MAP_SHARED | MAP_FIXED, file, 0);
  room.writable = mmap(NULL, ROOM, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  CHECK(room.start != MAP_FAILED && room.writable != MAP_FAILED, "mmap failed");
  (void)close(file);
  return room;
}

/* Returns where a buffer begins that is `shift` bytes off the first or the last page's edge. */
static size_t offset_of(size_t bytes, int is_at_end, size_t shift) {
  return is_at_end ? ROOM - bytes - shift : shift;
}

/* Returns where a read-only copy lies. */
static const unsigned char *place_copy(guarded room, const void *content, size_t bytes,
                                       int is_at_end, size_t shift) {
  const size_t at = offset_of(bytes, is_at_end, shift);
  memcpy(room.writable + at, content, bytes);
  return room.start + at;
}

typedef enum operation_kind {
  FORWARD,
  FORWARD_ROWS,
  SHARED,
  APPLY,
  APPLY_ROWS,
  SCALE
} operation_kind;
#define OPERATIONS 6
static const char *const operation_names[OPERATIONS] = {"forward", "forward_rows", "shared",
                                                        "apply",   "apply_rows",   "scale"};

/* The rows of the row operations: two, so the second ends the buffer. */
static uint64_t columns_of(uint64_t count) { return count / 2; }
static uint64_t stride_of(uint64_t count) { return count - columns_of(count); }

static jdropout_status run(const typed_abi *abi, operation_kind operation, uint32_t flags,
                           const void *input, void *output, const void *mask, uint64_t first_bit,
                           uint64_t count) {
  const uint64_t stride = stride_of(count);
  switch (operation) {
    case FORWARD:
      return abi->forward(0.3, flags, SEED, STREAM, 5, input, output, count);
    case FORWARD_ROWS:
      return abi->forward_rows(0.3, flags, SEED, STREAM, 5, count, input, stride, output, stride, 2,
                               columns_of(count));
    case SHARED:
      return abi->forward_shared(0.3, flags, SEED, STREAM, 5, 2 + count / 21, 7, 3, 2, input,
                                 output, count);
    case APPLY:
      return abi->apply(0.3, flags, mask, first_bit, input, output, count);
    case APPLY_ROWS:
      return abi->apply_rows(0.3, flags, mask, first_bit, stride, input, stride, output, stride, 2,
                             columns_of(count));
    default:
      return abi->scale(0.7, flags, input, output, count);
  }
}

static void check_place(const typed_abi *abi, operation_kind operation, const void *input,
                        const unsigned char *expected, const unsigned char *packed, uint64_t count,
                        int is_at_end, size_t shift) {
  const size_t bytes = (size_t)count * abi->bytes;
  /* One of the buffers touches the guard; the other takes all alignments. */
  const size_t input_shift = shift % 2 == 0 ? 0 : shift / 2;
  const size_t output_shift = shift % 2 == 0 ? shift / 2 : 0;
  const uint64_t first_bit = shift % 8;
  const unsigned char *source = place_copy(input_room, input, bytes, is_at_end, input_shift);
  const unsigned char *mask =
      place_copy(mask_room, packed, (size_t)(first_bit + count + 7) / 8, is_at_end, 0);
  unsigned char *target = output_room.start + offset_of(bytes, is_at_end, output_shift);
  memset(target, 0xA5, bytes);
  const jdropout_status status = run(abi, operation, shift / 2 % 2 * JDROPOUT_STREAMING, source,
                                     target, mask, first_bit, count);
  CHECK(status == JDROPOUT_OK, "%s: %s", operation_names[operation], jdropout_last_error());
  /* Masks differ in their first bit, so what they give is checked elsewhere. */
  const int is_given_mask = operation == APPLY || operation == APPLY_ROWS;
  CHECK(is_given_mask || memcmp(target, expected, bytes) == 0,
        "%s_%s of %llu elements depends on the address, shift %zu", operation_names[operation],
        abi->name, (unsigned long long)count, shift);
}

static void check_count(const typed_abi *abi, uint64_t count, size_t shifts) {
  static unsigned char input[ROOM];
  static unsigned char expected[ROOM];
  static unsigned char packed[ROOM];
  for (size_t i = 0; i < count; i++) {
    const float one[2] = {1, 1};
    memcpy(input + i * abi->bytes, one, abi->bytes);
  }
  fill_bits(packed, sizeof packed, count);
  for (operation_kind operation = FORWARD; operation < OPERATIONS; operation++) {
    memset(expected, 0xA5, sizeof expected);
    CHECK(run(abi, operation, 0, input, expected, packed, 0, count) == JDROPOUT_OK, "%s: %s",
          operation_names[operation], jdropout_last_error());
    for (size_t shift = 0; shift < shifts; shift++) {
      check_place(abi, operation, input, expected, packed, count, 0, shift);
      check_place(abi, operation, input, expected, packed, count, 1, shift);
    }
  }
}

static void check_masks(void) {
  for (uint64_t count = 1; count < TILE + TAILS; count++) {
    const size_t bytes = (size_t)(count + 7) / 8;
    for (int is_at_end = 0; is_at_end < 2; is_at_end++) {
      for (size_t shift = 0; shift < 9; shift++) {
        unsigned char *mask = output_room.start + offset_of(bytes, is_at_end, shift);
        CHECK(jdropout_mask(0.3, SEED, STREAM, count, mask, count) == JDROPOUT_OK, "mask: %s",
              jdropout_last_error());
      }
    }
  }
}

int main(void) {
  require_isa();
  input_room = guard(PROT_READ);
  output_room = guard(PROT_READ | PROT_WRITE);
  mask_room = guard(PROT_READ);
  for (size_t type = 0; type < TYPES; type++) {
    for (uint64_t tail = 0; tail < TAILS; tail++) {
      check_count(&typed_abis[type], tail, 2 * SHIFTS);
    }
    for (uint64_t tail = 0; tail < TAILS; tail += 3) {
      check_count(&typed_abis[type], TILE + tail, 6);
      check_count(&typed_abis[type], 2 * TILE + tail, 3);
    }
  }
  check_masks();
  printf("nothing outside is touched with %s\n", jdropout_isa());
  return 0;
}
