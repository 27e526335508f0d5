/* The driver's own look-up of its functions, by their names without a version. */
#include <dlfcn.h>

#include <string>

#include "call.h"

using namespace kernels_on_host;

namespace {

constexpr int FOUND = 0;
constexpr int NOT_FOUND_BY_NAME = 1;

/* This library by its own name, whatever else the process calls libcuda. */
void *own_handle() {
  static void *const handle = [] {
    Dl_info info{};
    return dladdr(reinterpret_cast<void *>(&own_handle), &info) == 0
               ? nullptr
               : dlopen(info.dli_fname, RTLD_LAZY | RTLD_NOLOAD);
  }();
  return handle;
}

}  // namespace

EXPORTED int cuGetProcAddress_v2(const char *symbol, void **function, int version, uint64_t flags,
                                 int *result) {
  BEGIN_ANY(cuGetProcAddress_v2);
  (void)version;
  (void)flags;
  if (symbol == nullptr || function == nullptr) {
    return INVALID_VALUE;
  }
  *function = nullptr;
  for (const char *suffix : {"_v2", ""}) {
    if (*function == nullptr && own_handle() != nullptr) {
      *function = dlsym(own_handle(), (std::string(symbol) + suffix).c_str());
    }
  }
  if (result != nullptr) {
    *result = *function != nullptr ? FOUND : NOT_FOUND_BY_NAME;
  }
  return *function != nullptr ? SUCCESS : NOT_FOUND;
}
