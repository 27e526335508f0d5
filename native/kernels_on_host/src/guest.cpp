#include "guest.h"

#include "call.h"
#include "memory.h"
#include "report.h"

using namespace kernels_on_host;

int kernels_on_host_ordered(const char *function) {
  const std::lock_guard<std::mutex> lock(driver.lock);
  return ordered_failure(function);
}

int kernels_on_host_context(void **context) {
  const std::lock_guard<std::mutex> lock(driver.lock);
  Context *current = nullptr;
  RETURN_IF_FAILED(current_context(current));
  *context = current->handle;
  return SUCCESS;
}

int kernels_on_host_queue(void *stream_handle, int (*run)(const void *), void (*forget)(void *),
                          void *work) {
  const std::shared_ptr<void> kept(work, forget);
  const std::lock_guard<std::mutex> lock(driver.lock);
  Context *context = nullptr;
  RETURN_IF_FAILED(current_context(context));
  std::shared_ptr<Stream> stream;
  RETURN_IF_FAILED(stream_of(*context, stream_handle, stream));
  return queue(stream, [run, kept] { return static_cast<Status>(run(kept.get())); });
}

/* Work runs under the driver's lock. */
int kernels_on_host_require(const char *what, uintptr_t address, uint64_t bytes) {
  const Allocation *allocation = memory.find(address);
  if (allocation == nullptr || allocation->place == PINNED || !memory.holds(address, bytes)) {
    report(text("%s: %llu bytes at %#llx, %s", what, static_cast<unsigned long long>(bytes),
                static_cast<unsigned long long>(address), memory.describe(address).c_str()));
    return ILLEGAL_ADDRESS;
  }
  return SUCCESS;
}
