/*
 * Stacks that take turns on one operating-system thread. A thread of a kernel runs on one, so that
 * it can wait in the middle for the others.
 */
#ifndef KERNELS_ON_HOST_FIBER_H
#define KERNELS_ON_HOST_FIBER_H

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#if !defined(__x86_64__) && !defined(__aarch64__)
#define KERNELS_ON_HOST_UCONTEXT
#include <ucontext.h>
#endif

namespace kernels_on_host {

struct Fiber {
#ifdef KERNELS_ON_HOST_UCONTEXT
  ucontext_t context;
#else
  void *stack_pointer;
#endif
};

/* Goes on in `to`, until something switches back to `from`. */
void switch_fiber(Fiber &from, Fiber &to);

/* Fibers that all run the same body, a function that never returns; used again from launch to launch. */
class FiberPool {
 public:
  explicit FiberPool(void (*function)()) : body(function) {}
  FiberPool(const FiberPool &) = delete;
  FiberPool &operator=(const FiberPool &) = delete;

  /* Returns a fiber that starts, or goes on, in the body's loop. */
  Fiber *take() {
    if (idle.empty()) {
      grow();
    }
    Fiber *fiber = idle.back();
    idle.pop_back();
    return fiber;
  }
  void give_back(Fiber *fiber) { idle.push_back(fiber); }

  /* Abandons what all fibers were doing. */
  void restart();

  bool holds(uintptr_t address) const { return address - stacks < STACKS_BYTES; }

 private:
  static constexpr size_t FIBERS = 1024;
  static constexpr size_t STACK_BYTES = 64 << 10;
  static constexpr size_t STACKS_BYTES = FIBERS * STACK_BYTES;

  void grow();
  void prepare(size_t index);

  void (*body)();
  uintptr_t stacks = 0;
  size_t made = 0;
  std::unique_ptr<Fiber[]> fibers;
  std::vector<Fiber *> idle;
};

}  // namespace kernels_on_host

#endif
