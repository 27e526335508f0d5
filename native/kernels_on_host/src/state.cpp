#include "state.h"

#include <algorithm>

#include "memory.h"

namespace kernels_on_host {

/* Never destroyed: a thread may still use the library while the process exits. */
Driver &driver = *new Driver;

Handle new_handle() {
  static uintptr_t last = 0x4B00000000;
  last += 64;
  return reinterpret_cast<Handle>(last);
}

std::vector<Handle> &current_contexts() {
  static thread_local std::vector<Handle> contexts;
  return contexts;
}

Status current_context(Context *&context) {
  if (!driver.is_initialized) {
    return NOT_INITIALIZED;
  }
  const std::vector<Handle> &stack = current_contexts();
  const std::shared_ptr<Context> found =
      stack.empty() ? nullptr : driver.contexts.find(stack.back());
  if (found == nullptr) {
    return INVALID_CONTEXT;
  }
  if (found->is_destroyed) {
    return CONTEXT_IS_DESTROYED;
  }
  context = found.get();
  return context->error;
}

namespace {

uint64_t next_id() {
  static uint64_t last = 0;
  return ++last;
}

std::shared_ptr<Stream> make_null_stream(Context &context) {
  auto stream = std::make_shared<Stream>();
  stream->context = &context;
  stream->is_blocking = true;
  stream->id = next_id();
  return stream;
}

}  // namespace

std::shared_ptr<Stream> find_stream(Context &context, Handle handle) {
  const auto number = reinterpret_cast<uintptr_t>(handle);
  if (number <= 1) {
    return context.null_stream;
  }
  if (number == 2) {
    std::shared_ptr<Stream> &own = context.thread_streams[std::this_thread::get_id()];
    if (own == nullptr) {
      own = make_null_stream(context);
    }
    return own;
  }
  return driver.streams.find(handle);
}

Status stream_of(Context &context, Handle handle, std::shared_ptr<Stream> &stream) {
  stream = find_stream(context, handle);
  return stream == nullptr || stream->context != &context ? INVALID_HANDLE : SUCCESS;
}

namespace {

template <typename Visit>
void for_each_stream(const Context &context, Visit visit) {
  visit(context.null_stream);
  for (const auto &entry : context.thread_streams) {
    visit(entry.second);
  }
  driver.streams.for_each([&](const std::shared_ptr<Stream> &stream) {
    if (stream->context == &context) {
      visit(stream);
    }
  });
}

}  // namespace

Moment now(const std::shared_ptr<Stream> &stream) { return {stream, stream->queued}; }

Status queue(const std::shared_ptr<Stream> &stream, Work work) {
  Context &context = *stream->context;
  if (stream->capture != nullptr) {
    if (stream->capture->is_invalid) {
      return STREAM_CAPTURE_INVALIDATED;
    }
    stream->capture->work.push_back(std::move(work));
    stream->is_unjoined = stream->capture->origin != stream.get();
    return SUCCESS;
  }
  QueuedWork queued;
  queued.run = std::move(work);
  if (stream == context.null_stream) {
    Status status = SUCCESS;
    for_each_stream(context, [&](const std::shared_ptr<Stream> &other) {
      if (other == stream || !other->is_blocking) {
        return;
      }
      if (other->capture != nullptr) {
        other->capture->is_invalid = true;
        status = STREAM_CAPTURE_IMPLICIT;
      }
      if (other->done < other->queued) {
        queued.after.push_back(now(other));
      }
    });
    if (status != SUCCESS) {
      return status;
    }
  } else if (stream->is_blocking && context.null_stream->done < context.null_stream->queued) {
    queued.after.push_back(now(context.null_stream));
  }
  stream->queue.push_back(std::move(queued));
  stream->queued++;
  return SUCCESS;
}

Status run_until(const Moment &target) {
  /* Not by recursion: events may chain any number of streams. */
  std::vector<Moment> wanted{target};
  while (!wanted.empty()) {
    const Moment moment = wanted.back();
    Stream &stream = *moment.stream;
    if (stream.done >= moment.queued) {
      wanted.pop_back();
      continue;
    }
    QueuedWork &first = stream.queue.front();
    bool is_free = true;
    for (const Moment &before : first.after) {
      if (before.stream->done < before.queued) {
        wanted.push_back(before);
        is_free = false;
      }
    }
    if (!is_free) {
      continue;
    }
    Context &context = *stream.context;
    /* After an error nothing runs any more in this context. */
    if (context.error == SUCCESS && !context.is_destroyed) {
      context.error = first.run();
    }
    stream.queue.pop_front();
    stream.done++;
  }
  return target.stream->context->error;
}

Status run_all(Context &context) {
  std::vector<Moment> moments;
  for_each_stream(context,
                  [&](const std::shared_ptr<Stream> &stream) { moments.push_back(now(stream)); });
  for (const Moment &moment : moments) {
    run_until(moment);
  }
  return context.error;
}

Status refuse_in_capture(Stream &stream) {
  if (stream.capture == nullptr) {
    return SUCCESS;
  }
  if (stream.capture->is_invalid) {
    return STREAM_CAPTURE_INVALIDATED;
  }
  stream.capture->is_invalid = true;
  return STREAM_CAPTURE_UNSUPPORTED;
}

Status refuse_in_captures(const Context &context) {
  Status status = SUCCESS;
  for_each_stream(context, [&](const std::shared_ptr<Stream> &stream) {
    const Status refused = refuse_in_capture(*stream);
    if (status == SUCCESS) {
      status = refused;
    }
  });
  return status;
}

std::shared_ptr<Context> make_context(int device, bool is_primary) {
  auto context = std::make_shared<Context>();
  context->id = next_id();
  context->device = device;
  context->is_primary = is_primary;
  context->null_stream = make_null_stream(*context);
  return context;
}

void destroy(Context &context) {
  run_all(context);
  context.is_destroyed = true;
  memory.free_all_of(context.id);
  driver.functions.remove_if([&](const Function &f) { return f.module->context == &context; });
  driver.modules.remove_if([&](const Module &module) { return module.context == &context; });
  driver.events.remove_if([&](const Event &event) { return event.context == &context; });
  driver.streams.remove_if([&](const Stream &stream) { return stream.context == &context; });
}

}  // namespace kernels_on_host
