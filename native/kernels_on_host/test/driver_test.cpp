// The driver's functions as far as they are not about order: devices, contexts, modules, memory,
// graphs, and failures to order.
#include "harness.h"

namespace {

void test_devices() {
  int value = 0;
  OK(cuDeviceGetCount(&value));
  CHECK(value == 2, "%d devices", value);
  char name[32];
  OK(cuDeviceGetName(name, sizeof name, 1));
  CHECK(std::strcmp(name, "Kernels on host 1") == 0, "%s", name);
  OK(cuDeviceGetAttribute(&value, 75, 0));
  CHECK(value == 9, "compute capability %d", value);
  OK(cuDeviceGetAttribute(&value, 16, 0));
  CHECK(value == 4, "%d multiprocessors", value);
  CHECK_STATUS(101, cuDeviceGet(&value, 2));
  OK(cuDriverGetVersion(&value));
  CHECK(value == 13000, "version %d", value);
  const char *text = nullptr;
  OK(cuGetErrorName(700, &text));
  CHECK(std::strcmp(text, "CUDA_ERROR_ILLEGAL_ADDRESS") == 0, "%s", text);
  OK(cuGetErrorString(1, &text));
  CHECK(std::strcmp(text, "invalid argument") == 0, "%s", text);
  CHECK_STATUS(1, cuGetErrorName(12345, &text));
  void *function = nullptr;
  int found = -1;
  OK(cuGetProcAddress_v2("cuMemAlloc", &function, 12000, 0, &found));
  CHECK(function == reinterpret_cast<void *>(&cuMemAlloc_v2) && found == 0, "cuGetProcAddress");
  CHECK_STATUS(500, cuGetProcAddress_v2("cuNothing", &function, 12000, 0, &found));
  CHECK_STATUS(801, cuMemcpyPeer());
}

void test_contexts() {
  void *current = nullptr;
  size_t free = 0;
  CHECK_STATUS(201, cuCtxSynchronize());
  CHECK_STATUS(201, cuMemGetInfo_v2(&free, &free));
  CHECK_STATUS(201, cuCtxPopCurrent_v2(nullptr));
  CHECK_STATUS(201, cuCtxPushCurrent_v2(&free));
  unsigned flags = 0;
  int active = 1;
  OK(cuDevicePrimaryCtxGetState(0, &flags, &active));
  CHECK(active == 0, "a primary context that nobody retained");
  void *primary = nullptr;
  OK(cuDevicePrimaryCtxRetain(&primary, 0));
  OK(cuDevicePrimaryCtxRetain(&current, 0));
  CHECK(current == primary, "two primary contexts of one device");
  OK(cuCtxPushCurrent_v2(primary));
  unsigned long long first = 0;
  unsigned long long second = 0;
  OK(cuCtxGetId(nullptr, &first));
  uintptr_t memory = 0;
  OK(cuMemAlloc_v2(&memory, 100));
  OK(cuDevicePrimaryCtxRelease_v2(0));
  OK(cuCtxSynchronize());
  OK(cuDevicePrimaryCtxRelease_v2(0));
  CHECK_STATUS(709, cuCtxSynchronize());
  CHECK_STATUS(201, cuDevicePrimaryCtxRelease_v2(0));
  OK(cuDevicePrimaryCtxRetain(&current, 0));
  CHECK(current == primary, "the primary context's handle changed");
  OK(cuCtxGetId(primary, &second));
  CHECK(first != second, "an id was used twice");
  CHECK_STATUS(1, cuMemFree_v2(memory));
  OK(cuCtxPopCurrent_v2(&current));
  OK(cuDevicePrimaryCtxRelease_v2(0));
  void *created = nullptr;
  OK(cuCtxCreate_v2(&created, 0, 1));
  int device = -1;
  OK(cuCtxGetDevice(&device));
  CHECK(device == 1, "device %d", device);
  OK(cuCtxDestroy_v2(created));
  OK(cuCtxGetCurrent(&current));
  CHECK(current == nullptr, "a destroyed context is current");
  CHECK_STATUS(709, cuCtxPushCurrent_v2(created));
}

void test_objects_of_another_context() {
  TestContext mine;
  const Buffer<float> data(ramp(64));
  MapArguments arguments{data.pointer(), data.pointer(), 64, 1};
  void *parameters[] = {&arguments};
  void *function = mine.function("scale");
  void *event = nullptr;
  OK(cuEventCreate(&event, 0));
  {
    TestContext other;
    void *there = other.function("scale");
    CHECK_STATUS(400,
                 cuLaunchKernel(function, 1, 1, 1, 64, 1, 1, 0, other.stream, parameters, nullptr));
    CHECK_STATUS(400,
                 cuLaunchKernel(there, 1, 1, 1, 64, 1, 1, 0, mine.stream, parameters, nullptr));
    CHECK_STATUS(400, cuEventRecord(event, other.stream));
    CHECK_STATUS(400, cuStreamSynchronize(mine.stream));
  }
  OK(cuStreamSynchronize(mine.stream));
  CHECK_STATUS(400, cuStreamSynchronize(&arguments));
}

void test_modules(TestContext &context) {
  void *module = nullptr;
  void *function = nullptr;
  char info[64] = "x";
  char error[200] = "x";
  const int options[] = {3, 4, 5, 6};
  void *values[] = {info, reinterpret_cast<void *>(sizeof info), error,
                    reinterpret_cast<void *>(sizeof error)};
  CHECK_STATUS(218, cuModuleLoadDataEx(&module, "not PTX", 4, options, values));
  CHECK(std::strstr(error, "ptxas") != nullptr && *info == '\0', "logs: %s; %s", info, error);
  CHECK(reinterpret_cast<size_t>(values[3]) == std::strlen(error) + 1, "the log's length");
  CHECK_STATUS(222,
               cuModuleLoadDataEx(&module, ".version 9.9\n.target sm_80\n", 0, nullptr, nullptr));
  CHECK_STATUS(218,
               cuModuleLoadDataEx(&module, ".version 7.8\n.target sm_120\n", 0, nullptr, nullptr));
  const std::string ptx = "/* .entry hidden */\n" + ptx_of({"scale", "not_compiled"}) +
                          "// .entry vectors (\n.entry fill_pattern(\n.param .u8 a) {}\n";
  OK(cuModuleLoadDataEx(&module, ptx.c_str(), 0, nullptr, nullptr));
  OK(cuModuleGetFunction(&function, module, "fill_pattern"));
  int threads = 0;
  OK(cuFuncGetAttribute(&threads, 0, function));
  CHECK(threads == 1024, "%d threads without a bound", threads);
  OK(cuModuleGetFunction(&function, module, "scale"));
  OK(cuFuncGetAttribute(&threads, 0, function));
  CHECK(threads == 512, "%d threads with .maxntid 512", threads);
  CHECK_STATUS(500, cuModuleGetFunction(&function, module, "vectors"));
  CHECK_STATUS(500, cuModuleGetFunction(&function, module, "not_compiled"));
  CHECK(std::strstr(kernels_on_host_report(), "not_compiled") != nullptr, "the report");
  kernels_on_host_clear();
  OK(cuModuleUnload(module));
  CHECK_STATUS(400, cuFuncGetAttribute(&threads, 0, function));
  CHECK_STATUS(400, cuModuleUnload(module));
  function = context.function("scale");
  MapArguments arguments{};
  void *parameters[] = {&arguments};
  for (const unsigned block : {0u, 513u, 1025u}) {
    CHECK_STATUS(
        1, cuLaunchKernel(function, 1, 1, 1, block, 1, 1, 0, context.stream, parameters, nullptr));
  }
  CHECK_STATUS(1,
               cuLaunchKernel(function, 0, 1, 1, 64, 1, 1, 0, context.stream, parameters, nullptr));
  CHECK_STATUS(
      1, cuLaunchKernel(function, 1, 65536, 1, 64, 1, 1, 0, context.stream, parameters, nullptr));
}

void test_memory(TestContext &context) {
  uintptr_t address = 0;
  void *pinned = nullptr;
  size_t free_before = 0;
  size_t free_after = 0;
  size_t total = 0;
  OK(cuMemGetInfo_v2(&free_before, &total));
  CHECK_STATUS(1, cuMemAlloc_v2(&address, 0));
  CHECK_STATUS(2, cuMemAlloc_v2(&address, total + 1));
  OK(cuMemAlloc_v2(&address, 1000));
  OK(cuMemGetInfo_v2(&free_after, &total));
  CHECK(free_before - free_after == 1000 && address % 256 == 0, "an allocation");
  std::vector<unsigned char> bytes(1001);
  OK(cuMemcpyDtoH_v2(bytes.data(), address, 1000));
  CHECK(bytes[0] == 0xE7 && bytes[999] == 0xE7, "the pattern of new memory");
  OK(cuMemsetD8Async(address + 1, 5, 998, context.stream));
  OK(cuStreamSynchronize(context.stream));
  OK(cuMemcpyDtoH_v2(bytes.data(), address, 1000));
  CHECK(bytes[0] == 0xE7 && bytes[1] == 5 && bytes[998] == 5 && bytes[999] == 0xE7, "a fill");
  CHECK_STATUS(1, cuMemcpyDtoH_v2(bytes.data(), address, 1001));
  CHECK_STATUS(1, cuMemcpyHtoD_v2(address + 1000, bytes.data(), 1));
  OK(cuMemcpyHtoD_v2(address + 1000, bytes.data(), 0));
  OK(cuMemAllocHost_v2(&pinned, 100));
  CHECK_STATUS(1, cuMemcpyHtoDAsync_v2(address, pinned, 101, context.stream));
  CHECK_STATUS(1,
               cuMemcpyDtoHAsync_v2(static_cast<char *>(pinned) + 99, address, 2, context.stream));

  const int attributes[] = {2, 9, 11, 12, 1};
  unsigned type = 9;
  int ordinal = 9;
  uintptr_t start = 9;
  size_t size = 9;
  void *owner = &type;
  void *data[] = {&type, &ordinal, &start, &size, &owner};
  OK(cuPointerGetAttributes(5, attributes, data, address + 10));
  CHECK(type == 2 && ordinal == 0 && start == address && size == 1000 && owner == context.context,
        "attributes of device memory");
  const auto pinned_address = reinterpret_cast<uintptr_t>(pinned);
  OK(cuPointerGetAttributes(5, attributes, data, pinned_address + 99));
  CHECK(type == 1 && start == pinned_address && size == 100, "attributes of page-locked memory");
  OK(cuPointerGetAttributes(5, attributes, data, reinterpret_cast<uintptr_t>(&type)));
  CHECK(type == 0 && start == 0 && size == 0 && owner == nullptr, "attributes of other memory");
  CHECK_STATUS(1, cuPointerGetAttribute(&type, 2, reinterpret_cast<uintptr_t>(&type)));
  OK(cuPointerGetAttribute(&type, 2, address));

  CHECK_STATUS(1, cuMemFree_v2(address + 256));
  CHECK_STATUS(1, cuMemFreeHost(reinterpret_cast<void *>(address)));
  OK(cuMemFree_v2(address));
  CHECK_STATUS(1, cuMemFree_v2(address));
  CHECK_STATUS(1, cuMemcpyDtoH_v2(bytes.data(), address, 1));
  uintptr_t next = 0;
  OK(cuMemAlloc_v2(&next, 1000));
  CHECK(next != address, "an address was used twice");
  OK(cuMemFree_v2(next));
  OK(cuMemFreeHost(pinned));
  /* More than stays resident once it is freed. */
  for (int i = 0; i < 8; i++) {
    OK(cuMemAlloc_v2(&address, 32 << 20));
    OK(cuMemFree_v2(address));
  }
}

void test_graphs(TestContext &context) {
  const Buffer<float> data(std::vector<float>(64, 1));
  void *function = context.function("scale");
  MapArguments arguments{data.pointer(), data.pointer(), 64, 2};
  void *parameters[] = {&arguments};
  void *other = nullptr;
  void *event = nullptr;
  void *graph = nullptr;
  void *executable = nullptr;
  int status = 9;
  OK(cuStreamCreate(&other, 1));
  OK(cuEventCreate(&event, 2));
  OK(cuStreamBeginCapture_v2(context.stream, 1));
  OK(cuStreamIsCapturing(context.stream, &status));
  CHECK(status == 1, "capture status %d", status);
  OK(cuLaunchKernel(function, 1, 1, 1, 64, 1, 1, 0, context.stream, parameters, nullptr));
  OK(cuEventRecord(event, context.stream));
  OK(cuStreamWaitEvent(other, event, 0));
  OK(cuLaunchKernel(function, 1, 1, 1, 64, 1, 1, 0, other, parameters, nullptr));
  OK(cuEventRecord(event, other));
  OK(cuStreamWaitEvent(context.stream, event, 0));
  OK(cuStreamEndCapture(context.stream, &graph));
  OK(cuCtxSynchronize());
  CHECK(data.values()[0] == 1, "captured work has run");
  OK(cuGraphInstantiateWithFlags(&executable, graph, 0));
  OK(cuGraphDestroy(graph));
  arguments.factor = 100;
  for (int i = 0; i < 3; i++) {
    OK(cuGraphLaunch(executable, context.stream));
  }
  CHECK(data.values()[0] == 1, "a graph was not deferred");
  OK(cuStreamSynchronize(context.stream));
  CHECK(data.values()[0] == 64, "three replays of two launches");
  OK(cuGraphExecDestroy(executable));
  CHECK_STATUS(1, cuGraphLaunch(executable, context.stream));

  OK(cuStreamBeginCapture_v2(context.stream, 1));
  CHECK_STATUS(900, cuStreamSynchronize(context.stream));
  OK(cuStreamIsCapturing(context.stream, &status));
  CHECK(status == 2, "capture status %d after a wait", status);
  CHECK_STATUS(901,
               cuLaunchKernel(function, 1, 1, 1, 64, 1, 1, 0, context.stream, parameters, nullptr));
  CHECK_STATUS(901, cuStreamEndCapture(context.stream, &graph));
  OK(cuStreamBeginCapture_v2(context.stream, 1));
  OK(cuEventRecord(event, context.stream));
  OK(cuStreamWaitEvent(other, event, 0));
  CHECK_STATUS(904, cuStreamEndCapture(context.stream, &graph));
  CHECK_STATUS(401, cuStreamEndCapture(context.stream, &graph));
  OK(cuEventRecord(event, context.stream));
  OK(cuStreamSynchronize(context.stream));
  OK(cuStreamDestroy_v2(other));
}

void test_ordered_failures(TestContext &context) {
  uintptr_t address = 0;
  kernels_on_host_fail("cuMemAlloc_v2:2:2,cuStreamSynchronize:1:999");
  OK(cuMemAlloc_v2(&address, 16));
  CHECK_STATUS(999, cuStreamSynchronize(context.stream));
  OK(cuStreamSynchronize(context.stream));
  uintptr_t second = 0;
  CHECK_STATUS(2, cuMemAlloc_v2(&second, 16));
  OK(cuMemAlloc_v2(&second, 16));
  OK(cuMemFree_v2(address));
  OK(cuMemFree_v2(second));
}

}  // namespace

int main() {
  int count = 0;
  CHECK_STATUS(3, cuDeviceGetCount(&count));
  OK(cuInit(0));
  test_devices();
  test_contexts();
  TestContext context;
  test_objects_of_another_context();
  test_modules(context);
  test_memory(context);
  test_graphs(context);
  test_ordered_failures(context);
  CHECK(*kernels_on_host_report() == '\0', "something is reported");
  return 0;
}
