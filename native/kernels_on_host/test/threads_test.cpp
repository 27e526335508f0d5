// Many threads use the library at once, each with a small stack.
#include <pthread.h>

#include "harness.h"

namespace {

constexpr size_t COUNT = 1000;

void *use(void *) {
  TestContext context;
  const Buffer<float> in(ramp(COUNT));
  const Buffer<float> out(COUNT);
  void *function = context.function("vectors");
  MapArguments arguments{in.pointer(), out.pointer(), COUNT, 2};
  void *parameters[] = {&arguments};
  for (int i = 0; i < 50; i++) {
    OK(cuLaunchKernel(function, 1, 1, 1, 256, 1, 1, 0, i % 2 == 0 ? context.stream : nullptr,
                      parameters, nullptr));
    OK(cuCtxSynchronize());
    const std::vector<float> values = out.values();
    for (size_t e = 0; e < COUNT; e++) {
      CHECK(values[e] == 0 || values[e] == 2 * static_cast<float>(e), "element %zu", e);
    }
  }
  return nullptr;
}

}  // namespace

int main() {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, 64 << 10);
  pthread_t threads[8];
  for (pthread_t &thread : threads) {
    CHECK(pthread_create(&thread, &attributes, use, nullptr) == 0, "a thread");
  }
  for (const pthread_t &thread : threads) {
    pthread_join(thread, nullptr);
  }
  CHECK(*kernels_on_host_report() == '\0', "something is reported");
  return 0;
}
