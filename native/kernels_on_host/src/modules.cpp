/* Modules and the functions in them. */
#include <algorithm>
#include <cstring>

#include "call.h"
#include "ptx.h"
#include "report.h"

using namespace kernels_on_host;

namespace {

constexpr int INFO_LOG_BUFFER = 3;
constexpr int INFO_LOG_BUFFER_BYTES = 4;
constexpr int ERROR_LOG_BUFFER = 5;
constexpr int ERROR_LOG_BUFFER_BYTES = 6;

void **option(unsigned count, const int *options, void **values, int wanted) {
  for (unsigned i = 0; i < count; i++) {
    if (options[i] == wanted) {
      return &values[i];
    }
  }
  return nullptr;
}

/* The size is passed as if it were a pointer, and becomes the size of what was written. */
void write_log(void **buffer, void **bytes, const std::string &log) {
  if (buffer == nullptr || *buffer == nullptr || bytes == nullptr) {
    return;
  }
  const auto room = static_cast<size_t>(static_cast<uint32_t>(reinterpret_cast<uintptr_t>(*bytes)));
  if (room == 0) {
    return;
  }
  const size_t length = std::min(log.size(), room - 1);
  std::memcpy(*buffer, log.data(), length);
  static_cast<char *>(*buffer)[length] = '\0';
  *bytes = reinterpret_cast<void *>(length == 0 ? 0 : length + 1);
}

Status load(Handle *handle, const void *image, unsigned count, const int *options, void **values) {
  Context *context = nullptr;
  RETURN_IF_FAILED(current_context(context));
  if (handle == nullptr || image == nullptr ||
      (count > 0 && (options == nullptr || values == nullptr))) {
    return INVALID_VALUE;
  }
  auto module = std::make_shared<Module>();
  module->context = context;
  std::string log;
  const Status status = read_ptx(static_cast<const char *>(image), module->entries, log);
  write_log(option(count, options, values, INFO_LOG_BUFFER),
            option(count, options, values, INFO_LOG_BUFFER_BYTES), "");
  write_log(option(count, options, values, ERROR_LOG_BUFFER),
            option(count, options, values, ERROR_LOG_BUFFER_BYTES), log);
  if (status == SUCCESS) {
    *handle = driver.modules.add(module);
  }
  return status;
}

const Kernel *find_kernel(const std::string &name) {
  for (size_t source = 0; source < compiled_sources; source++) {
    const Kernels &all = *compiled_kernels[source];
    for (size_t i = 0; i < all.count; i++) {
      if (name == all.kernels[i].name) {
        return &all.kernels[i];
      }
    }
  }
  return nullptr;
}

}  // namespace

EXPORTED int cuModuleLoadDataEx(Handle *handle, const void *image, unsigned count,
                                const int *options, void **values) {
  BEGIN(cuModuleLoadDataEx);
  return load(handle, image, count, options, values);
}

EXPORTED int cuModuleLoadData(Handle *handle, const void *image) {
  BEGIN(cuModuleLoadData);
  return load(handle, image, 0, nullptr, nullptr);
}

EXPORTED int cuModuleUnload(Handle handle) {
  BEGIN_IN_CONTEXT(cuModuleUnload);
  const std::shared_ptr<Module> module = driver.modules.find(handle);
  if (module == nullptr || module->context != &context) {
    return INVALID_HANDLE;
  }
  driver.functions.remove_if([&](const Function &f) { return f.module == module.get(); });
  driver.modules.remove(handle);
  return SUCCESS;
}

EXPORTED int cuModuleGetFunction(Handle *handle, Handle module_handle, const char *name) {
  BEGIN_IN_CONTEXT(cuModuleGetFunction);
  if (handle == nullptr || name == nullptr || *name == '\0') {
    return INVALID_VALUE;
  }
  const std::shared_ptr<Module> module = driver.modules.find(module_handle);
  if (module == nullptr || module->context != &context) {
    return INVALID_HANDLE;
  }
  const auto entry = module->entries.find(name);
  if (entry == module->entries.end()) {
    return NOT_FOUND;
  }
  const Kernel *kernel = find_kernel(name);
  if (kernel == nullptr) {
    report(text("kernel %s is in the PTX, but this library was built without it", name));
    return NOT_FOUND;
  }
  auto function = std::make_shared<Function>();
  function->module = module.get();
  function->kernel = kernel;
  function->max_threads =
      entry->second.max_threads == 0 ? MAX_BLOCK_THREADS : entry->second.max_threads;
  *handle = driver.functions.add(function);
  return SUCCESS;
}

EXPORTED int cuFuncGetAttribute(int *value, int attribute, Handle handle) {
  BEGIN_IN_CONTEXT(cuFuncGetAttribute);
  (void)context;
  const std::shared_ptr<Function> function = driver.functions.find(handle);
  if (function == nullptr) {
    return INVALID_HANDLE;
  }
  if (value == nullptr) {
    return INVALID_VALUE;
  }
  switch (attribute) {
    case 0: /* MAX_THREADS_PER_BLOCK */
      *value = static_cast<int>(function->max_threads);
      return SUCCESS;
    case 4: /* NUM_REGS */
      *value = 32;
      return SUCCESS;
    case 5: /* PTX_VERSION */
    case 6: /* BINARY_VERSION */
      *value = driver.compute;
      return SUCCESS;
    default:
      *value = 0;
      return attribute < 0 ? INVALID_VALUE : SUCCESS;
  }
}
