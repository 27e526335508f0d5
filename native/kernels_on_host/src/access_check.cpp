#include "access_check.h"

#include <algorithm>
#include <vector>

#include "grid.h"
#include "image.h"
#include "memory.h"
#include "report.h"

/*
 * An access is a number: the phase, which is a block's time between two barriers, above the thread
 * in its block. Phases count up through all launches and are never used twice, so whatever is below
 * the launch's first phase is long ordered, and so is what the same block did in an earlier phase.
 * An access of another block of the launch never is.
 */

namespace kernels_on_host {

AccessCheck access_check;

namespace {

constexpr int THREAD_BITS = 11;
constexpr int32_t PHASE = 1 << THREAD_BITS;
/* In place of a thread: several have read the byte in this phase. */
constexpr int32_t SEVERAL = PHASE - 1;
constexpr int32_t LAST_PHASE = INT32_MAX - 2 * PHASE;

/* By block of the launch: its first phase. Only for reports. */
std::vector<int32_t> &block_phases = *new std::vector<int32_t>;

/* Beside the kernels' shared memory, as Shadow is beside the devices' memory. */
std::vector<int32_t> &shared_writers = *new std::vector<int32_t>;
std::vector<int32_t> &shared_readers = *new std::vector<int32_t>;

}  // namespace

/* The accesses to some bytes, and the first phase that is not ordered before the calling thread. */
struct AccessCheck::Bytes {
  int32_t *writers;
  int32_t *readers;
  int32_t unordered;
  bool is_shared;
};

void AccessCheck::begin_launch(int launch_device) {
  const uint64_t zeroed = image().zeroed.bytes;
  if (shared_writers.size() != zeroed) {
    shared_writers.assign(zeroed, 0);
    shared_readers.assign(zeroed, 0);
  }
  if (phase > LAST_PHASE / 2) {
    phase = 0;
  }
  device = launch_device;
  device_offset = static_cast<uint64_t>(device) * memory.shadow.place_bytes;
  pinned_offset = memory.shadow.bytes - memory.shadow.place_bytes;
  block_phases.clear();
  launch_phase = phase + PHASE;
  is_running = is_on;
  if (launch_phase == PHASE) {
    memory.forget_accesses();
    std::fill(shared_writers.begin(), shared_writers.end(), 0);
    std::fill(shared_readers.begin(), shared_readers.end(), 0);
  }
}

void AccessCheck::end_launch() { is_running = false; }

void AccessCheck::begin_phase() {
  if (phase >= LAST_PHASE) {
    /* A launch this long loses sight of what its earlier blocks did. */
    memory.forget_accesses();
    phase = 0;
    launch_phase = PHASE;
    block_phase = PHASE;
    block_phases.clear();
  }
  phase += PHASE;
}

void AccessCheck::begin_block() {
  begin_phase();
  block_phase = phase;
  block_phases.push_back(phase);
}

inline bool AccessCheck::conflicts(int32_t access, int32_t unordered) const {
  return (access >= unordered) & ((access < block_phase) | ((access >= phase) & (access != mine)));
}

namespace {

using Four = int32_t __attribute__((vector_size(16)));

/* Whether an access of another thread may be among them; false for nearly all bytes. */
template <typename Count>
inline bool any_from(const int32_t *accesses, Count bytes, int32_t unordered) {
  if (bytes % 4 != 0) {
    bool any = false;
    for (Count i = 0; i < bytes; i++) {
      any |= accesses[i] >= unordered;
    }
    return any;
  }
  Four any{};
  for (Count i = 0; i < bytes; i += 4) {
    Four four;
    __builtin_memcpy(&four, accesses + i, sizeof four);
    any |= four >= unordered;
  }
  uint64_t halves[2];
  __builtin_memcpy(halves, &any, sizeof any);
  return (halves[0] | halves[1]) != 0;
}

template <typename Count>
inline void fill(int32_t *accesses, Count bytes, int32_t access) {
  if (bytes % 4 != 0) {
    std::fill_n(accesses, bytes, access);
    return;
  }
  const Four four = {access, access, access, access};
  for (Count i = 0; i < bytes; i += 4) {
    __builtin_memcpy(accesses + i, &four, sizeof four);
  }
}

}  // namespace

/* Several readers of one byte leave a mark of their own, which conflicts with every writer. */
void AccessCheck::mix_readers(const Bytes &at, uint64_t bytes) const {
  for (uint64_t i = 0; i < bytes; i++) {
    const int32_t last = at.readers[i];
    if (last >= phase && last != mine) {
      at.readers[i] = phase | SEVERAL;
    } else if (last < at.unordered || last >= block_phase) {
      at.readers[i] = mine;
    }
  }
}

template <typename Count>
inline void AccessCheck::note_read(const Bytes &at, uintptr_t address, Count bytes) const {
  if (any_from(at.writers, bytes, at.unordered)) {
    refuse_race(at, address, bytes, false);
  }
  if (__builtin_expect(at.is_shared, 0)) {
    require_written(at, bytes);
  }
  if (any_from(at.readers, bytes, at.unordered)) {
    mix_readers(at, bytes);
  } else {
    fill(at.readers, bytes, mine);
  }
}

template <typename Count>
inline void AccessCheck::note_write(const Bytes &at, uintptr_t address, Count bytes) const {
  if (any_from(at.writers, bytes, at.unordered) || any_from(at.readers, bytes, at.unordered)) {
    refuse_race(at, address, bytes, true);
  }
  fill(at.writers, bytes, mine);
}

void AccessCheck::require_written(const Bytes &at, uint64_t bytes) const {
  for (uint64_t i = 0; i < bytes; i++) {
    if (at.writers[i] < block_phase) {
      fail_launch(LAUNCH_FAILED, "read of shared memory that no thread of the block wrote");
    }
  }
}

std::string AccessCheck::thread_of(int32_t access) const {
  const auto block =
      std::upper_bound(block_phases.begin(), block_phases.end(), access) - block_phases.begin() - 1;
  const int32_t thread = access & (PHASE - 1);
  std::string name = thread == SEVERAL ? std::string("several threads")
                                       : describe_thread(static_cast<uint32_t>(thread));
  return name + " of block " + describe_block(static_cast<uint64_t>(block));
}

/* Returns if all the accesses turn out to be ordered, or the thread's own. */
void AccessCheck::refuse_race(const Bytes &at, uintptr_t address, uint64_t bytes,
                              bool is_write) const {
  uint64_t i = 0;
  while (i < bytes && !conflicts(at.writers[i], at.unordered) &&
         !(is_write && conflicts(at.readers[i], at.unordered))) {
    i++;
  }
  if (i == bytes) {
    return;
  }
  const bool was_write = conflicts(at.writers[i], at.unordered);
  const std::string place =
      at.is_shared ? std::string("shared memory") : memory.describe(address + i);
  fail_launch(LAUNCH_FAILED,
              text("data race: %s of %llu bytes at %#llx, %s, which %s %s with no barrier between",
                   is_write ? "write" : "read", static_cast<unsigned long long>(bytes),
                   static_cast<unsigned long long>(address), place.c_str(),
                   thread_of(was_write ? at.writers[i] : at.readers[i]).c_str(),
                   was_write ? "wrote" : "read"));
}

void AccessCheck::refuse(uintptr_t address, uint64_t bytes, bool is_write) const {
  std::string place = memory.describe(address);
  /* An access that starts inside is wrong at its end. */
  if (memory.find(address) != nullptr && !memory.holds(address, bytes)) {
    place += ", and on past its end";
  }
  fail_launch(ILLEGAL_ADDRESS, text("%s of %llu bytes at %#llx, %s", is_write ? "write" : "read",
                                    static_cast<unsigned long long>(bytes),
                                    static_cast<unsigned long long>(address), place.c_str()));
}

/* For what `find` does not see at once: several granules, page-locked memory, other memory. */
bool AccessCheck::search(uintptr_t address, uint64_t bytes, bool is_write, Bytes &found) const {
  const Shadow &shadow = memory.shadow;
  const uint64_t offset = address - shadow.base;
  if (offset < shadow.bytes) {
    bool is_live =
        offset - device_offset < shadow.place_bytes || offset - pinned_offset < shadow.place_bytes;
    for (uint64_t checked = 0; checked < bytes && is_live;) {
      const uint64_t within = (offset + checked) % Shadow::GRANULE;
      const uint64_t here = std::min(bytes - checked, Shadow::GRANULE - within);
      is_live = within + here <= shadow.live[(offset + checked) / Shadow::GRANULE];
      checked += here;
    }
    if (!is_live) {
      refuse(address, bytes, is_write);
    }
    found = {shadow.writers + offset, shadow.readers + offset, launch_phase, false};
    return true;
  }
  if (is_fiber_stack(address)) {
    return false;
  }
  const Range &zeroed = image().zeroed;
  if (zeroed.holds(address)) {
    const uint64_t index = address - zeroed.start;
    found = {shared_writers.data() + index, shared_readers.data() + index, block_phase, true};
    return true;
  }
  if (!image().all.holds(address) || is_write) {
    refuse(address, bytes, is_write);
  }
  return false;
}

/* Fails the launch if the bytes may not be touched; false if there is nothing to note about them. */
inline bool AccessCheck::find(uintptr_t address, uint64_t bytes, bool is_write,
                              Bytes &found) const {
  const Shadow &shadow = memory.shadow;
  const uint64_t offset = address - shadow.base;
  if (__builtin_expect(
          offset - device_offset < shadow.place_bytes &&
              offset % Shadow::GRANULE + bytes <= shadow.live[offset / Shadow::GRANULE],
          1)) {
    found = {shadow.writers + offset, shadow.readers + offset, launch_phase, false};
    return true;
  }
  return search(address, bytes, is_write, found);
}

template <unsigned bytes>
inline void AccessCheck::read(uintptr_t address) {
  Bytes at;
  if (is_running && find(address, bytes, false, at)) {
    note_read(at, address, bytes);
  }
}

template <unsigned bytes>
inline void AccessCheck::write(uintptr_t address) {
  Bytes at;
  if (is_running && find(address, bytes, true, at)) {
    note_write(at, address, bytes);
  }
}

void AccessCheck::read_range(uintptr_t address, uint64_t bytes) {
  Bytes at;
  if (is_running && bytes > 0 && find(address, bytes, false, at)) {
    note_read(at, address, bytes);
  }
}

void AccessCheck::write_range(uintptr_t address, uint64_t bytes) {
  Bytes at;
  if (is_running && bytes > 0 && find(address, bytes, true, at)) {
    note_write(at, address, bytes);
  }
}

namespace {

template <unsigned bytes>
inline void require_alignment(uintptr_t address) {
  if (__builtin_expect(address % bytes != 0, 0)) {
    fail_launch(MISALIGNED_ADDRESS,
                text("access of %u bytes at %#llx, which is not a multiple of %u", bytes,
                     static_cast<unsigned long long>(address), bytes));
  }
}

inline uintptr_t number(const void *address) { return reinterpret_cast<uintptr_t>(address); }

}  // namespace
}  // namespace kernels_on_host

/*
 * What the compiler calls under -fsanitize=thread and -fsanitize=alignment, in place of the
 * sanitizers' own runtimes.
 */

using kernels_on_host::access_check;
using kernels_on_host::number;
using kernels_on_host::require_alignment;

#define ACCESSES_OF(bytes)                                                                        \
  void __tsan_read##bytes(void *address) {                                                        \
    require_alignment<bytes>(number(address));                                                    \
    access_check.read<bytes>(number(address));                                                    \
  }                                                                                               \
  void __tsan_write##bytes(void *address) {                                                       \
    require_alignment<bytes>(number(address));                                                    \
    access_check.write<bytes>(number(address));                                                   \
  }                                                                                               \
  void __tsan_volatile_read##bytes(void *address) { __tsan_read##bytes(address); }                \
  void __tsan_volatile_write##bytes(void *address) { __tsan_write##bytes(address); }              \
  void __tsan_unaligned_read##bytes(void *address) { access_check.read<bytes>(number(address)); } \
  void __tsan_unaligned_write##bytes(void *address) {                                             \
    access_check.write<bytes>(number(address));                                                   \
  }                                                                                               \
  void __tsan_unaligned_volatile_read##bytes(void *address) {                                     \
    access_check.read<bytes>(number(address));                                                    \
  }                                                                                               \
  void __tsan_unaligned_volatile_write##bytes(void *address) {                                    \
    access_check.write<bytes>(number(address));                                                   \
  }                                                                                               \
  void __tsan_read_write##bytes(void *address) {                                                  \
    __tsan_read##bytes(address);                                                                  \
    __tsan_write##bytes(address);                                                                 \
  }

/* Only what the compiler was told of the place is wrong, so only its alignment is of interest. */
struct kernels_on_host_place {
  const char *file;
  uint32_t line;
  uint32_t column;
};
struct kernels_on_host_mismatch {
  kernels_on_host_place place;
  const void *type;
  unsigned char log2_alignment;
  unsigned char kind;
};

extern "C" {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmissing-declarations"

ACCESSES_OF(1)
ACCESSES_OF(2)
ACCESSES_OF(4)
ACCESSES_OF(8)
ACCESSES_OF(16)

void __tsan_init() {}
void __tsan_func_entry(void *) {}
void __tsan_func_exit() {}
void __tsan_vptr_update(void **, void *) {}
void __tsan_vptr_read(void **) {}

void __tsan_read_range(void *address, unsigned long bytes) {
  access_check.read_range(number(address), bytes);
}
void __tsan_write_range(void *address, unsigned long bytes) {
  access_check.write_range(number(address), bytes);
}

void *__tsan_memcpy(void *target, const void *source, size_t bytes) {
  access_check.read_range(number(source), bytes);
  access_check.write_range(number(target), bytes);
  return __builtin_memcpy(target, source, bytes);
}
void *__tsan_memmove(void *target, const void *source, size_t bytes) {
  access_check.read_range(number(source), bytes);
  access_check.write_range(number(target), bytes);
  return __builtin_memmove(target, source, bytes);
}
void *__tsan_memset(void *target, int value, size_t bytes) {
  access_check.write_range(number(target), bytes);
  return __builtin_memset(target, value, bytes);
}

void __ubsan_handle_type_mismatch_v1(kernels_on_host_mismatch *mismatch, uintptr_t address) {
  const kernels_on_host_place &place = mismatch->place;
  kernels_on_host::fail_launch(
      kernels_on_host::MISALIGNED_ADDRESS,
      kernels_on_host::text("access at %#llx, which is not a multiple of %u, in line %u of %s",
                            static_cast<unsigned long long>(address),
                            1u << mismatch->log2_alignment, place.line, place.file));
}

#pragma GCC diagnostic pop
}
