#include "memory.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>

#include "report.h"

namespace kernels_on_host {

Memory &memory = *new Memory;

namespace {

constexpr uint64_t PAGE = 4096;
/* Between two allocations, on top of the alignment. */
constexpr uint64_t RED_ZONE = 256;
constexpr int ALLOCATED_PATTERN = 0xE7;
constexpr int FREED_PATTERN = 0xDB;
constexpr uint64_t QUARANTINE_BYTES = UINT64_C(64) << 20;
constexpr uint64_t LARGEST_PLACE = UINT64_C(256) << 30;
constexpr uint64_t SMALLEST_PLACE = UINT64_C(4) << 30;

void *map(uint64_t bytes) {
  void *address = mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (address == MAP_FAILED) {
    return nullptr;
  }
  madvise(address, bytes, MADV_DONTDUMP);
  return address;
}

void unmap(void *address, uint64_t bytes) {
  if (address != nullptr) {
    munmap(address, bytes);
  }
}

/* Gives whole pages back to the system; their bytes read as zeros then. */
void discard(const void *start, uint64_t bytes) {
  const auto address = reinterpret_cast<uintptr_t>(start);
  const uintptr_t first = (address + PAGE - 1) / PAGE * PAGE;
  const uintptr_t end = (address + bytes) / PAGE * PAGE;
  if (first < end) {
    madvise(reinterpret_cast<void *>(first), end - first, MADV_DONTNEED);
  }
}

uint64_t round_up(uint64_t bytes) {
  return (bytes + Shadow::GRANULE - 1) / Shadow::GRANULE * Shadow::GRANULE;
}

}  // namespace

bool Memory::reserve(int device_count) {
  for (uint64_t place = LARGEST_PLACE; place >= SMALLEST_PLACE; place /= 2) {
    const uint64_t bytes = place * (static_cast<uint64_t>(device_count) + 1);
    const uint64_t table = bytes * sizeof(int32_t);
    const uint64_t granules = bytes / Shadow::GRANULE * sizeof(uint16_t);
    void *base = map(bytes);
    void *live = map(granules);
    void *writers = map(table);
    void *readers = map(table);
    if (base != nullptr && live != nullptr && writers != nullptr && readers != nullptr) {
      devices = device_count;
      shadow = {reinterpret_cast<uintptr_t>(base),
                bytes,
                place,
                static_cast<uint16_t *>(live),
                static_cast<int32_t *>(writers),
                static_cast<int32_t *>(readers)};
      for (size_t i = 0; i <= static_cast<size_t>(device_count); i++) {
        next[i] = shadow.base + i * place + RED_ZONE;
      }
      return true;
    }
    unmap(base, bytes);
    unmap(live, granules);
    unmap(writers, table);
    unmap(readers, table);
  }
  return false;
}

void Memory::set_live(uintptr_t address, uint64_t bytes, bool is_live) const {
  uint16_t *granule = shadow.live + (address - shadow.base) / Shadow::GRANULE;
  for (uint64_t done = 0; done < bytes; done += Shadow::GRANULE) {
    *granule++ = static_cast<uint16_t>(is_live ? std::min(bytes - done, Shadow::GRANULE) : 0);
  }
}

uintptr_t Memory::allocate(int place, uint64_t bytes, uint64_t context) {
  const size_t where = index(place);
  const uintptr_t end = shadow.base + (where + 1) * shadow.place_bytes;
  const uintptr_t address = next[where];
  if (bytes > total() - in_use[where] || round_up(bytes) + RED_ZONE > end - address) {
    return 0;
  }
  next[where] = address + round_up(bytes) + RED_ZONE;
  in_use[where] += bytes;
  allocations[address] = {address, bytes, place, context, ++ids, false};
  std::memset(reinterpret_cast<void *>(address), ALLOCATED_PATTERN, bytes);
  set_live(address, bytes, true);
  return address;
}

void Memory::release(Allocation &allocation) {
  allocation.is_freed = true;
  in_use[index(allocation.place)] -= allocation.bytes;
  set_live(allocation.address, allocation.bytes, false);
  const uint64_t offset = allocation.address - shadow.base;
  discard(shadow.writers + offset, allocation.bytes * sizeof *shadow.writers);
  discard(shadow.readers + offset, allocation.bytes * sizeof *shadow.readers);
  std::memset(reinterpret_cast<void *>(allocation.address), FREED_PATTERN, allocation.bytes);
  quarantine.push_back(allocation);
  quarantine_bytes += allocation.bytes;
  while (quarantine_bytes > QUARANTINE_BYTES) {
    const Allocation &oldest = quarantine.front();
    discard(reinterpret_cast<void *>(oldest.address), oldest.bytes);
    quarantine_bytes -= oldest.bytes;
    quarantine.pop_front();
  }
}

bool Memory::free(uintptr_t address, bool is_pinned) {
  const auto found = allocations.find(address);
  if (found == allocations.end() || found->second.is_freed ||
      (found->second.place == PINNED) != is_pinned) {
    return false;
  }
  release(found->second);
  return true;
}

void Memory::free_all_of(uint64_t context) {
  for (auto &entry : allocations) {
    if (entry.second.context == context && !entry.second.is_freed) {
      release(entry.second);
    }
  }
}

const Allocation *Memory::find(uintptr_t address) const {
  auto after = allocations.upper_bound(address);
  if (after == allocations.begin()) {
    return nullptr;
  }
  const Allocation &allocation = std::prev(after)->second;
  return !allocation.is_freed && address - allocation.address < allocation.bytes ? &allocation
                                                                                 : nullptr;
}

bool Memory::holds(uintptr_t address, uint64_t bytes) const {
  const Allocation *allocation = find(address);
  return allocation != nullptr && bytes <= allocation->bytes - (address - allocation->address);
}

std::string Memory::describe(uintptr_t address) const {
  if (!is_reserved(address)) {
    return "neither device memory nor page-locked memory";
  }
  auto after = allocations.upper_bound(address);
  const Allocation *nearest = after == allocations.end() ? nullptr : &after->second;
  if (after != allocations.begin()) {
    const Allocation *before = &std::prev(after)->second;
    const uint64_t past = address - before->address;
    if (nearest == nullptr || past < before->bytes ||
        past - before->bytes < nearest->address - address) {
      nearest = before;
    }
  }
  if (nearest == nullptr) {
    return "where nothing was ever allocated";
  }
  const uint64_t distance =
      address < nearest->address ? nearest->address - address : address - nearest->address;
  std::string place = nearest->place == PINNED ? std::string("page-locked memory")
                                               : text("device %d", nearest->place);
  std::string where = address < nearest->address
                          ? text("%llu bytes before", static_cast<unsigned long long>(distance))
                      : distance < nearest->bytes
                          ? text("byte %llu of", static_cast<unsigned long long>(distance))
                          : text("%llu bytes past the end of",
                                 static_cast<unsigned long long>(distance - nearest->bytes));
  return text("%s the %s%llu bytes at %#llx in %s", where.c_str(),
              nearest->is_freed ? "freed " : "", static_cast<unsigned long long>(nearest->bytes),
              static_cast<unsigned long long>(nearest->address), place.c_str());
}

uint64_t Memory::used(int place) const {
  const auto found = in_use.find(index(place));
  return found == in_use.end() ? 0 : found->second;
}

void Memory::forget_accesses() {
  for (const auto &entry : next) {
    const uint64_t offset = entry.first * shadow.place_bytes;
    const uint64_t bytes = (entry.second - shadow.base - offset) * sizeof(int32_t);
    /* The bytes up to the next page belong to nobody yet. */
    madvise(shadow.writers + offset, bytes, MADV_DONTNEED);
    madvise(shadow.readers + offset, bytes, MADV_DONTNEED);
  }
}

}  // namespace kernels_on_host
