#include "fiber.h"

#include <sys/mman.h>

#include <cstring>
#include <new>

#ifndef KERNELS_ON_HOST_UCONTEXT
/* Saves what a called function must keep, changes stacks, and restores the same from the other. */
extern "C" __attribute__((visibility("hidden"))) void kernels_on_host_switch(void **save,
                                                                             void *load);
#endif

#if defined(__x86_64__)
asm(R"(
  .text
  .p2align 4
  .globl kernels_on_host_switch
  .hidden kernels_on_host_switch
  .type kernels_on_host_switch, @function
kernels_on_host_switch:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
  .size kernels_on_host_switch, . - kernels_on_host_switch
)");
#elif defined(__aarch64__)
asm(R"(
  .text
  .p2align 4
  .globl kernels_on_host_switch
  .hidden kernels_on_host_switch
  .type kernels_on_host_switch, %function
kernels_on_host_switch:
  sub sp, sp, #160
  stp x19, x20, [sp, #0]
  stp x21, x22, [sp, #16]
  stp x23, x24, [sp, #32]
  stp x25, x26, [sp, #48]
  stp x27, x28, [sp, #64]
  stp x29, x30, [sp, #80]
  stp d8, d9, [sp, #96]
  stp d10, d11, [sp, #112]
  stp d12, d13, [sp, #128]
  stp d14, d15, [sp, #144]
  mov x2, sp
  str x2, [x0]
  mov sp, x1
  ldp x19, x20, [sp, #0]
  ldp x21, x22, [sp, #16]
  ldp x23, x24, [sp, #32]
  ldp x25, x26, [sp, #48]
  ldp x27, x28, [sp, #64]
  ldp x29, x30, [sp, #80]
  ldp d8, d9, [sp, #96]
  ldp d10, d11, [sp, #112]
  ldp d12, d13, [sp, #128]
  ldp d14, d15, [sp, #144]
  add sp, sp, #160
  ret
  .size kernels_on_host_switch, . - kernels_on_host_switch
)");
#endif

namespace kernels_on_host {

#ifdef KERNELS_ON_HOST_UCONTEXT

void switch_fiber(Fiber &from, Fiber &to) { swapcontext(&from.context, &to.context); }

void FiberPool::prepare(size_t index) {
  ucontext_t &context = fibers[index].context;
  getcontext(&context);
  context.uc_stack.ss_sp = reinterpret_cast<void *>(stacks + index * STACK_BYTES);
  context.uc_stack.ss_size = STACK_BYTES;
  context.uc_link = nullptr;
  makecontext(&context, body, 0);
}

#else

void switch_fiber(Fiber &from, Fiber &to) {
  kernels_on_host_switch(&from.stack_pointer, to.stack_pointer);
}

void FiberPool::prepare(size_t index) {
  /* Stacks that start at the same offset of a page would compete for the same lines of the cache. */
  const uintptr_t top = stacks + (index + 1) * STACK_BYTES - 64 - (index % 16) * 192;
#if defined(__x86_64__)
  /* Six registers and the return address; the body finds the stack as after a call. */
  const uintptr_t words = 7;
  const uintptr_t return_address = 6;
  const uintptr_t start = top - 8 - words * 8;
#else
  const uintptr_t words = 20;
  const uintptr_t return_address = 11;
  const uintptr_t start = top - words * 8;
#endif
  auto *saved = reinterpret_cast<uintptr_t *>(start);
  std::memset(saved, 0, words * 8);
  saved[return_address] = reinterpret_cast<uintptr_t>(body);
  fibers[index].stack_pointer = saved;
}

#endif

void FiberPool::grow() {
  if (made == FIBERS) {
    throw std::bad_alloc();
  }
  if (made == 0) {
    void *memory = mmap(nullptr, STACKS_BYTES, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) {
      throw std::bad_alloc();
    }
    stacks = reinterpret_cast<uintptr_t>(memory);
    fibers = std::make_unique<Fiber[]>(FIBERS);
    idle.reserve(FIBERS);
  }
  /* A kernel that recurses too deeply must not write into its neighbour's stack. */
  mprotect(reinterpret_cast<void *>(stacks + made * STACK_BYTES), 4096, PROT_NONE);
  prepare(made);
  idle.push_back(&fibers[made++]);
}

void FiberPool::restart() {
  idle.clear();
  for (size_t i = made; i-- > 0;) {
    prepare(i);
    idle.push_back(&fibers[i]);
  }
}

}  // namespace kernels_on_host
