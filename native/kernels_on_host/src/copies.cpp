/* Copies and fills, of device memory and of both kinds of host memory. */
#include <cstring>
#include <vector>

#include "call.h"
#include "memory.h"
#include "report.h"

using namespace kernels_on_host;

namespace {

bool is_on_device(uintptr_t address, size_t bytes) {
  const Allocation *allocation = memory.find(address);
  return allocation != nullptr && allocation->place != PINNED && memory.holds(address, bytes);
}

bool is_pinned(const void *address) {
  return memory.is_reserved(reinterpret_cast<uintptr_t>(address));
}

/* Pageable memory is the caller's business; page-locked memory must hold all the bytes. */
bool is_on_host(const void *address, size_t bytes) {
  const auto number = reinterpret_cast<uintptr_t>(address);
  if (!is_pinned(address)) {
    return address != nullptr;
  }
  const Allocation *allocation = memory.find(number);
  return allocation != nullptr && allocation->place == PINNED && memory.holds(number, bytes);
}

void *pointer(uintptr_t address) { return reinterpret_cast<void *>(address); }

/* By the time it is done, memory that was there when the work was queued may have been freed. */
Status still_there(bool is_there, const char *what, uintptr_t address) {
  if (!is_there) {
    report(text("%s at %#llx, %s", what, static_cast<unsigned long long>(address),
                memory.describe(address).c_str()));
    return ILLEGAL_ADDRESS;
  }
  return SUCCESS;
}

Status queue_fill(const std::shared_ptr<Stream> &stream, uintptr_t target, unsigned char value,
                  size_t bytes) {
  if (!is_on_device(target, bytes)) {
    return INVALID_VALUE;
  }
  return queue(stream, [=] {
    RETURN_IF_FAILED(still_there(is_on_device(target, bytes), "fill", target));
    std::memset(pointer(target), value, bytes);
    return SUCCESS;
  });
}

Status queue_on_device(const std::shared_ptr<Stream> &stream, uintptr_t target, uintptr_t source,
                       size_t bytes) {
  if (!is_on_device(target, bytes) || !is_on_device(source, bytes)) {
    return INVALID_VALUE;
  }
  return queue(stream, [=] {
    RETURN_IF_FAILED(still_there(is_on_device(target, bytes), "copy to", target));
    RETURN_IF_FAILED(still_there(is_on_device(source, bytes), "copy from", source));
    std::memmove(pointer(target), pointer(source), bytes);
    return SUCCESS;
  });
}

/* Page-locked memory is read when the copy's turn comes, pageable memory before the call returns. */
Status queue_to_device(const std::shared_ptr<Stream> &stream, uintptr_t target, const void *source,
                       size_t bytes) {
  if (!is_on_device(target, bytes) || !is_on_host(source, bytes)) {
    return INVALID_VALUE;
  }
  const auto *start = static_cast<const unsigned char *>(source);
  auto staged = std::make_shared<std::vector<unsigned char>>();
  if (!is_pinned(source)) {
    staged->assign(start, start + bytes);
  }
  return queue(stream, [=] {
    RETURN_IF_FAILED(still_there(is_on_device(target, bytes), "copy to", target));
    RETURN_IF_FAILED(
        still_there(is_on_host(source, bytes), "copy from", reinterpret_cast<uintptr_t>(source)));
    std::memcpy(pointer(target), staged->empty() ? source : staged->data(), bytes);
    return SUCCESS;
  });
}

Status queue_to_host(const std::shared_ptr<Stream> &stream, void *target, uintptr_t source,
                     size_t bytes) {
  if (!is_on_device(source, bytes) || !is_on_host(target, bytes)) {
    return INVALID_VALUE;
  }
  return queue(stream, [=] {
    RETURN_IF_FAILED(still_there(is_on_device(source, bytes), "copy from", source));
    RETURN_IF_FAILED(
        still_there(is_on_host(target, bytes), "copy to", reinterpret_cast<uintptr_t>(target)));
    std::memcpy(target, pointer(source), bytes);
    return SUCCESS;
  });
}

}  // namespace

/* A copy of no bytes does nothing, wherever it points. */
#define BEGIN_COPY(function, stream_handle)                    \
  BEGIN_IN_CONTEXT(function);                                  \
  std::shared_ptr<Stream> stream;                              \
  RETURN_IF_FAILED(stream_of(context, stream_handle, stream)); \
  if (bytes == 0)                                              \
  return SUCCESS

/* The caller waits, which a capture forbids. */
#define BEGIN_BLOCKING_COPY(function) \
  BEGIN_COPY(function, nullptr);      \
  RETURN_IF_FAILED(refuse_in_captures(context))

EXPORTED int cuMemcpyHtoDAsync_v2(uintptr_t target, const void *source, size_t bytes,
                                  Handle handle) {
  BEGIN_COPY(cuMemcpyHtoDAsync_v2, handle);
  return queue_to_device(stream, target, source, bytes);
}

EXPORTED int cuMemcpyDtoHAsync_v2(void *target, uintptr_t source, size_t bytes, Handle handle) {
  BEGIN_COPY(cuMemcpyDtoHAsync_v2, handle);
  RETURN_IF_FAILED(queue_to_host(stream, target, source, bytes));
  return is_pinned(target) || stream->capture != nullptr ? SUCCESS : run_until(now(stream));
}

EXPORTED int cuMemcpyDtoDAsync_v2(uintptr_t target, uintptr_t source, size_t bytes, Handle handle) {
  BEGIN_COPY(cuMemcpyDtoDAsync_v2, handle);
  return queue_on_device(stream, target, source, bytes);
}

EXPORTED int cuMemsetD8Async(uintptr_t target, unsigned char value, size_t bytes, Handle handle) {
  BEGIN_COPY(cuMemsetD8Async, handle);
  return queue_fill(stream, target, value, bytes);
}

EXPORTED int cuMemcpyHtoD_v2(uintptr_t target, const void *source, size_t bytes) {
  BEGIN_BLOCKING_COPY(cuMemcpyHtoD_v2);
  RETURN_IF_FAILED(queue_to_device(stream, target, source, bytes));
  return run_until(now(stream));
}

EXPORTED int cuMemcpyDtoH_v2(void *target, uintptr_t source, size_t bytes) {
  BEGIN_BLOCKING_COPY(cuMemcpyDtoH_v2);
  RETURN_IF_FAILED(queue_to_host(stream, target, source, bytes));
  return run_until(now(stream));
}

/* These two do not wait, in spite of their names. */
EXPORTED int cuMemcpyDtoD_v2(uintptr_t target, uintptr_t source, size_t bytes) {
  BEGIN_COPY(cuMemcpyDtoD_v2, nullptr);
  return queue_on_device(stream, target, source, bytes);
}

EXPORTED int cuMemsetD8_v2(uintptr_t target, unsigned char value, size_t bytes) {
  BEGIN_COPY(cuMemsetD8_v2, nullptr);
  return queue_fill(stream, target, value, bytes);
}
