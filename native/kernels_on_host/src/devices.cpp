/* cuInit, the devices and their contexts. */
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "access_check.h"
#include "call.h"
#include "memory.h"

using namespace kernels_on_host;

namespace {

int environment(const char *name, int otherwise) {
  const char *value = std::getenv(name);
  return value == nullptr || *value == '\0' ? otherwise
                                            : static_cast<int>(std::strtol(value, nullptr, 10));
}

bool is_device(int ordinal) {
  return ordinal >= 0 && static_cast<size_t>(ordinal) < driver.primary.size();
}

/* Those that a program plans its work by; like an H100's, but small. */
int attribute_of(int ordinal, int attribute) {
  switch (attribute) {
    case 1: /* MAX_THREADS_PER_BLOCK */
    case 2: /* MAX_BLOCK_DIM_X */
    case 3: /* MAX_BLOCK_DIM_Y */
      return static_cast<int>(MAX_BLOCK_THREADS);
    case 4: /* MAX_BLOCK_DIM_Z */
      return 64;
    case 5: /* MAX_GRID_DIM_X */
      return 0x7FFFFFFF;
    case 6: /* MAX_GRID_DIM_Y */
    case 7: /* MAX_GRID_DIM_Z */
      return 65535;
    case 8: /* MAX_SHARED_MEMORY_PER_BLOCK */
      return 48 << 10;
    case 9: /* TOTAL_CONSTANT_MEMORY */
      return 64 << 10;
    case 10: /* WARP_SIZE */
      return 32;
    case 12: /* MAX_REGISTERS_PER_BLOCK */
      return 65536;
    case 13: /* CLOCK_RATE, in kHz */
      return 1500000;
    case 16: /* MULTIPROCESSOR_COUNT */
      return 4;
    case 33: /* PCI_BUS_ID */
      return ordinal + 1;
    case 36: /* MEMORY_CLOCK_RATE, in kHz */
      return 2500000;
    case 37: /* GLOBAL_MEMORY_BUS_WIDTH, in bits */
      return 512;
    case 38: /* L2_CACHE_SIZE */
      return 4 << 20;
    case 39: /* MAX_THREADS_PER_MULTIPROCESSOR */
      return 2048;
    case 40: /* ASYNC_ENGINE_COUNT */
      return 2;
    case 19: /* CAN_MAP_HOST_MEMORY */
    case 31: /* CONCURRENT_KERNELS */
    case 41: /* UNIFIED_ADDRESSING */
    case 78: /* STREAM_PRIORITIES_SUPPORTED */
      return 1;
    case 75: /* COMPUTE_CAPABILITY_MAJOR */
      return driver.compute / 10;
    case 76: /* COMPUTE_CAPABILITY_MINOR */
      return driver.compute % 10;
    case 81: /* MAX_SHARED_MEMORY_PER_MULTIPROCESSOR */
      return 228 << 10;
    case 82: /* MAX_REGISTERS_PER_MULTIPROCESSOR */
      return 65536;
    case 97: /* MAX_SHARED_MEMORY_PER_BLOCK_OPTIN */
      return 227 << 10;
    case 106: /* MAX_BLOCKS_PER_MULTIPROCESSOR */
      return 32;
    default:
      return 0;
  }
}

Status uuid_of(void *uuid, int ordinal) {
  if (uuid == nullptr) {
    return INVALID_VALUE;
  }
  if (!is_device(ordinal)) {
    return INVALID_DEVICE;
  }
  std::memcpy(uuid, "kernels on host", 16);
  static_cast<char *>(uuid)[15] = static_cast<char>(ordinal);
  return SUCCESS;
}

/* The handle is the same from one life of the primary context to the next, its id is not. */
void make_primary(int ordinal) {
  const auto at = static_cast<size_t>(ordinal);
  std::shared_ptr<Context> &context = driver.primary[at];
  const Handle handle = context == nullptr ? new_handle() : context->handle;
  /* The old one stays: streams that are still in use refer to it. */
  static auto &retired = *new std::vector<std::shared_ptr<Context>>;
  if (context != nullptr) {
    retired.push_back(context);
  }
  context = make_context(ordinal, true);
  context->handle = driver.contexts.put(handle, context);
}

}  // namespace

EXPORTED int cuInit(unsigned flags) {
  BEGIN_ANY(cuInit);
  if (flags != 0) {
    return INVALID_VALUE;
  }
  if (driver.is_initialized) {
    return SUCCESS;
  }
  const int devices = environment("KERNELS_ON_HOST_DEVICES", 2);
  driver.version = environment("KERNELS_ON_HOST_DRIVER_VERSION", 13000);
  driver.compute = environment("KERNELS_ON_HOST_COMPUTE", 90);
  access_check.is_on = environment("KERNELS_ON_HOST_CHECK", 1) != 0;
  if (devices <= 0) {
    return NO_DEVICE;
  }
  if (!memory.reserve(devices)) {
    return OUT_OF_MEMORY;
  }
  driver.primary.resize(static_cast<size_t>(devices));
  driver.primary_uses.resize(static_cast<size_t>(devices));
  order_failures(std::getenv("KERNELS_ON_HOST_FAIL"));
  driver.is_initialized = true;
  return SUCCESS;
}

EXPORTED int cuDriverGetVersion(int *version) {
  BEGIN_ANY(cuDriverGetVersion);
  if (version == nullptr) {
    return INVALID_VALUE;
  }
  /* May be asked before cuInit. */
  *version =
      driver.is_initialized ? driver.version : environment("KERNELS_ON_HOST_DRIVER_VERSION", 13000);
  return SUCCESS;
}

EXPORTED int cuDeviceGetCount(int *count) {
  BEGIN(cuDeviceGetCount);
  if (count == nullptr) {
    return INVALID_VALUE;
  }
  *count = static_cast<int>(driver.primary.size());
  return SUCCESS;
}

EXPORTED int cuDeviceGet(int *device, int ordinal) {
  BEGIN(cuDeviceGet);
  if (device == nullptr) {
    return INVALID_VALUE;
  }
  if (!is_device(ordinal)) {
    return INVALID_DEVICE;
  }
  *device = ordinal;
  return SUCCESS;
}

EXPORTED int cuDeviceGetName(char *name, int length, int device) {
  BEGIN(cuDeviceGetName);
  if (name == nullptr || length <= 0) {
    return INVALID_VALUE;
  }
  if (!is_device(device)) {
    return INVALID_DEVICE;
  }
  std::snprintf(name, static_cast<size_t>(length), "Kernels on host %d", device);
  return SUCCESS;
}

EXPORTED int cuDeviceGetAttribute(int *value, int attribute, int device) {
  BEGIN(cuDeviceGetAttribute);
  if (value == nullptr || attribute <= 0) {
    return INVALID_VALUE;
  }
  if (!is_device(device)) {
    return INVALID_DEVICE;
  }
  *value = attribute_of(device, attribute);
  return SUCCESS;
}

EXPORTED int cuDeviceTotalMem_v2(size_t *bytes, int device) {
  BEGIN(cuDeviceTotalMem_v2);
  if (bytes == nullptr) {
    return INVALID_VALUE;
  }
  if (!is_device(device)) {
    return INVALID_DEVICE;
  }
  *bytes = Memory::total();
  return SUCCESS;
}

EXPORTED int cuDeviceGetUuid(void *uuid, int device) {
  BEGIN(cuDeviceGetUuid);
  return uuid_of(uuid, device);
}

EXPORTED int cuDeviceGetUuid_v2(void *uuid, int device) {
  BEGIN(cuDeviceGetUuid_v2);
  return uuid_of(uuid, device);
}

EXPORTED int cuDevicePrimaryCtxRetain(Handle *context, int device) {
  BEGIN(cuDevicePrimaryCtxRetain);
  if (context == nullptr) {
    return INVALID_VALUE;
  }
  if (!is_device(device)) {
    return INVALID_DEVICE;
  }
  const auto at = static_cast<size_t>(device);
  if (driver.primary[at] == nullptr || driver.primary[at]->is_destroyed) {
    make_primary(device);
  }
  driver.primary_uses[at]++;
  *context = driver.primary[at]->handle;
  return SUCCESS;
}

EXPORTED int cuDevicePrimaryCtxRelease_v2(int device) {
  BEGIN(cuDevicePrimaryCtxRelease_v2);
  if (!is_device(device)) {
    return INVALID_DEVICE;
  }
  const auto at = static_cast<size_t>(device);
  if (driver.primary_uses[at] == 0) {
    return INVALID_CONTEXT;
  }
  if (--driver.primary_uses[at] == 0) {
    destroy(*driver.primary[at]);
  }
  return SUCCESS;
}

EXPORTED int cuDevicePrimaryCtxReset_v2(int device) {
  BEGIN(cuDevicePrimaryCtxReset_v2);
  if (!is_device(device)) {
    return INVALID_DEVICE;
  }
  const auto at = static_cast<size_t>(device);
  if (driver.primary[at] != nullptr && !driver.primary[at]->is_destroyed) {
    destroy(*driver.primary[at]);
  }
  return SUCCESS;
}

EXPORTED int cuDevicePrimaryCtxGetState(int device, unsigned *flags, int *active) {
  BEGIN(cuDevicePrimaryCtxGetState);
  if (flags == nullptr || active == nullptr) {
    return INVALID_VALUE;
  }
  if (!is_device(device)) {
    return INVALID_DEVICE;
  }
  const std::shared_ptr<Context> &context = driver.primary[static_cast<size_t>(device)];
  *flags = 0;
  *active = context != nullptr && !context->is_destroyed ? 1 : 0;
  return SUCCESS;
}
