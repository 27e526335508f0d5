/* Capture of streams, and the graphs that come of it. */
#include "call.h"

using namespace kernels_on_host;

namespace {

constexpr int RELAXED = 2;

}  // namespace

EXPORTED int cuStreamBeginCapture_v2(Handle handle, int mode) {
  BEGIN_IN_CONTEXT(cuStreamBeginCapture_v2);
  std::shared_ptr<Stream> stream;
  RETURN_IF_FAILED(stream_of(context, handle, stream));
  if (mode < 0 || mode > RELAXED) {
    return INVALID_VALUE;
  }
  if (stream == context.null_stream) {
    return STREAM_CAPTURE_UNSUPPORTED;
  }
  if (stream->capture != nullptr) {
    stream->capture->is_invalid = true;
    return ILLEGAL_STATE;
  }
  stream->capture = std::make_shared<Capture>();
  stream->capture->origin = stream.get();
  stream->capture->thread = std::this_thread::get_id();
  stream->capture->mode = mode;
  return SUCCESS;
}

EXPORTED int cuStreamEndCapture(Handle handle, Handle *graph_handle) {
  BEGIN_IN_CONTEXT(cuStreamEndCapture);
  std::shared_ptr<Stream> stream;
  RETURN_IF_FAILED(stream_of(context, handle, stream));
  if (graph_handle == nullptr) {
    return INVALID_VALUE;
  }
  *graph_handle = nullptr;
  const std::shared_ptr<Capture> capture = stream->capture;
  if (capture == nullptr) {
    return ILLEGAL_STATE;
  }
  if (capture->origin != stream.get()) {
    return STREAM_CAPTURE_UNMATCHED;
  }
  if (capture->mode != RELAXED && capture->thread != std::this_thread::get_id()) {
    return STREAM_CAPTURE_WRONG_THREAD;
  }
  bool is_unjoined = false;
  driver.streams.for_each([&](const std::shared_ptr<Stream> &other) {
    if (other->capture == capture) {
      is_unjoined = is_unjoined || other->is_unjoined;
      other->capture = nullptr;
      other->is_unjoined = false;
    }
  });
  stream->capture = nullptr;
  if (capture->is_invalid) {
    return STREAM_CAPTURE_INVALIDATED;
  }
  if (is_unjoined) {
    return STREAM_CAPTURE_UNJOINED;
  }
  auto graph = std::make_shared<Graph>();
  graph->context = &context;
  graph->work = std::move(capture->work);
  *graph_handle = driver.graphs.add(graph);
  return SUCCESS;
}

EXPORTED int cuStreamIsCapturing(Handle handle, int *status) {
  BEGIN_IN_CONTEXT(cuStreamIsCapturing);
  std::shared_ptr<Stream> stream;
  RETURN_IF_FAILED(stream_of(context, handle, stream));
  if (status == nullptr) {
    return INVALID_VALUE;
  }
  *status = stream->capture == nullptr ? 0 : stream->capture->is_invalid ? 2 : 1;
  return SUCCESS;
}

EXPORTED int cuGraphInstantiateWithFlags(Handle *executable, Handle handle,
                                         unsigned long long flags) {
  BEGIN_IN_CONTEXT(cuGraphInstantiateWithFlags);
  (void)context;
  (void)flags;
  const std::shared_ptr<Graph> graph = driver.graphs.find(handle);
  if (graph == nullptr || executable == nullptr) {
    return INVALID_VALUE;
  }
  *executable = driver.executables.add(std::make_shared<Graph>(*graph));
  return SUCCESS;
}

EXPORTED int cuGraphLaunch(Handle handle, Handle stream_handle) {
  BEGIN_IN_CONTEXT(cuGraphLaunch);
  std::shared_ptr<Stream> stream;
  RETURN_IF_FAILED(stream_of(context, stream_handle, stream));
  const std::shared_ptr<Graph> graph = driver.executables.find(handle);
  if (graph == nullptr) {
    return INVALID_VALUE;
  }
  if (graph->context != &context) {
    return INVALID_HANDLE;
  }
  return queue(stream, [graph] {
    for (const Work &work : graph->work) {
      RETURN_IF_FAILED(work());
    }
    return SUCCESS;
  });
}

EXPORTED int cuGraphExecDestroy(Handle handle) {
  BEGIN(cuGraphExecDestroy);
  if (driver.executables.find(handle) == nullptr) {
    return INVALID_VALUE;
  }
  driver.executables.remove(handle);
  return SUCCESS;
}

EXPORTED int cuGraphDestroy(Handle handle) {
  BEGIN(cuGraphDestroy);
  if (driver.graphs.find(handle) == nullptr) {
    return INVALID_VALUE;
  }
  driver.graphs.remove(handle);
  return SUCCESS;
}
