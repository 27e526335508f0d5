/* What tests have and the driver has not: the report, failures to order, and what is left. */
#include <cstring>

#include "call.h"
#include "memory.h"
#include "report.h"

using namespace kernels_on_host;

/* What went wrong so far, a line each; empty if nothing did. */
EXPORTED const char *kernels_on_host_report() {
  const std::lock_guard<std::mutex> lock(driver.lock);
  return reported();
}

/* Forgets the report, and makes every context usable again. */
EXPORTED void kernels_on_host_clear() {
  const std::lock_guard<std::mutex> lock(driver.lock);
  clear_report();
  driver.contexts.for_each(
      [](const std::shared_ptr<Context> &context) { context->error = SUCCESS; });
}

/* FUNCTION:N:STATUS, and more after commas: the N-th call from now returns STATUS. */
EXPORTED void kernels_on_host_fail(const char *specification) {
  const std::lock_guard<std::mutex> lock(driver.lock);
  order_failures(specification);
}

/*
 * How many live objects there are of a kind: streams, events, modules, graphs, executables; or how
 * many bytes: pinned. -1 for any other word.
 */
EXPORTED long kernels_on_host_count(const char *kind) {
  const std::lock_guard<std::mutex> lock(driver.lock);
  const auto is = [&](const char *word) { return std::strcmp(kind, word) == 0; };
  return static_cast<long>(is("streams")       ? driver.streams.count()
                           : is("events")      ? driver.events.count()
                           : is("modules")     ? driver.modules.count()
                           : is("graphs")      ? driver.graphs.count()
                           : is("executables") ? driver.executables.count()
                           : is("pinned")      ? memory.used(PINNED)
                                               : UINT64_MAX);
}
