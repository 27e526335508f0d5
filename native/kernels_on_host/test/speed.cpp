// How long a launch takes that a contract test might make: 140 000 numbers, two shuffles a thread.
#include <chrono>

#include "harness.h"

int main() {
  constexpr size_t COUNT = 140000;
  constexpr int LAUNCHES = 100;
  TestContext context;
  const Buffer<float> in(ramp(COUNT));
  const Buffer<float> out(COUNT);
  void *function = context.function("vectors");
  MapArguments arguments{in.pointer(), out.pointer(), COUNT, 2};
  void *parameters[] = {&arguments};
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < LAUNCHES; i++) {
    OK(cuLaunchKernel(function, (COUNT / 4 + 255) / 256, 1, 1, 256, 1, 1, 0, context.stream,
                      parameters, nullptr));
    OK(cuStreamSynchronize(context.stream));
  }
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
  std::printf("%.2f ms a launch\n", took.count() / LAUNCHES);
  return 0;
}
