/*
 * What the driver knows: contexts, streams and the work queued on them, events, modules, graphs.
 * All of it is used under one lock.
 */
#ifndef KERNELS_ON_HOST_STATE_H
#define KERNELS_ON_HOST_STATE_H

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "grid.h"
#include "kernel.h"
#include "status.h"

namespace kernels_on_host {

/* As C sees a CUcontext, CUstream and so on. Never used twice. */
using Handle = void *;
Handle new_handle();

/* The live objects of a kind, by handle. */
template <typename T>
class Handles {
 public:
  Handle add(std::shared_ptr<T> object) { return put(new_handle(), std::move(object)); }
  /* In place of what has the handle now. */
  Handle put(Handle handle, std::shared_ptr<T> object) {
    objects[handle] = std::move(object);
    return handle;
  }
  std::shared_ptr<T> find(Handle handle) const {
    const auto found = objects.find(handle);
    return found == objects.end() ? nullptr : found->second;
  }
  void remove(Handle handle) { objects.erase(handle); }
  size_t count() const { return objects.size(); }
  template <typename Condition>
  void remove_if(Condition condition) {
    for (auto i = objects.begin(); i != objects.end();) {
      i = condition(*i->second) ? objects.erase(i) : std::next(i);
    }
  }
  template <typename Visit>
  void for_each(Visit visit) const {
    for (const auto &entry : objects) {
      visit(entry.second);
    }
  }

 private:
  std::unordered_map<Handle, std::shared_ptr<T>> objects;
};

struct Stream;
struct Context;

/* A piece of work, such as one copy. */
using Work = std::function<Status()>;

/* Everything that was queued on a stream up to a moment. */
struct Moment {
  std::shared_ptr<Stream> stream;
  uint64_t queued;
};

struct QueuedWork {
  std::vector<Moment> after;
  Work run;
};

/* What is recorded on one or several streams instead of being run. */
struct Capture {
  Stream *origin;
  std::thread::id thread;
  int mode;
  bool is_invalid;
  std::vector<Work> work;
};

struct Stream {
  Context *context;
  /* Ordered with the null stream. */
  bool is_blocking;
  uint64_t id;
  uint64_t queued = 0;
  uint64_t done = 0;
  std::deque<QueuedWork> queue;
  std::shared_ptr<Capture> capture;
  /* Has captured work that its capture's origin does not wait for. */
  bool is_unjoined = false;
};

struct Context {
  Handle handle;
  uint64_t id;
  int device;
  bool is_primary;
  bool is_destroyed = false;
  /* Sticky: the first error of a launch. */
  Status error = SUCCESS;
  std::shared_ptr<Stream> null_stream;
  std::map<std::thread::id, std::shared_ptr<Stream>> thread_streams;
};

struct EventRecord {
  Moment moment;
  std::shared_ptr<Capture> capture;
  bool is_done = false;
  std::chrono::steady_clock::time_point time;
};

struct Event {
  Context *context;
  bool takes_time;
  std::shared_ptr<EventRecord> last;
};

struct Entry {
  /* 0 if the PTX gives none. */
  uint32_t max_threads;
};

struct Module {
  Context *context;
  std::map<std::string, Entry> entries;
};

struct Function {
  Module *module;
  const Kernel *kernel;
  uint32_t max_threads;
};

struct Graph {
  Context *context;
  std::vector<Work> work;
};

struct Driver {
  std::mutex lock;
  bool is_initialized = false;
  int version = 13000;
  int compute = 90;
  std::vector<std::shared_ptr<Context>> primary;
  std::vector<uint32_t> primary_uses;
  Handles<Context> contexts;
  Handles<Stream> streams;
  Handles<Event> events;
  Handles<Module> modules;
  Handles<Function> functions;
  Handles<Graph> graphs;
  Handles<Graph> executables;
};

extern Driver &driver;

/* The calling thread's stack of contexts. */
std::vector<Handle> &current_contexts();

/* The current context of the calling thread, if it can be used. */
Status current_context(Context *&context);

/* Of a handle that may be 0, 1 (legacy) or 2 (of the calling thread); null if there is none. */
std::shared_ptr<Stream> find_stream(Context &context, Handle handle);
/* The same for work that is queued from the current context. */
Status stream_of(Context &context, Handle handle, std::shared_ptr<Stream> &stream);

/* Queues work, or records it if the stream is being captured. */
Status queue(const std::shared_ptr<Stream> &stream, Work work);
Moment now(const std::shared_ptr<Stream> &stream);

/* Runs what must be done by then, and nothing else. Returns the context's sticky error. */
Status run_until(const Moment &moment);
Status run_all(Context &context);

/* Fails, and spoils the capture, where waiting would break one. */
Status refuse_in_capture(Stream &stream);
Status refuse_in_captures(const Context &context);

/* Makes the context unusable, with all that belongs to it. */
void destroy(Context &context);
std::shared_ptr<Context> make_context(int device, bool is_primary);

}  // namespace kernels_on_host

#endif
