/* Contexts and the calling thread's stack of them. */
#include "call.h"

using namespace kernels_on_host;

namespace {

Status usable(Handle handle) {
  const std::shared_ptr<Context> context = driver.contexts.find(handle);
  if (context == nullptr) {
    return INVALID_CONTEXT;
  }
  return context->is_destroyed ? CONTEXT_IS_DESTROYED : SUCCESS;
}

}  // namespace

EXPORTED int cuCtxCreate_v2(Handle *context, unsigned flags, int device) {
  BEGIN(cuCtxCreate_v2);
  (void)flags;
  if (context == nullptr) {
    return INVALID_VALUE;
  }
  if (device < 0 || static_cast<size_t>(device) >= driver.primary.size()) {
    return INVALID_DEVICE;
  }
  const std::shared_ptr<Context> made = make_context(device, false);
  made->handle = driver.contexts.add(made);
  current_contexts().push_back(made->handle);
  *context = made->handle;
  return SUCCESS;
}

EXPORTED int cuCtxDestroy_v2(Handle handle) {
  BEGIN(cuCtxDestroy_v2);
  RETURN_IF_FAILED(usable(handle));
  const std::shared_ptr<Context> context = driver.contexts.find(handle);
  if (context->is_primary) {
    return INVALID_CONTEXT;
  }
  destroy(*context);
  std::vector<Handle> &stack = current_contexts();
  if (!stack.empty() && stack.back() == handle) {
    stack.pop_back();
  }
  return SUCCESS;
}

EXPORTED int cuCtxPushCurrent_v2(Handle handle) {
  BEGIN(cuCtxPushCurrent_v2);
  RETURN_IF_FAILED(usable(handle));
  current_contexts().push_back(handle);
  return SUCCESS;
}

EXPORTED int cuCtxPopCurrent_v2(Handle *handle) {
  BEGIN(cuCtxPopCurrent_v2);
  std::vector<Handle> &stack = current_contexts();
  if (stack.empty()) {
    return INVALID_CONTEXT;
  }
  if (handle != nullptr) {
    *handle = stack.back();
  }
  stack.pop_back();
  return SUCCESS;
}

EXPORTED int cuCtxSetCurrent(Handle handle) {
  BEGIN(cuCtxSetCurrent);
  std::vector<Handle> &stack = current_contexts();
  if (handle != nullptr) {
    RETURN_IF_FAILED(usable(handle));
  }
  if (!stack.empty()) {
    stack.pop_back();
  }
  if (handle != nullptr) {
    stack.push_back(handle);
  }
  return SUCCESS;
}

EXPORTED int cuCtxGetCurrent(Handle *handle) {
  BEGIN(cuCtxGetCurrent);
  if (handle == nullptr) {
    return INVALID_VALUE;
  }
  *handle = current_contexts().empty() ? nullptr : current_contexts().back();
  return SUCCESS;
}

EXPORTED int cuCtxGetDevice(int *device) {
  BEGIN_IN_CONTEXT(cuCtxGetDevice);
  if (device == nullptr) {
    return INVALID_VALUE;
  }
  *device = context.device;
  return SUCCESS;
}

EXPORTED int cuCtxGetId(Handle handle, unsigned long long *id) {
  BEGIN(cuCtxGetId);
  if (id == nullptr) {
    return INVALID_VALUE;
  }
  if (handle == nullptr) {
    handle = current_contexts().empty() ? nullptr : current_contexts().back();
  }
  RETURN_IF_FAILED(usable(handle));
  *id = driver.contexts.find(handle)->id;
  return SUCCESS;
}

EXPORTED int cuCtxSynchronize() {
  BEGIN_IN_CONTEXT(cuCtxSynchronize);
  RETURN_IF_FAILED(refuse_in_captures(context));
  return run_all(context);
}
