/* Streams and events. */
#include "call.h"

using namespace kernels_on_host;

namespace {

constexpr unsigned NON_BLOCKING = 1;
constexpr unsigned DISABLE_TIMING = 2;

/* Runs what the event has recorded; an event that never recorded is done. */
Status complete(const Event &event) {
  if (event.last == nullptr) {
    return SUCCESS;
  }
  if (event.last->capture != nullptr) {
    event.last->capture->is_invalid = true;
    return CAPTURED_EVENT;
  }
  return run_until(event.last->moment);
}

/* Work of this stream now belongs to the capture that the event was recorded in. */
Status join(Stream &stream, const EventRecord &record) {
  if (stream.capture != nullptr && stream.capture != record.capture) {
    return STREAM_CAPTURE_MERGE;
  }
  if (record.capture->is_invalid) {
    return STREAM_CAPTURE_INVALIDATED;
  }
  if (stream.capture == nullptr) {
    stream.capture = record.capture;
    stream.is_unjoined = true;
  }
  record.moment.stream->is_unjoined = false;
  return SUCCESS;
}

}  // namespace

EXPORTED int cuStreamCreate(Handle *handle, unsigned flags) {
  BEGIN_IN_CONTEXT(cuStreamCreate);
  if (handle == nullptr || flags > NON_BLOCKING) {
    return INVALID_VALUE;
  }
  auto stream = std::make_shared<Stream>();
  stream->context = &context;
  stream->is_blocking = (flags & NON_BLOCKING) == 0;
  *handle = driver.streams.add(stream);
  return SUCCESS;
}

EXPORTED int cuStreamDestroy_v2(Handle handle) {
  BEGIN(cuStreamDestroy_v2);
  const std::shared_ptr<Stream> stream = driver.streams.find(handle);
  if (stream == nullptr) {
    return INVALID_HANDLE;
  }
  if (stream->capture != nullptr) {
    stream->capture->is_invalid = true;
  }
  driver.streams.remove(handle);
  return run_until(now(stream));
}

EXPORTED int cuStreamSynchronize(Handle handle) {
  BEGIN_IN_CONTEXT(cuStreamSynchronize);
  std::shared_ptr<Stream> stream;
  RETURN_IF_FAILED(stream_of(context, handle, stream));
  RETURN_IF_FAILED(refuse_in_capture(*stream));
  return run_until(now(stream));
}

/* Asking is waiting: whoever polls must find the work done some time. */
EXPORTED int cuStreamQuery(Handle handle) {
  BEGIN_IN_CONTEXT(cuStreamQuery);
  std::shared_ptr<Stream> stream;
  RETURN_IF_FAILED(stream_of(context, handle, stream));
  RETURN_IF_FAILED(refuse_in_capture(*stream));
  return run_until(now(stream));
}

EXPORTED int cuStreamGetCtx(Handle handle, Handle *result) {
  BEGIN_IN_CONTEXT(cuStreamGetCtx);
  const std::shared_ptr<Stream> stream = find_stream(context, handle);
  if (stream == nullptr) {
    return INVALID_HANDLE;
  }
  if (result == nullptr) {
    return INVALID_VALUE;
  }
  *result = stream->context->handle;
  return SUCCESS;
}

EXPORTED int cuStreamWaitEvent(Handle handle, Handle event_handle, unsigned flags) {
  BEGIN_IN_CONTEXT(cuStreamWaitEvent);
  (void)flags;
  std::shared_ptr<Stream> stream;
  RETURN_IF_FAILED(stream_of(context, handle, stream));
  const std::shared_ptr<Event> event = driver.events.find(event_handle);
  if (event == nullptr) {
    return INVALID_HANDLE;
  }
  if (event->last == nullptr) {
    return SUCCESS;
  }
  if (event->last->capture != nullptr) {
    return join(*stream, *event->last);
  }
  if (stream->capture != nullptr) {
    stream->capture->is_invalid = true;
    return STREAM_CAPTURE_UNSUPPORTED;
  }
  RETURN_IF_FAILED(queue(stream, [] { return SUCCESS; }));
  stream->queue.back().after.push_back(event->last->moment);
  return SUCCESS;
}

EXPORTED int cuEventCreate(Handle *handle, unsigned flags) {
  BEGIN_IN_CONTEXT(cuEventCreate);
  if (handle == nullptr) {
    return INVALID_VALUE;
  }
  auto event = std::make_shared<Event>();
  event->context = &context;
  event->takes_time = (flags & DISABLE_TIMING) == 0;
  *handle = driver.events.add(event);
  return SUCCESS;
}

/* What has been recorded stays queued. */
EXPORTED int cuEventDestroy_v2(Handle handle) {
  BEGIN(cuEventDestroy_v2);
  if (driver.events.find(handle) == nullptr) {
    return INVALID_HANDLE;
  }
  driver.events.remove(handle);
  return SUCCESS;
}

EXPORTED int cuEventRecord(Handle handle, Handle stream_handle) {
  BEGIN_IN_CONTEXT(cuEventRecord);
  std::shared_ptr<Stream> stream;
  RETURN_IF_FAILED(stream_of(context, stream_handle, stream));
  const std::shared_ptr<Event> event = driver.events.find(handle);
  if (event == nullptr || event->context != &context) {
    return INVALID_HANDLE;
  }
  auto record = std::make_shared<EventRecord>();
  record->capture = stream->capture;
  if (stream->capture == nullptr) {
    RETURN_IF_FAILED(queue(stream, [record] {
      record->time = std::chrono::steady_clock::now();
      record->is_done = true;
      return SUCCESS;
    }));
  }
  record->moment = now(stream);
  event->last = record;
  return SUCCESS;
}

EXPORTED int cuEventQuery(Handle handle) {
  BEGIN_IN_CONTEXT(cuEventQuery);
  (void)context;
  const std::shared_ptr<Event> event = driver.events.find(handle);
  return event == nullptr ? INVALID_HANDLE : complete(*event);
}

EXPORTED int cuEventSynchronize(Handle handle) {
  BEGIN_IN_CONTEXT(cuEventSynchronize);
  (void)context;
  const std::shared_ptr<Event> event = driver.events.find(handle);
  return event == nullptr ? INVALID_HANDLE : complete(*event);
}

namespace {

Status elapsed(float *milliseconds, Handle start_handle, Handle end_handle) {
  const std::shared_ptr<Event> start = driver.events.find(start_handle);
  const std::shared_ptr<Event> end = driver.events.find(end_handle);
  if (milliseconds == nullptr) {
    return INVALID_VALUE;
  }
  if (start == nullptr || end == nullptr || !start->takes_time || !end->takes_time ||
      start->last == nullptr || end->last == nullptr) {
    return INVALID_HANDLE;
  }
  if (!start->last->is_done || !end->last->is_done) {
    return NOT_READY;
  }
  *milliseconds =
      std::chrono::duration<float, std::milli>(end->last->time - start->last->time).count();
  return SUCCESS;
}

}  // namespace

EXPORTED int cuEventElapsedTime(float *milliseconds, Handle start, Handle end) {
  BEGIN_IN_CONTEXT(cuEventElapsedTime);
  (void)context;
  return elapsed(milliseconds, start, end);
}

EXPORTED int cuEventElapsedTime_v2(float *milliseconds, Handle start, Handle end) {
  BEGIN_IN_CONTEXT(cuEventElapsedTime_v2);
  (void)context;
  return elapsed(milliseconds, start, end);
}
