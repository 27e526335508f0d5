#include "harness.h"

std::string ptx_of(std::initializer_list<const char *> names) {
  std::string ptx = "//\n// Test\n//\n\n.version 7.8\n.target sm_80\n.address_size 64\n\n";
  for (const char *name : names) {
    ptx += std::string(".visible .entry ") + name +
           "(\n\t.param .align 8 .b8 p[32]\n)\n.maxntid 512, 1, 1\n{\n\tret;\n}\n";
  }
  return ptx;
}

TestContext::TestContext() {
  OK(cuInit(0));
  OK(cuCtxCreate_v2(&context, 0, 0));
  OK(cuStreamCreate(&stream, 1));
}

TestContext::~TestContext() { cuCtxDestroy_v2(context); }

void *TestContext::function(const char *name) {
  void *module = nullptr;
  void *function = nullptr;
  OK(cuModuleLoadDataEx(&module, ptx_of({name}).c_str(), 0, nullptr, nullptr));
  OK(cuModuleGetFunction(&function, module, name));
  return function;
}

std::vector<float> ramp(size_t count) {
  std::vector<float> values(count);
  for (size_t i = 0; i < count; i++) {
    values[i] = static_cast<float>(i);
  }
  return values;
}
