// The environment variables, each as ctest sets it.
#include "harness.h"

int main(int argc, char **argv) {
  CHECK(argc == 2, "one argument");
  const std::string variable = argv[1];
  int value = 0;
  if (variable == "no_devices") {
    CHECK_STATUS(100, cuInit(0));
    CHECK_STATUS(3, cuDeviceGetCount(&value));
    return 0;
  }
  OK(cuInit(0));
  if (variable == "machine") {
    OK(cuDeviceGetCount(&value));
    CHECK(value == 3, "%d devices", value);
    OK(cuDriverGetVersion(&value));
    CHECK(value == 12020, "version %d", value);
    OK(cuDeviceGetAttribute(&value, 75, 2));
    CHECK(value == 7, "compute capability %d", value);
  } else if (variable == "failures") {
    CHECK_STATUS(999, cuDeviceGetCount(&value));
    OK(cuDeviceGetCount(&value));
  } else {
    TestContext context;
    const Buffer<uint32_t> data(64);
    OK(launch(context, "race_on_write", 1, 64, data.pointer()));
    OK(cuCtxSynchronize());
  }
  return 0;
}
