// Kernels without a fault give what they give on a GPU, and nothing is reported.
#include <cmath>

#include "harness.h"

namespace {

void test_scale(TestContext &context) {
  for (size_t count : {size_t{1}, size_t{255}, size_t{1000}}) {
    const Buffer<float> in(ramp(count));
    const Buffer<float> out(count);
    OK(launch(context, "scale", 4, 256, MapArguments{in.pointer(), out.pointer(), count, 2}));
    OK(cuCtxSynchronize());
    const std::vector<float> values = out.values();
    for (size_t i = 0; i < count; i++) {
      CHECK(values[i] == 2 * static_cast<float>(i), "scale: element %zu", i);
    }
  }
}

void test_parameters(TestContext &context) {
  const Buffer<double> out(100);
  OK(launch(context, "fill_pattern", 1, 128, static_cast<unsigned char>(7), out.pointer(), 100,
            0.5f));
  OK(cuCtxSynchronize());
  const std::vector<double> values = out.values();
  for (int i = 0; i < 100; i++) {
    CHECK(values[static_cast<size_t>(i)] == 7 + 0.5 * i, "fill_pattern: element %d", i);
  }
  /* The same through the buffer of `extra`: 7, padding, pointer, 50, 2.0f. */
  struct {
    unsigned char first;
    double *out;
    int count;
    float step;
  } packed = {9, out.pointer(), 50, 2.0f};
  size_t bytes = sizeof packed;
  void *extra[] = {reinterpret_cast<void *>(1), &packed, reinterpret_cast<void *>(2), &bytes,
                   nullptr};
  OK(cuLaunchKernel(context.function("fill_pattern"), 1, 1, 1, 64, 1, 1, 0, context.stream, nullptr,
                    extra));
  packed.first = 0;
  OK(cuCtxSynchronize());
  CHECK(out.values()[49] == 9 + 98 && out.values()[50] == 7 + 25, "fill_pattern through extra");
}

void test_positions(TestContext &context) {
  struct Position {
    uint32_t x, y, z, at;
  };
  const size_t count = 24 * 30;
  const Buffer<Position> threads(count);
  const Buffer<Position> blocks(count);
  Position *pointers[] = {threads.pointer(), blocks.pointer()};
  void *parameters[] = {&pointers[0], &pointers[1]};
  OK(cuLaunchKernel(context.function("positions"), 2, 3, 4, 5, 3, 2, 0, context.stream, parameters,
                    nullptr));
  OK(cuCtxSynchronize());
  const std::vector<Position> of_thread = threads.values();
  const std::vector<Position> of_block = blocks.values();
  for (uint32_t i = 0; i < count; i++) {
    const uint32_t t = i % 30;
    const uint32_t b = i / 30;
    CHECK(of_thread[i].x == t % 5 && of_thread[i].y == t / 5 % 3 && of_thread[i].z == t / 15,
          "position of thread %u", i);
    CHECK(of_block[i].x == b % 2 && of_block[i].y == b / 2 % 3 && of_block[i].z == b / 6,
          "position of block %u", i);
  }
}

void test_shuffles(TestContext &context) {
  const Buffer<uint32_t> out(256);
  const Buffer<double> wide(32);
  OK(launch(context, "shuffles", 1, 32, out.pointer(), wide.pointer()));
  OK(cuCtxSynchronize());
  const std::vector<uint32_t> values = out.values();
  const std::vector<double> doubles = wide.values();
  for (uint32_t lane = 0; lane < 32; lane++) {
    CHECK(values[lane] == 105, "__shfl_sync, lane %u", lane);
    CHECK(values[32 + lane] == 100 + (lane & ~7u) + 3, "__shfl_sync by 8, lane %u", lane);
    CHECK(values[64 + lane] == 100 + (lane >= 3 ? lane - 3 : lane), "__shfl_up_sync, lane %u",
          lane);
    CHECK(values[96 + lane] == 100 + (lane % 16 < 14 ? lane + 2 : lane),
          "__shfl_down_sync by 16, lane %u", lane);
    CHECK(values[128 + lane] == 100 + (lane ^ 7u), "__shfl_xor_sync, lane %u", lane);
    CHECK(values[160 + lane] == 0x49249249u, "__ballot_sync, lane %u", lane);
    CHECK(values[192 + lane] == 3, "__any_sync and __all_sync, lane %u", lane);
    CHECK(doubles[lane] == 0.5 + 31 - lane, "__shfl_sync of double, lane %u", lane);
    const uint32_t sum = lane < 16 ? 300 + (lane ^ 1u) + (lane ^ 2u) + (lane ^ 4u)
                                   : 100 + (lane < 31 ? lane + 1 : lane);
    CHECK(values[224 + lane] == sum, "shuffles of halves, lane %u", lane);
  }
}

void test_shared_memory(TestContext &context) {
  const Buffer<float> in(ramp(1024));
  const Buffer<float> out(1024);
  OK(launch(context, "reverse_blocks", 4, 256, MapArguments{in.pointer(), out.pointer(), 1024, 1}));
  OK(cuCtxSynchronize());
  const std::vector<float> values = out.values();
  for (size_t i = 0; i < 1024; i++) {
    CHECK(values[i] == static_cast<float>(i / 256 * 256 + 255 - i % 256), "reversed element %zu",
          i);
  }
  for (unsigned threads : {1u, 31u, 33u, 256u, 512u}) {
    const Buffer<float> data(ramp(threads));
    OK(launch(context, "rotate_in_place", 1, threads, data.pointer()));
    OK(cuCtxSynchronize());
    const std::vector<float> rotated = data.values();
    for (unsigned i = 0; i < threads; i++) {
      CHECK(rotated[i] == static_cast<float>((i + 1) % threads), "rotated element %u", i);
    }
  }
}

void test_neighbouring_bytes(TestContext &context) {
  const Buffer<uint8_t> in(std::vector<uint8_t>(100, 1));
  const Buffer<uint8_t> out(500);
  OK(launch(context, "packed_sums", 5, 100, in.pointer(), out.pointer(), 100));
  OK(cuCtxSynchronize());
  CHECK(out.values()[499] == 199, "sum of bytes");
}

/* One launch sees what the last one left. */
void test_many_launches(TestContext &context) {
  const Buffer<float> data(std::vector<float>(64, 1));
  void *function = context.function("scale");
  MapArguments arguments{data.pointer(), data.pointer(), 64, -1};
  void *parameters[] = {&arguments};
  for (int i = 0; i < 20001; i++) {
    OK(cuLaunchKernel(function, 64, 1, 1, 1, 1, 1, 0, context.stream, parameters, nullptr));
  }
  OK(cuCtxSynchronize());
  CHECK(data.values()[63] == -1, "many launches");
}

}  // namespace

int main() {
  TestContext context;
  test_scale(context);
  test_parameters(context);
  test_positions(context);
  test_shuffles(context);
  test_shared_memory(context);
  test_neighbouring_bytes(context);
  test_many_launches(context);
  CHECK(*kernels_on_host_report() == '\0', "something is reported");
  return 0;
}
