// Work runs when something waits for it and not before, and in the order that streams, events and
// the null stream ask for.
#include "harness.h"

namespace {

constexpr size_t COUNT = 64;
constexpr size_t BYTES = COUNT * sizeof(float);

int scale(TestContext &context, void *stream, float *in, float *out, float factor) {
  MapArguments arguments{in, out, COUNT, factor};
  void *parameters[] = {&arguments};
  return cuLaunchKernel(context.function("scale"), 1, 1, 1, 64, 1, 1, 0, stream, parameters,
                        nullptr);
}

float *pinned_floats() {
  void *memory = nullptr;
  OK(cuMemAllocHost_v2(&memory, BYTES));
  return static_cast<float *>(memory);
}

/* A copy from page-locked memory sees what is written until the wait; one from pageable does not. */
void test_copies_to_device(TestContext &context) {
  float *pinned = pinned_floats();
  std::vector<float> pageable(COUNT, 1);
  const Buffer<float> from_pinned(COUNT);
  const Buffer<float> from_pageable(COUNT);
  pinned[5] = 1;
  OK(cuMemcpyHtoDAsync_v2(from_pinned.address, pinned, BYTES, context.stream));
  OK(cuMemcpyHtoDAsync_v2(from_pageable.address, pageable.data(), BYTES, context.stream));
  pinned[5] = 2;
  pageable[5] = 2;
  OK(cuStreamSynchronize(context.stream));
  CHECK(from_pinned.values()[5] == 2, "a copy from page-locked memory was not deferred");
  CHECK(from_pageable.values()[5] == 1, "a copy from pageable memory was deferred");
  OK(cuMemFreeHost(pinned));
}

void test_copies_to_host(TestContext &context) {
  const Buffer<float> data(std::vector<float>(COUNT, 3));
  float *pinned = pinned_floats();
  pinned[0] = 0;
  OK(cuMemcpyDtoHAsync_v2(pinned, data.address, BYTES, context.stream));
  CHECK(pinned[0] == 0, "a copy to page-locked memory was not deferred");
  std::vector<float> pageable(COUNT);
  OK(cuMemcpyDtoHAsync_v2(pageable.data(), data.address, BYTES, context.stream));
  CHECK(pageable[0] == 3 && pinned[0] == 3, "a copy to pageable memory was deferred");
  OK(cuMemFreeHost(pinned));
}

/* The launch has its parameters by the time the call returns. */
void test_parameters_are_copied(TestContext &context) {
  const Buffer<float> data(std::vector<float>(COUNT, 3));
  MapArguments arguments{data.pointer(), data.pointer(), COUNT, 2};
  void *parameters[] = {&arguments};
  OK(cuLaunchKernel(context.function("scale"), 1, 1, 1, 64, 1, 1, 0, context.stream, parameters,
                    nullptr));
  arguments = {};
  OK(cuStreamSynchronize(context.stream));
  CHECK(data.values()[0] == 6, "parameters");
}

void test_streams_are_independent(TestContext &context) {
  void *other = nullptr;
  OK(cuStreamCreate(&other, 1));
  float *here = pinned_floats();
  float *there = pinned_floats();
  here[0] = there[0] = 0;
  const Buffer<float> data(std::vector<float>(COUNT, 3));
  OK(cuMemcpyDtoHAsync_v2(here, data.address, BYTES, context.stream));
  OK(cuMemcpyDtoHAsync_v2(there, data.address, BYTES, other));
  OK(cuStreamSynchronize(other));
  CHECK(here[0] == 0 && there[0] == 3, "waiting for one stream ran the other");
  OK(cuCtxSynchronize());
  CHECK(here[0] == 3, "waiting for the context did not run a stream");
  OK(cuMemFreeHost(here));
  OK(cuMemFreeHost(there));
  OK(cuStreamDestroy_v2(other));
}

void test_events(TestContext &context) {
  void *other = nullptr;
  void *event = nullptr;
  void *unused = nullptr;
  OK(cuStreamCreate(&other, 1));
  OK(cuEventCreate(&event, 0));
  OK(cuEventCreate(&unused, 0));
  OK(cuEventSynchronize(unused));
  const Buffer<float> data(std::vector<float>(COUNT, 3));
  const Buffer<float> out(COUNT);
  OK(scale(context, context.stream, data.pointer(), data.pointer(), 2));
  OK(cuEventRecord(event, context.stream));
  OK(scale(context, context.stream, data.pointer(), data.pointer(), 10));
  OK(cuStreamWaitEvent(other, event, 0));
  OK(scale(context, other, data.pointer(), out.pointer(), 1));
  OK(cuEventDestroy_v2(event));
  OK(cuStreamSynchronize(other));
  CHECK(out.values()[0] == 6, "the event did not order the streams: %g",
        static_cast<double>(out.values()[0]));
  OK(cuStreamSynchronize(context.stream));
  CHECK(data.values()[0] == 60, "work after the event was lost");
  /* Without the event the other stream runs first. */
  OK(scale(context, context.stream, data.pointer(), data.pointer(), 2));
  OK(scale(context, other, data.pointer(), out.pointer(), 1));
  OK(cuStreamSynchronize(other));
  CHECK(out.values()[0] == 60, "streams wait for each other unasked");
  OK(cuCtxSynchronize());
  OK(cuStreamDestroy_v2(other));
}

void test_elapsed_time(TestContext &context) {
  void *start = nullptr;
  void *end = nullptr;
  float milliseconds = -1;
  OK(cuEventCreate(&start, 0));
  OK(cuEventCreate(&end, 0));
  CHECK_STATUS(400, cuEventElapsedTime(&milliseconds, start, end));
  OK(cuEventRecord(start, context.stream));
  OK(cuEventRecord(end, context.stream));
  CHECK_STATUS(600, cuEventElapsedTime(&milliseconds, start, end));
  OK(cuEventSynchronize(end));
  OK(cuEventElapsedTime(&milliseconds, start, end));
  CHECK(milliseconds >= 0, "the time runs backwards");
}

/* The null stream waits for blocking streams and they for it; the others do not care. */
void test_null_stream(TestContext &context) {
  void *blocking = nullptr;
  OK(cuStreamCreate(&blocking, 0));
  const Buffer<float> data(std::vector<float>(COUNT, 1));
  OK(scale(context, blocking, data.pointer(), data.pointer(), 3));
  OK(scale(context, nullptr, data.pointer(), data.pointer(), 5));
  OK(scale(context, blocking, data.pointer(), data.pointer(), 7));
  OK(scale(context, context.stream, data.pointer(), data.pointer(), 11));
  std::vector<float> values = data.values();
  CHECK(values[0] == 15 || values[0] == 105, "the null stream: %g", static_cast<double>(values[0]));
  OK(cuStreamSynchronize(blocking));
  CHECK(data.values()[0] == 105, "the null stream ran a stream that does not block");
  OK(cuStreamQuery(context.stream));
  CHECK(data.values()[0] == 1155, "a query runs what it asks about");
  OK(cuStreamDestroy_v2(blocking));
}

void test_long_chains(TestContext &context) {
  void *other = nullptr;
  void *event = nullptr;
  OK(cuStreamCreate(&other, 1));
  OK(cuEventCreate(&event, 2));
  for (int i = 0; i < 100000; i++) {
    OK(cuEventRecord(event, context.stream));
    OK(cuStreamWaitEvent(other, event, 0));
    OK(cuEventRecord(event, other));
    OK(cuStreamWaitEvent(context.stream, event, 0));
  }
  OK(cuStreamSynchronize(context.stream));
  OK(cuStreamDestroy_v2(other));
}

/* What is freed while work that needs it is still queued is gone when the work runs. */
void test_free_before_wait(TestContext &context) {
  float *pinned = pinned_floats();
  const Buffer<float> data(COUNT);
  OK(cuMemcpyHtoDAsync_v2(data.address, pinned, BYTES, context.stream));
  OK(cuMemFreeHost(pinned));
  CHECK_STATUS(700, cuStreamSynchronize(context.stream));
  CHECK(std::strstr(kernels_on_host_report(), "freed 256 bytes") != nullptr, "the report");
  kernels_on_host_clear();
}

}  // namespace

int main() {
  TestContext context;
  test_copies_to_device(context);
  test_copies_to_host(context);
  test_parameters_are_copied(context);
  test_streams_are_independent(context);
  test_events(context);
  test_elapsed_time(context);
  test_null_stream(context);
  test_long_chains(context);
  test_free_before_wait(context);
  return 0;
}
