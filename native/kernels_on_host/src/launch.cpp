/* cuLaunchKernel. */
#include <cstring>
#include <vector>

#include "call.h"

using namespace kernels_on_host;

namespace {

/* The values of a launch's parameters, as in a structure of them. */
class Arguments {
 public:
  explicit Arguments(const Kernel &of) : kernel(of), bytes(of.bytes) {}

  void copy_each(void *const *pointers) {
    for (size_t i = 0; i < kernel.parameter_count; i++) {
      const Parameter &parameter = kernel.parameters[i];
      std::memcpy(bytes.data() + parameter.offset, pointers[i], parameter.bytes);
    }
  }

  /* `extra` is a list of keys and values. */
  Status copy_buffer(void *const *extra) {
    const void *buffer = nullptr;
    const size_t *size = nullptr;
    for (; *extra != nullptr; extra += 2) {
      if (extra[0] == reinterpret_cast<void *>(1)) {
        buffer = extra[1];
      } else if (extra[0] == reinterpret_cast<void *>(2)) {
        size = static_cast<const size_t *>(extra[1]);
      } else {
        return INVALID_VALUE;
      }
    }
    /* A structure of the parameters may be padded at its end. */
    if (buffer == nullptr || size == nullptr || *size < bytes.size()) {
      return INVALID_VALUE;
    }
    if (!bytes.empty()) {
      std::memcpy(bytes.data(), buffer, bytes.size());
    }
    return SUCCESS;
  }

  const unsigned char *data() const { return bytes.data(); }

 private:
  const Kernel &kernel;
  std::vector<unsigned char> bytes;
};

bool is_legal(const Extent &grid, const Extent &block, const Function &function) {
  return grid.count() > 0 && grid.x <= 0x7FFFFFFF && grid.y <= 65535 && grid.z <= 65535 &&
         block.count() > 0 && block.x <= MAX_BLOCK_THREADS && block.y <= MAX_BLOCK_THREADS &&
         block.z <= 64 && block.count() <= MAX_BLOCK_THREADS &&
         block.count() <= function.max_threads;
}

}  // namespace

EXPORTED int cuLaunchKernel(Handle function_handle, unsigned grid_x, unsigned grid_y,
                            unsigned grid_z, unsigned block_x, unsigned block_y, unsigned block_z,
                            unsigned shared_bytes, Handle stream_handle, void **pointers,
                            void **extra) {
  BEGIN_IN_CONTEXT(cuLaunchKernel);
  const std::shared_ptr<Function> function = driver.functions.find(function_handle);
  if (function == nullptr || function->module->context != &context) {
    return INVALID_HANDLE;
  }
  std::shared_ptr<Stream> stream;
  RETURN_IF_FAILED(stream_of(context, stream_handle, stream));
  const Extent grid{grid_x, grid_y, grid_z};
  const Extent block{block_x, block_y, block_z};
  const Kernel &kernel = *function->kernel;
  if (!is_legal(grid, block, *function) || shared_bytes > 48 << 10 ||
      (pointers != nullptr && extra != nullptr) ||
      (pointers == nullptr && extra == nullptr && kernel.parameter_count > 0)) {
    return INVALID_VALUE;
  }
  auto arguments = std::make_shared<Arguments>(kernel);
  if (extra != nullptr) {
    RETURN_IF_FAILED(arguments->copy_buffer(extra));
  } else {
    arguments->copy_each(pointers);
  }
  const int device = context.device;
  return queue(stream, [=, &kernel] {
    return run_grid({&kernel, grid, block, arguments->data(), device});
  });
}
