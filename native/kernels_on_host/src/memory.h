/*
 * The memory of the devices and the page-locked memory of the host: where each allocation is, and,
 * for every byte, which thread of a kernel touched it last.
 *
 * Addresses are given out once. What has been freed stays reserved, so that a use of it is seen.
 */
#ifndef KERNELS_ON_HOST_MEMORY_H
#define KERNELS_ON_HOST_MEMORY_H

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>

namespace kernels_on_host {

/* Holds the page-locked memory; the devices have the places from 0. */
constexpr int PINNED = -1;

struct Allocation {
  uintptr_t address;
  uint64_t bytes;
  int place;
  /* The id of the context it belongs to. */
  uint64_t context;
  uint64_t id;
  bool is_freed;
};

/* Tables beside the memory. `offset` counts from `base`. */
struct Shadow {
  static constexpr uint64_t GRANULE = 256;

  uintptr_t base;
  uint64_t bytes;
  /* Of each place. */
  uint64_t place_bytes;
  /* How many bytes of the granule may be touched; they are its first ones. */
  uint16_t *live;
  /* The access that wrote, and the one that read the byte last; see access_check.cpp. */
  int32_t *writers;
  int32_t *readers;
};

class Memory {
 public:
  /* Reserves addresses for the places; false if the system has none to give. */
  bool reserve(int devices);

  /* Returns 0 if there is no memory left. */
  uintptr_t allocate(int place, uint64_t bytes, uint64_t context);
  /* False if no allocation starts there. */
  bool free(uintptr_t address, bool is_pinned);
  void free_all_of(uint64_t context);

  /* The live allocation that holds the address, or null. */
  const Allocation *find(uintptr_t address) const;
  /* Whether all the bytes belong to one live allocation. */
  bool holds(uintptr_t address, uint64_t bytes) const;
  bool is_reserved(uintptr_t address) const { return address - shadow.base < shadow.bytes; }

  /* Where the address is, for people: relative to the nearest allocation, live or freed. */
  std::string describe(uintptr_t address) const;

  uint64_t used(int place) const;
  static uint64_t total() { return UINT64_C(4) << 30; }

  /* Forgets which threads touched what. */
  void forget_accesses();

  Shadow shadow{};

 private:
  size_t index(int place) const { return static_cast<size_t>(place == PINNED ? devices : place); }
  void set_live(uintptr_t address, uint64_t bytes, bool is_live) const;
  void release(Allocation &allocation);

  int devices = 0;
  uint64_t ids = 0;
  std::map<uintptr_t, Allocation> allocations;
  /* By place: the next address to give out, and the bytes in use. */
  std::map<size_t, uintptr_t> next;
  std::map<size_t, uint64_t> in_use;
  /* Freed, and still holding the pattern. */
  std::deque<Allocation> quarantine;
  uint64_t quarantine_bytes = 0;
};

/* Never destroyed: a thread may still use the library while the process exits. */
extern Memory &memory;

}  // namespace kernels_on_host

#endif
