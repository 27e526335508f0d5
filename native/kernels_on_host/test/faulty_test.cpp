// Each fault of a kernel is seen, with its status and in words, and the context is lost.
#include "harness.h"

namespace {

constexpr int ILLEGAL_ADDRESS = 700;
constexpr int MISALIGNED_ADDRESS = 716;
constexpr int LAUNCH_FAILED = 719;

/* Launches; expects the fault when waiting, not before, and every expected part in the report. */
template <typename... Parameters>
void expect(int status, std::initializer_list<const char *> parts, TestContext &context,
            const char *name, unsigned blocks, unsigned threads, Parameters... parameters) {
  OK(launch(context, name, blocks, threads, parameters...));
  CHECK(*kernels_on_host_report() == '\0', "%s has run too early", name);
  CHECK_STATUS(status, cuStreamSynchronize(context.stream));
  for (const char *part : parts) {
    CHECK(std::strstr(kernels_on_host_report(), part) != nullptr, "%s: the report lacks \"%s\"",
          name, part);
  }
  CHECK(std::strstr(kernels_on_host_report(), name) != nullptr, "the report does not name %s",
        name);
  uintptr_t address = 0;
  CHECK_STATUS(status, cuMemAlloc_v2(&address, 16));
  CHECK_STATUS(status, cuCtxSynchronize());
  kernels_on_host_clear();
  CHECK(*kernels_on_host_report() == '\0', "the report is not cleared");
  OK(cuCtxSynchronize());
}

void test_bounds(TestContext &context) {
  const Buffer<float> floats(100);
  expect(ILLEGAL_ADDRESS,
         {"write of 4 bytes", "0 bytes past the end of the 400 bytes", "block (0,0,0) of (128,1,1)",
          "thread (100,0,0)", "device 0"},
         context, "write_past_end", 1, 128, floats.pointer(), 100);
  const Buffer<uint8_t> bytes(64);
  expect(ILLEGAL_ADDRESS, {"read of 1 bytes", "1 bytes before", "thread (0,0,0)"}, context,
         "read_before_start", 1, 64, bytes.pointer(), bytes.pointer() + 32);
  /* The last vector starts inside. */
  const Buffer<uint32_t> words(30);
  expect(ILLEGAL_ADDRESS, {"0 bytes past the end of the 120 bytes", "thread (7,0,0)"}, context,
         "write_past_end_in_vectors", 1, 32, words.pointer(), 30);
}

void test_freed_and_foreign_memory(TestContext &context) {
  uintptr_t freed = 0;
  OK(cuMemAlloc_v2(&freed, 400));
  OK(cuMemFree_v2(freed));
  expect(ILLEGAL_ADDRESS, {"freed 400 bytes"}, context, "write_past_end", 1, 32, freed, 32);
  std::vector<float> pageable(64);
  expect(ILLEGAL_ADDRESS, {"neither device memory nor page-locked memory"}, context,
         "write_past_end", 1, 32, pageable.data(), 64);
  expect(ILLEGAL_ADDRESS, {"neither device memory"}, context, "write_past_end", 1, 1,
         static_cast<float *>(nullptr), 64);
  void *pinned = nullptr;
  OK(cuMemAllocHost_v2(&pinned, 128));
  OK(launch(context, "write_past_end", 1, 32, pinned, 31));
  OK(cuCtxSynchronize());
  CHECK(static_cast<float *>(pinned)[31] == 1, "a kernel may write page-locked memory");
  void *other = nullptr;
  uintptr_t far = 0;
  OK(cuCtxCreate_v2(&other, 0, 1));
  OK(cuMemAlloc_v2(&far, 256));
  OK(cuCtxPopCurrent_v2(nullptr));
  expect(ILLEGAL_ADDRESS, {"in device 1"}, context, "write_past_end", 1, 32, far, 32);
  OK(cuCtxDestroy_v2(other));
}

void test_alignment(TestContext &context) {
  const Buffer<unsigned char> in(1024);
  const Buffer<uint32_t> out(1024);
  expect(MISALIGNED_ADDRESS, {"not a multiple of 16"}, context, "misaligned_vector", 1, 4,
         in.pointer(), out.pointer());
  expect(MISALIGNED_ADDRESS, {"not a multiple of 8"}, context, "misaligned_dereference", 1, 1,
         in.pointer());
  expect(MISALIGNED_ADDRESS, {"not a multiple of 4"}, context, "misaligned_word", 1, 1,
         in.pointer(), out.pointer());
}

void test_races(TestContext &context) {
  const Buffer<uint32_t> data(512);
  expect(LAUNCH_FAILED,
         {"data race: write of 4 bytes", "thread (0,0,0) of block (0,0,0) wrote", "thread (1,0,0)",
          "byte 0 of the 2048 bytes"},
         context, "race_on_write", 1, 64, data.pointer());
  expect(LAUNCH_FAILED, {"thread (0,0,0) of block (0,0,0) wrote", "block (1,0,0)"}, context,
         "race_between_blocks", 3, 32, data.pointer());
  expect(LAUNCH_FAILED, {"data race"}, context, "race_with_reader", 1, 32, data.pointer(),
         data.pointer());
  expect(LAUNCH_FAILED, {"data race", "1 bytes"}, context, "read_modify_write", 1, 32,
         reinterpret_cast<uint8_t *>(data.pointer()));
  expect(LAUNCH_FAILED, {"shared memory"}, context, "missing_barrier", 1, 64, data.pointer(),
         data.pointer() + 256);
  expect(LAUNCH_FAILED, {"shared memory that no thread of the block wrote", "block (1,0,0)"},
         context, "shared_not_written", 2, 64, data.pointer());
  /* One launch after the other may touch the same. */
  OK(launch(context, "race_between_blocks", 1, 32, data.pointer()));
  OK(launch(context, "race_between_blocks", 1, 32, data.pointer()));
  OK(cuCtxSynchronize());
}

void test_meetings(TestContext &context) {
  const Buffer<uint32_t> out(512);
  expect(LAUNCH_FAILED, {"lanes 0x000fffff wait"}, context, "divergent_shuffle", 1, 32,
         out.pointer());
  expect(LAUNCH_FAILED, {"does not name the calling lane 16"}, context, "shuffle_of_others", 1, 32,
         out.pointer());
  expect(LAUNCH_FAILED, {"reads from lane 20"}, context, "shuffle_from_outside", 1, 32,
         out.pointer());
  expect(LAUNCH_FAILED, {"different operations"}, context, "shuffle_meets_vote", 1, 32,
         out.pointer());
  expect(LAUNCH_FAILED, {"wait"}, context, "different_masks", 1, 32, out.pointer());
  /* The block ends within a warp, whose other lanes do not exist. */
  expect(LAUNCH_FAILED, {"have ended"}, context, "divergent_shuffle", 1, 16, out.pointer());
  expect(LAUNCH_FAILED, {"__syncthreads"}, context, "divergent_barrier", 1, 64, out.pointer());
  expect(LAUNCH_FAILED,
         {"can go on", "wait in __syncthreads", "in warp 1 lanes 0x7fff0000 wait in a shuffle"},
         context, "barrier_meets_shuffle", 1, 64, out.pointer());
  expect(LAUNCH_FAILED, {"__trap", "thread (3,0,0)"}, context, "stops", 1, 64, out.pointer());
}

}  // namespace

int main() {
  TestContext context;
  test_bounds(context);
  test_freed_and_foreign_memory(context);
  test_alignment(context);
  test_races(context);
  test_meetings(context);
  /* After all that the next kernel runs. */
  const Buffer<float> data(ramp(256));
  OK(launch(context, "rotate_in_place", 1, 256, data.pointer()));
  OK(cuCtxSynchronize());
  CHECK(data.values()[0] == 1, "a kernel after the errors");
  return 0;
}
