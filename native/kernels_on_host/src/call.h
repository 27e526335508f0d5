/* What every exported function begins with. */
#ifndef KERNELS_ON_HOST_CALL_H
#define KERNELS_ON_HOST_CALL_H

#include <mutex>

#include "state.h"
#include "status.h"

#define EXPORTED extern "C" __attribute__((visibility("default")))

namespace kernels_on_host {

/* The status that a test has ordered for this call of the function, or SUCCESS. */
Status ordered_failure(const char *function);
/* Each as FUNCTION:N:STATUS: the N-th call from now returns STATUS and does nothing else. */
void order_failures(const char *specification);

}  // namespace kernels_on_host

/* Begins a function that needs nothing but the lock. */
#define BEGIN_ANY(function)                                                                 \
  const std::lock_guard<std::mutex> lock(kernels_on_host::driver.lock);                     \
  if (const auto failure = kernels_on_host::ordered_failure(#function); failure != SUCCESS) \
  return failure

/* Begins a function that needs cuInit. */
#define BEGIN(function)                        \
  BEGIN_ANY(function);                         \
  if (!kernels_on_host::driver.is_initialized) \
  return NOT_INITIALIZED

#define RETURN_IF_FAILED(expression)                             \
  do {                                                           \
    if (const auto status_ = (expression); status_ != SUCCESS) { \
      return status_;                                            \
    }                                                            \
  } while (0)

/* Begins a function that needs a context without an error; names it `context`. */
#define BEGIN_IN_CONTEXT(function)                              \
  BEGIN(function);                                              \
  kernels_on_host::Context *context_{};                         \
  RETURN_IF_FAILED(kernels_on_host::current_context(context_)); \
  kernels_on_host::Context &context = *context_

#endif
