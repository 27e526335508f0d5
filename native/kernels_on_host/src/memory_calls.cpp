/* Allocation, and what the driver knows about a pointer. */
#include <cstring>

#include "call.h"
#include "memory.h"

using namespace kernels_on_host;

namespace {

constexpr unsigned MEMORY_TYPE_HOST = 1;
constexpr unsigned MEMORY_TYPE_DEVICE = 2;

Status allocate_pinned(void **address, size_t bytes) {
  Context *context = nullptr;
  RETURN_IF_FAILED(current_context(context));
  if (address == nullptr || bytes == 0) {
    return INVALID_VALUE;
  }
  const uintptr_t found = memory.allocate(PINNED, bytes, context->id);
  if (found == 0) {
    return OUT_OF_MEMORY;
  }
  *address = reinterpret_cast<void *>(found);
  return SUCCESS;
}

Handle owner_of(const Allocation &allocation) {
  Handle owner = nullptr;
  driver.contexts.for_each([&](const std::shared_ptr<Context> &context) {
    if (context->id == allocation.context) {
      owner = context->handle;
    }
  });
  return owner;
}

template <typename T>
void put(void *data, T value) {
  std::memcpy(data, &value, sizeof value);
}

/* Of no allocation, everything is zero. */
Status put_attribute(void *data, int attribute, uintptr_t pointer, const Allocation *allocation) {
  if (data == nullptr) {
    return INVALID_VALUE;
  }
  const bool is_known = allocation != nullptr;
  const bool is_pinned = is_known && allocation->place == PINNED;
  switch (attribute) {
    case 1: /* CONTEXT */
      put(data, is_known ? owner_of(*allocation) : nullptr);
      return SUCCESS;
    case 2: /* MEMORY_TYPE */
      put(data, !is_known ? 0u : is_pinned ? MEMORY_TYPE_HOST : MEMORY_TYPE_DEVICE);
      return SUCCESS;
    case 3: /* DEVICE_POINTER */
      put(data, is_known ? pointer : uintptr_t{0});
      return SUCCESS;
    case 4: /* HOST_POINTER */
      put(data, is_pinned ? pointer : uintptr_t{0});
      return SUCCESS;
    case 6: /* SYNC_MEMOPS */
    case 8: /* IS_MANAGED */
      put(data, 0u);
      return SUCCESS;
    case 7: /* BUFFER_ID */
      put(data, is_known ? static_cast<unsigned long long>(allocation->id) : 0ULL);
      return SUCCESS;
    case 9: /* DEVICE_ORDINAL; page-locked memory is every device's, and the first's by default */
      put(data, is_known && !is_pinned ? allocation->place : 0);
      return SUCCESS;
    case 11: /* RANGE_START_ADDR */
      put(data, is_known ? allocation->address : uintptr_t{0});
      return SUCCESS;
    case 12: /* RANGE_SIZE */
      put(data, is_known ? static_cast<size_t>(allocation->bytes) : size_t{0});
      return SUCCESS;
    case 13: /* MAPPED */
      put(data, is_known ? 1u : 0u);
      return SUCCESS;
    default:
      return INVALID_VALUE;
  }
}

}  // namespace

EXPORTED int cuMemAlloc_v2(uintptr_t *address, size_t bytes) {
  BEGIN_IN_CONTEXT(cuMemAlloc_v2);
  if (address == nullptr || bytes == 0) {
    return INVALID_VALUE;
  }
  const uintptr_t found = memory.allocate(context.device, bytes, context.id);
  if (found == 0) {
    return OUT_OF_MEMORY;
  }
  *address = found;
  return SUCCESS;
}

EXPORTED int cuMemFree_v2(uintptr_t address) {
  BEGIN_IN_CONTEXT(cuMemFree_v2);
  (void)context;
  return address == 0 || memory.free(address, false) ? SUCCESS : INVALID_VALUE;
}

EXPORTED int cuMemAllocHost_v2(void **address, size_t bytes) {
  BEGIN(cuMemAllocHost_v2);
  return allocate_pinned(address, bytes);
}

EXPORTED int cuMemHostAlloc(void **address, size_t bytes, unsigned flags) {
  BEGIN(cuMemHostAlloc);
  (void)flags;
  return allocate_pinned(address, bytes);
}

EXPORTED int cuMemFreeHost(void *address) {
  BEGIN_IN_CONTEXT(cuMemFreeHost);
  (void)context;
  return memory.free(reinterpret_cast<uintptr_t>(address), true) ? SUCCESS : INVALID_VALUE;
}

EXPORTED int cuMemGetInfo_v2(size_t *free, size_t *total) {
  BEGIN_IN_CONTEXT(cuMemGetInfo_v2);
  if (free == nullptr || total == nullptr) {
    return INVALID_VALUE;
  }
  *total = Memory::total();
  *free = Memory::total() - memory.used(context.device);
  return SUCCESS;
}

EXPORTED int cuPointerGetAttribute(void *data, int attribute, uintptr_t pointer) {
  BEGIN_IN_CONTEXT(cuPointerGetAttribute);
  (void)context;
  const Allocation *allocation = memory.find(pointer);
  return allocation == nullptr ? INVALID_VALUE
                               : put_attribute(data, attribute, pointer, allocation);
}

EXPORTED int cuPointerGetAttributes(unsigned count, const int *attributes, void **data,
                                    uintptr_t pointer) {
  BEGIN_IN_CONTEXT(cuPointerGetAttributes);
  (void)context;
  if (attributes == nullptr || data == nullptr) {
    return INVALID_VALUE;
  }
  const Allocation *allocation = memory.find(pointer);
  for (unsigned i = 0; i < count; i++) {
    RETURN_IF_FAILED(put_attribute(data[i], attributes[i], pointer, allocation));
  }
  return SUCCESS;
}
