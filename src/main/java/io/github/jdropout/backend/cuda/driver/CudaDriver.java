package io.github.jdropout.backend.cuda.driver;

import java.lang.foreign.MemorySegment;

/**
 * The functions of the CUDA driver API that this library calls, one method each.
 *
 * <p>Every method returns the driver's status, 0 for success, and leaves its arrays as they were
 * otherwise; none throws. What calls it turns statuses into errors, once for all bindings. Handles
 * and device pointers are raw 64-bit values. Results come in arrays of length 1 unless said
 * otherwise.
 *
 * <p>Safe for use by several threads. As in the driver, the current context is a thread's own.
 */
public interface CudaDriver {
  /** Returns one line for people: which binding, and to which library. */
  String description();

  /** {@code cuInit(0)}. */
  int init();

  /** {@code cuDriverGetVersion}: 1000 * major + 10 * minor, so 12.6 is 12060. */
  int version(int[] version);

  /** {@code cuDeviceGetCount}. */
  int deviceCount(int[] count);

  /** {@code cuDeviceGetName} of the device of an ordinal. */
  int deviceName(int ordinal, String[] name);

  /** {@code cuDeviceGetAttribute}; {@code attribute} is a {@code CUdevice_attribute}. */
  int deviceAttribute(int ordinal, int attribute, int[] value);

  /** {@code cuDeviceTotalMem_v2}, in bytes. */
  int deviceMemory(int ordinal, long[] bytes);

  /** {@code cuDevicePrimaryCtxRetain}. */
  int retainPrimaryContext(int ordinal, long[] context);

  /** {@code cuDevicePrimaryCtxRelease_v2}. */
  int releasePrimaryContext(int ordinal);

  /** {@code cuCtxPushCurrent_v2}. */
  int pushContext(long context);

  /** {@code cuCtxPopCurrent_v2}. */
  int popContext();

  /** {@code cuCtxGetCurrent}; 0 if the thread has none. */
  int currentContext(long[] context);

  /** {@code cuCtxGetId} of the current context, unique in the process; needs a driver of 12.0. */
  int currentContextId(long[] id);

  /** {@code cuCtxGetDevice} of the current context: its ordinal. */
  int currentDevice(int[] ordinal);

  /**
   * {@code cuModuleLoadDataEx} with logs.
   *
   * @param image PTX, in native memory, with a zero byte at its end
   * @param log receives what the driver's compiler says of errors; also set on failure
   */
  int loadModule(MemorySegment image, long[] module, String[] log);

  /** {@code cuModuleUnload}. */
  int unloadModule(long module);

  /** {@code cuModuleGetFunction}. */
  int function(long module, String name, long[] function);

  /** {@code cuMemAlloc_v2}. */
  int allocate(long bytes, long[] pointer);

  /** {@code cuMemFree_v2}. */
  int free(long pointer);

  /** {@code cuMemAllocHost_v2}: page-locked memory, by its address. */
  int allocatePinned(long bytes, long[] address);

  /** {@code cuMemFreeHost}. */
  int freePinned(long address);

  /** {@code cuMemcpyHtoDAsync_v2}. */
  int copyToDevice(long devicePointer, long hostAddress, long bytes, long stream);

  /** {@code cuMemcpyDtoHAsync_v2}. */
  int copyToHost(long hostAddress, long devicePointer, long bytes, long stream);

  /** {@code cuMemcpyDtoDAsync_v2}. */
  int copyOnDevice(long target, long source, long bytes, long stream);

  /** {@code cuMemsetD8Async}. */
  int fill(long pointer, byte value, long bytes, long stream);

  /**
   * {@code cuPointerGetAttributes}.
   *
   * @param info of length 6: the memory type ({@code CU_MEMORYTYPE_HOST} = 1, {@code DEVICE} = 2; 0
   *     for memory that CUDA does not know), the device's ordinal, the first address and the size
   *     in bytes of the allocation that holds the pointer (0 where the driver cannot tell), the
   *     context that it belongs to (0 for memory of pools and mapped memory, which belong to none),
   *     and 1 for managed memory, which all contexts reach
   */
  int pointerInfo(long pointer, long[] info);

  /** {@code cuStreamCreate} with {@code CU_STREAM_NON_BLOCKING}. */
  int createStream(long[] stream);

  /** {@code cuStreamDestroy_v2}. */
  int destroyStream(long stream);

  /** {@code cuStreamSynchronize}. */
  int synchronizeStream(long stream);

  /** {@code cuStreamWaitEvent}. */
  int awaitEvent(long stream, long event);

  /** {@code cuEventCreate} with the default flags, so that it takes the time. */
  int createEvent(long[] event);

  /** {@code cuEventDestroy_v2}. */
  int destroyEvent(long event);

  /** {@code cuEventRecord}. */
  int recordEvent(long event, long stream);

  /** {@code cuEventSynchronize}. */
  int synchronizeEvent(long event);

  /** {@code cuEventElapsedTime}, in milliseconds. */
  int elapsedTime(long start, long end, float[] milliseconds);

  /**
   * {@code cuLaunchKernel} of a one-dimensional grid, without dynamic shared memory.
   *
   * @param arguments are copied before the method returns
   */
  int launch(long function, int blocks, int threads, long stream, KernelArguments arguments);

  /** {@code cuStreamBeginCapture_v2} in mode {@code CU_STREAM_CAPTURE_MODE_THREAD_LOCAL}. */
  int beginCapture(long stream);

  /** {@code cuStreamEndCapture}. */
  int endCapture(long stream, long[] graph);

  /** {@code cuGraphInstantiateWithFlags}, with no flags. */
  int instantiateGraph(long graph, long[] executable);

  /** {@code cuGraphLaunch}. */
  int launchGraph(long executable, long stream);

  /** {@code cuGraphExecDestroy}. */
  int destroyExecutable(long executable);

  /** {@code cuGraphDestroy}. */
  int destroyGraph(long graph);

  /** {@code cuGetErrorName}, such as CUDA_ERROR_INVALID_VALUE; "unknown status" if it has none. */
  String errorName(int status);

  /** {@code cuGetErrorString}, such as "invalid argument"; empty if it has none. */
  String errorText(int status);
}
