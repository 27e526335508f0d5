/*
 * What a library above the driver needs of it, such as the stand-in for libcublas: work of its own
 * on the driver's streams.
 */
#ifndef KERNELS_ON_HOST_GUEST_H
#define KERNELS_ON_HOST_GUEST_H

#include <cstdint>

#define GUESTS extern "C" __attribute__((visibility("default")))

/* The status that a test has ordered for this call of a function, or 0. */
GUESTS int kernels_on_host_ordered(const char *function);
/* The calling thread's context, without an error; or a status of the driver. */
GUESTS int kernels_on_host_context(void **context);
/*
 * Queues work on a stream of the current context. `run` returns a status of the driver, and runs as
 * often as the graph does that has recorded it; `forget` is called once, when nothing can run it.
 */
GUESTS int kernels_on_host_queue(void *stream, int (*run)(const void *), void (*forget)(void *),
                                 void *work);
/* In `run`: that these are bytes of live device memory; else reports and returns a status. */
GUESTS int kernels_on_host_require(const char *what, uintptr_t address, uint64_t bytes);

#endif
