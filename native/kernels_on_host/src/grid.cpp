#include "grid.h"

#include <array>
#include <cfenv>
#include <cstring>
#include <memory>

#include "access_check.h"
#include "collectives.h"
#include "device_runtime.h"
#include "fiber.h"
#include "report.h"

namespace kernels_on_host {
namespace {

struct Warp {
  /* Bits of lanes. */
  uint32_t lanes;
  uint32_t ready;
  uint32_t exited;
  uint32_t at_barrier;
  Meetings meetings;
};

struct Thread {
  uint3 index;
  uint32_t number;
  uint32_t lane;
  Warp *warp;
  /* Null before the thread starts. */
  Fiber *fiber;
};

/* The one grid that runs; the driver's lock is held meanwhile. */
struct Grid {
  std::array<Thread, MAX_BLOCK_THREADS> threads;
  std::array<Warp, MAX_BLOCK_THREADS / WARP> warps;
  uint32_t warp_count;
  uint32_t at_barrier;
  uint32_t exited;
  uint32_t thread_count;
  uint64_t block_number;
  uint3 block;
  uint3 block_size;
  uint3 grid_size;
  const Launch *launch;
  Fiber caller;
  Status status;
};

Grid grid;
Thread *running;

void run_threads();
/* Never destroyed: a thread may still use the library while the process exits. */
FiberPool &fibers = *new FiberPool(run_threads);

uint32_t bit(uint32_t lane) { return UINT32_C(1) << lane; }

Thread &thread_of(const Warp &warp, uint32_t lane) {
  return grid.threads[static_cast<size_t>(&warp - grid.warps.data()) * WARP + lane];
}

std::string describe(uint3 index) { return text("(%u,%u,%u)", index.x, index.y, index.z); }

std::string lanes_of(uint32_t mask) { return text("lanes %#010x", mask); }

/* The threads that wait, and for what. */
std::string describe_waiting() {
  std::string waiting;
  for (uint32_t w = 0; w < grid.warp_count; w++) {
    const Warp &warp = grid.warps[w];
    const uint32_t own = running->warp == &warp ? bit(running->lane) : 0;
    const uint32_t in_meeting = warp.lanes & ~warp.exited & ~warp.at_barrier & ~warp.ready & ~own;
    if (in_meeting != 0) {
      const Meeting *meeting =
          warp.meetings.waiting_for(static_cast<uint32_t>(__builtin_ctz(in_meeting)));
      waiting += text("; in warp %u %s wait in a shuffle, vote or __syncwarp", w,
                      lanes_of(in_meeting).c_str());
      if (meeting != nullptr) {
        waiting += text(" of %s, to which %s have come", lanes_of(meeting->mask).c_str(),
                        lanes_of(meeting->arrived).c_str());
      }
    }
    if (warp.at_barrier != 0) {
      waiting +=
          text("; in warp %u %s wait in __syncthreads", w, lanes_of(warp.at_barrier).c_str());
    }
  }
  return waiting;
}

/* The next thread that can run: of the same warp if there is one, else of another; or null. */
Thread *next_ready() {
  Warp &warp = *running->warp;
  if (warp.ready != 0) {
    const uint32_t after = warp.ready & ~((bit(running->lane) << 1) - 1u);
    return &thread_of(warp, static_cast<uint32_t>(__builtin_ctz(after != 0 ? after : warp.ready)));
  }
  for (uint32_t w = 0; w < grid.warp_count; w++) {
    const uint32_t ready = grid.warps[w].ready;
    if (ready != 0) {
      return &thread_of(grid.warps[w], static_cast<uint32_t>(__builtin_ctz(ready)));
    }
  }
  return nullptr;
}

void set_running(Thread &thread) {
  running = &thread;
  thread.warp->ready &= ~bit(thread.lane);
  access_check.run_thread(thread.number);
}

/* Lets others run until the calling thread is ready again and it is its turn. */
void wait_for_turn() {
  Thread *next = next_ready();
  if (next == nullptr) {
    fail_launch(LAUNCH_FAILED, "the thread waits, and no other thread of the block can go on" +
                                   describe_waiting());
  }
  Fiber &own = *running->fiber;
  set_running(*next);
  if (next->fiber == nullptr) {
    next->fiber = fibers.take();
  }
  switch_fiber(own, *next->fiber);
}

void exit_thread() {
  Warp &warp = *running->warp;
  warp.exited |= bit(running->lane);
  grid.exited++;
  if (const Meeting *meeting = warp.meetings.waiting_for(running->lane)) {
    fail_launch(LAUNCH_FAILED,
                text("the thread ends while %s wait for it in a shuffle, vote or "
                     "__syncwarp of %s",
                     lanes_of(meeting->arrived).c_str(), lanes_of(meeting->mask).c_str()));
  }
  if (grid.at_barrier != 0) {
    fail_launch(LAUNCH_FAILED,
                "the thread ends while others wait for it in __syncthreads" + describe_waiting());
  }
}

/* What every fiber does: run threads, one after the other. */
void run_threads() {
  /* On this stack, where a kernel may read. */
  alignas(16) unsigned char arguments[MAX_ARGUMENTS_BYTES];
  for (;;) {
    const Launch &launch = *grid.launch;
    std::memcpy(arguments, launch.arguments, launch.kernel->bytes);
    launch.kernel->call(arguments);
    exit_thread();
    Fiber *own = running->fiber;
    Thread *next = next_ready();
    if (next != nullptr && next->fiber == nullptr) {
      set_running(*next);
      next->fiber = own;
      continue;
    }
    fibers.give_back(own);
    if (next == nullptr) {
      if (grid.exited != grid.thread_count) {
        fail_launch(LAUNCH_FAILED, "no thread of the block can go on" + describe_waiting());
      }
      switch_fiber(*own, grid.caller);
    } else {
      set_running(*next);
      switch_fiber(*own, *next->fiber);
    }
  }
}

Meeting &meet(uint32_t mask, Operation operation, uint64_t value) {
  Thread &self = *running;
  Warp &warp = *self.warp;
  if ((mask & bit(self.lane)) == 0) {
    fail_launch(LAUNCH_FAILED,
                text("a shuffle, vote or __syncwarp of %s, which does not name the calling lane %u",
                     lanes_of(mask).c_str(), self.lane));
  }
  if ((mask & (warp.exited | ~warp.lanes)) != 0) {
    fail_launch(LAUNCH_FAILED,
                text("a shuffle, vote or __syncwarp of %s, of which %s have ended",
                     lanes_of(mask).c_str(), lanes_of(mask & (warp.exited | ~warp.lanes)).c_str()));
  }
  Meeting &meeting = warp.meetings.join(mask, operation);
  if (meeting.operation != operation) {
    fail_launch(LAUNCH_FAILED, text("%s are in different operations: shuffle, vote or __syncwarp",
                                    lanes_of(mask).c_str()));
  }
  meeting.values[self.lane] = value;
  meeting.arrived |= bit(self.lane);
  if (meeting.arrived == mask) {
    warp.meetings.close(meeting);
    warp.ready |= mask & ~bit(self.lane);
  } else {
    wait_for_turn();
  }
  return meeting;
}

void run_block() {
  for (uint32_t w = 0; w < grid.warp_count; w++) {
    Warp &warp = grid.warps[w];
    const uint32_t rest = grid.thread_count - w * WARP;
    warp.lanes = rest >= WARP ? ~UINT32_C(0) : bit(rest) - 1u;
    warp.ready = warp.lanes;
    warp.exited = 0;
    warp.at_barrier = 0;
    warp.meetings.clear();
  }
  for (uint32_t t = 0; t < grid.thread_count; t++) {
    grid.threads[t].fiber = nullptr;
  }
  grid.at_barrier = 0;
  grid.exited = 0;
  access_check.begin_block();
  Thread &first = grid.threads[0];
  first.fiber = fibers.take();
  set_running(first);
  switch_fiber(grid.caller, *first.fiber);
}

void set_threads(const Extent &block) {
  grid.thread_count = static_cast<uint32_t>(block.count());
  grid.warp_count = (grid.thread_count + WARP - 1) / WARP;
  for (uint32_t t = 0; t < grid.thread_count; t++) {
    grid.threads[t] = {{t % block.x, t / block.x % block.y, t / block.x / block.y},
                       t,
                       t % WARP,
                       &grid.warps[t / WARP],
                       nullptr};
  }
}

uint3 block_at(uint64_t number) {
  const Extent &extent = grid.launch->grid;
  return {static_cast<uint32_t>(number % extent.x),
          static_cast<uint32_t>(number / extent.x % extent.y),
          static_cast<uint32_t>(number / extent.x / extent.y)};
}

}  // namespace

Status run_grid(const Launch &launch) {
  /* Kernels round to nearest and keep subnormal numbers, whatever the caller has set. */
  std::fenv_t callers;
  std::fegetenv(&callers);
  std::fesetenv(FE_DFL_ENV);
  grid.launch = &launch;
  grid.block_size = {launch.block.x, launch.block.y, launch.block.z};
  grid.grid_size = {launch.grid.x, launch.grid.y, launch.grid.z};
  grid.status = SUCCESS;
  set_threads(launch.block);
  access_check.begin_launch(launch.device);
  const uint64_t blocks = launch.grid.count();
  for (uint64_t b = 0; b < blocks && grid.status == SUCCESS; b++) {
    grid.block_number = b;
    grid.block = block_at(b);
    run_block();
  }
  access_check.end_launch();
  if (grid.status != SUCCESS) {
    fibers.restart();
  }
  std::fesetenv(&callers);
  return grid.status;
}

void fail_launch(Status status, const std::string &what) {
  grid.status = status;
  report(what + text("; kernel %s, grid %s, block %s of %s threads, thread %s",
                     grid.launch->kernel->name, describe(grid.grid_size).c_str(),
                     describe(grid.block).c_str(), describe(grid.block_size).c_str(),
                     describe(running->index).c_str()));
  switch_fiber(*running->fiber, grid.caller);
  __builtin_unreachable();
}

bool is_fiber_stack(uintptr_t address) { return fibers.holds(address); }

std::string describe_thread(uint32_t thread) {
  return "thread " + describe(grid.threads[thread].index);
}

std::string describe_block(uint64_t block) { return describe(block_at(block)); }

uint3 thread_index() { return running->index; }
uint3 block_index() { return grid.block; }
uint3 block_size() { return grid.block_size; }
uint3 grid_size() { return grid.grid_size; }
uint32_t lane_index() { return running->lane; }

uint64_t shuffle(uint32_t mask, uint64_t value, uint32_t source) {
  Meeting &meeting = meet(mask, Operation::SHUFFLE, value);
  if ((mask >> source & 1u) == 0) {
    fail_launch(LAUNCH_FAILED, text("a shuffle of %s reads from lane %u, which is not among them",
                                    lanes_of(mask).c_str(), source));
  }
  const uint64_t result = meeting.values[source];
  running->warp->meetings.leave(meeting, running->lane);
  return result;
}

uint32_t ballot(uint32_t mask, bool predicate) {
  Meeting &meeting = meet(mask, Operation::BALLOT, predicate ? 1 : 0);
  uint32_t result = 0;
  for (uint32_t rest = mask; rest != 0; rest &= rest - 1) {
    const auto lane = static_cast<uint32_t>(__builtin_ctz(rest));
    result |= static_cast<uint32_t>(meeting.values[lane]) << lane;
  }
  running->warp->meetings.leave(meeting, running->lane);
  return result;
}

void synchronize_warp(uint32_t mask) {
  Meeting &meeting = meet(mask, Operation::SYNCHRONIZE, 0);
  running->warp->meetings.leave(meeting, running->lane);
}

void synchronize_block() {
  if (grid.exited != 0) {
    fail_launch(LAUNCH_FAILED, "__syncthreads after threads of the block have ended");
  }
  running->warp->at_barrier |= bit(running->lane);
  if (++grid.at_barrier < grid.thread_count) {
    wait_for_turn();
    return;
  }
  access_check.pass_barrier();
  grid.at_barrier = 0;
  for (uint32_t w = 0; w < grid.warp_count; w++) {
    grid.warps[w].at_barrier = 0;
    grid.warps[w].ready = grid.warps[w].lanes;
  }
  running->warp->ready &= ~bit(running->lane);
  access_check.run_thread(running->number);
}

void trap() { fail_launch(LAUNCH_FAILED, "__trap"); }

}  // namespace kernels_on_host
