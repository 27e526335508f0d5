/* What every test needs: checks, and a context with the test's kernels in it. */
#ifndef KERNELS_ON_HOST_TEST_HARNESS_H
#define KERNELS_ON_HOST_TEST_HARNESS_H

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <initializer_list>
#include <string>
#include <vector>

#include "driver_api.h"

#define CHECK(condition, ...)                             \
  do {                                                    \
    if (!(condition)) {                                   \
      std::printf("FAILED: %s:%d: ", __FILE__, __LINE__); \
      std::printf(__VA_ARGS__);                           \
      std::printf("\n%s", kernels_on_host_report());      \
      std::exit(1);                                       \
    }                                                     \
  } while (0)

#define CHECK_STATUS(expected, call)                                                 \
  do {                                                                               \
    const int status_ = (call);                                                      \
    CHECK(status_ == (expected), "%s returns %d, not %d", #call, status_, expected); \
  } while (0)

#define OK(call) CHECK_STATUS(0, call)

/* PTX with these kernels, as far as the library reads it. */
std::string ptx_of(std::initializer_list<const char *> names);

/* A context of device 0, current in the constructing thread until destruction. */
class TestContext {
 public:
  TestContext();
  ~TestContext();
  TestContext(const TestContext &) = delete;
  TestContext &operator=(const TestContext &) = delete;

  void *context = nullptr;
  void *stream = nullptr;

  void *function(const char *name);
};

/* Device memory. */
template <typename T>
class Buffer {
 public:
  explicit Buffer(size_t elements) : count(elements) { OK(cuMemAlloc_v2(&address, bytes())); }
  explicit Buffer(const std::vector<T> &values) : Buffer(values.size()) {
    OK(cuMemcpyHtoD_v2(address, values.data(), bytes()));
  }
  ~Buffer() { cuMemFree_v2(address); }
  Buffer(const Buffer &) = delete;
  Buffer &operator=(const Buffer &) = delete;

  size_t bytes() const { return count * sizeof(T); }
  T *pointer() const { return reinterpret_cast<T *>(address); }
  std::vector<T> values() const {
    std::vector<T> all(count);
    OK(cuMemcpyDtoH_v2(all.data(), address, bytes()));
    return all;
  }

  uintptr_t address = 0;
  size_t count;
};

/* Queues a launch of a one-dimensional grid. */
template <typename... Parameters>
int launch(TestContext &context, const char *name, unsigned blocks, unsigned threads,
           Parameters... parameters) {
  void *pointers[] = {static_cast<void *>(&parameters)...};
  return cuLaunchKernel(context.function(name), blocks, 1, 1, threads, 1, 1, 0, context.stream,
                        pointers, nullptr);
}

struct MapArguments {
  const float *in;
  float *out;
  uint64_t count;
  float factor;
};

/* 0, 1, 2, ... */
std::vector<float> ramp(size_t count);

#endif
