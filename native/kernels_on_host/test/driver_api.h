/* The functions of the driver that the tests call, as in cuda.h, with handles as plain pointers. */
#ifndef KERNELS_ON_HOST_TEST_DRIVER_API_H
#define KERNELS_ON_HOST_TEST_DRIVER_API_H

#include <cstddef>
#include <cstdint>

extern "C" {
int cuInit(unsigned flags);
int cuDriverGetVersion(int *version);
int cuDeviceGetCount(int *count);
int cuDeviceGet(int *device, int ordinal);
int cuDeviceGetName(char *name, int length, int device);
int cuDeviceGetAttribute(int *value, int attribute, int device);
int cuDeviceTotalMem_v2(size_t *bytes, int device);
int cuDevicePrimaryCtxRetain(void **context, int device);
int cuDevicePrimaryCtxRelease_v2(int device);
int cuDevicePrimaryCtxGetState(int device, unsigned *flags, int *active);
int cuCtxCreate_v2(void **context, unsigned flags, int device);
int cuCtxDestroy_v2(void *context);
int cuCtxPushCurrent_v2(void *context);
int cuCtxPopCurrent_v2(void **context);
int cuCtxSetCurrent(void *context);
int cuCtxGetCurrent(void **context);
int cuCtxGetDevice(int *device);
int cuCtxGetId(void *context, unsigned long long *id);
int cuCtxSynchronize();
int cuModuleLoadDataEx(void **module, const void *image, unsigned count, const int *options,
                       void **values);
int cuModuleUnload(void *module);
int cuModuleGetFunction(void **function, void *module, const char *name);
int cuFuncGetAttribute(int *value, int attribute, void *function);
int cuMemAlloc_v2(uintptr_t *address, size_t bytes);
int cuMemFree_v2(uintptr_t address);
int cuMemAllocHost_v2(void **address, size_t bytes);
int cuMemFreeHost(void *address);
int cuMemGetInfo_v2(size_t *free, size_t *total);
int cuMemcpyHtoDAsync_v2(uintptr_t target, const void *source, size_t bytes, void *stream);
int cuMemcpyDtoHAsync_v2(void *target, uintptr_t source, size_t bytes, void *stream);
int cuMemcpyDtoDAsync_v2(uintptr_t target, uintptr_t source, size_t bytes, void *stream);
int cuMemcpyHtoD_v2(uintptr_t target, const void *source, size_t bytes);
int cuMemcpyDtoH_v2(void *target, uintptr_t source, size_t bytes);
int cuMemsetD8Async(uintptr_t target, unsigned char value, size_t bytes, void *stream);
int cuPointerGetAttribute(void *data, int attribute, uintptr_t pointer);
int cuPointerGetAttributes(unsigned count, const int *attributes, void **data, uintptr_t pointer);
int cuStreamCreate(void **stream, unsigned flags);
int cuStreamDestroy_v2(void *stream);
int cuStreamSynchronize(void *stream);
int cuStreamQuery(void *stream);
int cuStreamGetCtx(void *stream, void **context);
int cuStreamWaitEvent(void *stream, void *event, unsigned flags);
int cuStreamBeginCapture_v2(void *stream, int mode);
int cuStreamEndCapture(void *stream, void **graph);
int cuStreamIsCapturing(void *stream, int *status);
int cuEventCreate(void **event, unsigned flags);
int cuEventDestroy_v2(void *event);
int cuEventRecord(void *event, void *stream);
int cuEventQuery(void *event);
int cuEventSynchronize(void *event);
int cuEventElapsedTime(float *milliseconds, void *start, void *end);
int cuLaunchKernel(void *function, unsigned grid_x, unsigned grid_y, unsigned grid_z,
                   unsigned block_x, unsigned block_y, unsigned block_z, unsigned shared_bytes,
                   void *stream, void **parameters, void **extra);
int cuGraphInstantiateWithFlags(void **executable, void *graph, unsigned long long flags);
int cuGraphLaunch(void *executable, void *stream);
int cuGraphExecDestroy(void *executable);
int cuGraphDestroy(void *graph);
int cuGetErrorName(int status, const char **name);
int cuGetErrorString(int status, const char **text);
int cuGetProcAddress_v2(const char *symbol, void **function, int version, uint64_t flags,
                        int *result);
int cuMemcpyPeer();
const char *kernels_on_host_report();
void kernels_on_host_clear();
void kernels_on_host_fail(const char *specification);
}

#endif
