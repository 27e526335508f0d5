package io.github.jdropout.backend.cuda.jcuda;

import static io.github.jdropout.backend.cuda.driver.CudaConstants.CUDA_ERROR_NOT_SUPPORTED;
import static io.github.jdropout.backend.cuda.driver.CudaConstants.CUDA_SUCCESS;
import static io.github.jdropout.backend.cuda.driver.CudaConstants.CU_EVENT_DEFAULT;
import static io.github.jdropout.backend.cuda.driver.CudaConstants.CU_STREAM_CAPTURE_MODE_THREAD_LOCAL;
import static io.github.jdropout.backend.cuda.driver.CudaConstants.CU_STREAM_NON_BLOCKING;

import io.github.jdropout.backend.cuda.driver.CudaDriver;
import io.github.jdropout.backend.cuda.driver.KernelArguments;
import io.github.jdropout.backend.cuda.driver.LoadOptions;
import io.github.jdropout.backend.cuda.driver.PointerInfo;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.function.IntSupplier;
import java.util.function.ToIntFunction;
import jcuda.JCudaVersion;
import jcuda.NativePointerObject;
import jcuda.Pointer;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUevent;
import jcuda.driver.CUfunction;
import jcuda.driver.CUgraph;
import jcuda.driver.CUgraphExec;
import jcuda.driver.CUmodule;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;

/**
 * The CUDA driver through JCuda.
 *
 * <p>JCuda's library is linked to the driver's functions when they are first called, and to call
 * one that the driver lacks ends the JVM. So whoever loads this must have found them all, but those
 * that older drivers lack, for which the version is asked here.
 */
final class JCudaCudaDriver implements CudaDriver {
  private static final int NAME_BYTES = 256;

  /** The version that brought {@code cuCtxGetId}. */
  private static final int CONTEXT_IDS = 12000;

  private final int version;

  /** Uses JCuda, which has been initialised. */
  JCudaCudaDriver() {
    int[] out = new int[1];
    Statuses.of(() -> JCudaDriver.cuDriverGetVersion(out));
    version = out[0];
  }

  @Override
  public String description() {
    return "JCuda " + JCudaVersion.get();
  }

  @Override
  public int init() {
    return Statuses.of(() -> JCudaDriver.cuInit(0));
  }

  @Override
  public int version(int[] version) {
    return readInt(version, JCudaDriver::cuDriverGetVersion);
  }

  @Override
  public int deviceCount(int[] count) {
    return readInt(count, JCudaDriver::cuDeviceGetCount);
  }

  @Override
  public int deviceName(int ordinal, String[] name) {
    byte[] text = new byte[NAME_BYTES];
    int status = onDevice(ordinal, device -> JCudaDriver.cuDeviceGetName(text, NAME_BYTES, device));
    if (status == CUDA_SUCCESS) {
      int length = 0;
      while (length < NAME_BYTES && text[length] != 0) {
        length++;
      }
      name[0] = new String(text, 0, length, StandardCharsets.UTF_8);
    }
    return status;
  }

  @Override
  public int deviceAttribute(int ordinal, int attribute, int[] value) {
    return readInt(
        value,
        out ->
            onDevice(ordinal, device -> JCudaDriver.cuDeviceGetAttribute(out, attribute, device)));
  }

  @Override
  public int deviceMemory(int ordinal, long[] bytes) {
    return readLong(
        bytes, out -> onDevice(ordinal, device -> JCudaDriver.cuDeviceTotalMem(out, device)));
  }

  @Override
  public int retainPrimaryContext(int ordinal, long[] context) {
    CUcontext out = new CUcontext();
    return store(
        onDevice(ordinal, device -> JCudaDriver.cuDevicePrimaryCtxRetain(out, device)),
        out,
        context);
  }

  @Override
  public int releasePrimaryContext(int ordinal) {
    return onDevice(ordinal, JCudaDriver::cuDevicePrimaryCtxRelease);
  }

  private static int onDevice(int ordinal, ToIntFunction<CUdevice> call) {
    CUdevice device = new CUdevice();
    int status = Statuses.of(() -> JCudaDriver.cuDeviceGet(device, ordinal));
    return status == CUDA_SUCCESS ? Statuses.of(() -> call.applyAsInt(device)) : status;
  }

  @Override
  public int pushContext(long context) {
    return Statuses.of(
        () -> JCudaDriver.cuCtxPushCurrent(NativePointers.set(new CUcontext(), context)));
  }

  @Override
  public int popContext() {
    return Statuses.of(() -> JCudaDriver.cuCtxPopCurrent(new CUcontext()));
  }

  @Override
  public int currentContext(long[] context) {
    CUcontext out = new CUcontext();
    return read(() -> JCudaDriver.cuCtxGetCurrent(out), out, context);
  }

  @Override
  public int currentContextId(long[] id) {
    if (version < CONTEXT_IDS) {
      return CUDA_ERROR_NOT_SUPPORTED;
    }
    return readLong(id, out -> JCudaDriver.cuCtxGetId(new CUcontext(), out));
  }

  @Override
  public int currentDevice(int[] ordinal) {
    CUdevice device = new CUdevice();
    int status = Statuses.of(() -> JCudaDriver.cuCtxGetDevice(device));
    if (status == CUDA_SUCCESS) {
      ordinal[0] = Math.toIntExact(NativePointers.get(device));
    }
    return status;
  }

  @Override
  public int loadModule(MemorySegment image, long[] module, String[] log) {
    try (Arena arena = Arena.ofConfined()) {
      LoadOptions options = new LoadOptions(arena);
      CUmodule out = new CUmodule();
      Pointer source = Pointer.to(image.asByteBuffer());
      Pointer values = Pointer.to(options.valuesBuffer());
      int status =
          read(
              () ->
                  JCudaDriver.cuModuleLoadDataEx(
                      out, source, LoadOptions.COUNT, LoadOptions.keyArray(), values),
              out,
              module);
      log[0] = options.log();
      return status;
    }
  }

  @Override
  public int unloadModule(long module) {
    return Statuses.of(
        () -> JCudaDriver.cuModuleUnload(NativePointers.set(new CUmodule(), module)));
  }

  @Override
  public int function(long module, String name, long[] function) {
    CUfunction out = new CUfunction();
    CUmodule in = NativePointers.set(new CUmodule(), module);
    return read(() -> JCudaDriver.cuModuleGetFunction(out, in, name), out, function);
  }

  @Override
  public int allocate(long bytes, long[] pointer) {
    CUdeviceptr out = new CUdeviceptr();
    return read(() -> JCudaDriver.cuMemAlloc(out, bytes), out, pointer);
  }

  @Override
  public int free(long pointer) {
    return Statuses.of(() -> JCudaDriver.cuMemFree(device(pointer)));
  }

  /**
   * {@inheritDoc}
   *
   * <p>JCuda makes a {@code ByteBuffer} of the memory, which can be as large as an {@code int}:
   * more is "not supported".
   */
  @Override
  public int allocatePinned(long bytes, long[] address) {
    if (bytes > Integer.MAX_VALUE) {
      return CUDA_ERROR_NOT_SUPPORTED;
    }
    Pointer out = new Pointer();
    return read(() -> JCudaDriver.cuMemAllocHost(out, bytes), out, address);
  }

  @Override
  public int freePinned(long address) {
    return Statuses.of(() -> JCudaDriver.cuMemFreeHost(host(address)));
  }

  @Override
  public int copyToDevice(long devicePointer, long hostAddress, long bytes, long stream) {
    return Statuses.of(() ->
        JCudaDriver.cuMemcpyHtoDAsync(
            device(devicePointer), host(hostAddress), bytes, stream(stream)));
  }

  @Override
  public int copyToHost(long hostAddress, long devicePointer, long bytes, long stream) {
    return Statuses.of(() ->
        JCudaDriver.cuMemcpyDtoHAsync(
            host(hostAddress), device(devicePointer), bytes, stream(stream)));
  }

  @Override
  public int copyOnDevice(long target, long source, long bytes, long stream) {
    return Statuses.of(
        () -> JCudaDriver.cuMemcpyDtoDAsync(device(target), device(source), bytes, stream(stream)));
  }

  @Override
  public int fill(long pointer, byte value, long bytes, long stream) {
    return Statuses.of(
        () -> JCudaDriver.cuMemsetD8Async(device(pointer), value, bytes, stream(stream)));
  }

  @Override
  public int pointerInfo(long pointer, long[] info) {
    PointerInfo arguments = PointerInfo.ofThread();
    Pointer values = host(arguments.pointers().address());
    int status =
        Statuses.of(() ->
            JCudaDriver.cuPointerGetAttributes(
                PointerInfo.COUNT, PointerInfo.attributeArray(), values, device(pointer)));
    if (status == CUDA_SUCCESS) {
      arguments.copyTo(info);
    }
    return status;
  }

  @Override
  public int createStream(long[] stream) {
    CUstream out = new CUstream();
    return read(() -> JCudaDriver.cuStreamCreate(out, CU_STREAM_NON_BLOCKING), out, stream);
  }

  @Override
  public int destroyStream(long stream) {
    return Statuses.of(() -> JCudaDriver.cuStreamDestroy(stream(stream)));
  }

  @Override
  public int synchronizeStream(long stream) {
    return Statuses.of(() -> JCudaDriver.cuStreamSynchronize(stream(stream)));
  }

  @Override
  public int awaitEvent(long stream, long event) {
    return Statuses.of(() -> JCudaDriver.cuStreamWaitEvent(stream(stream), event(event), 0));
  }

  @Override
  public int createEvent(long[] event) {
    CUevent out = new CUevent();
    return read(() -> JCudaDriver.cuEventCreate(out, CU_EVENT_DEFAULT), out, event);
  }

  @Override
  public int destroyEvent(long event) {
    return Statuses.of(() -> JCudaDriver.cuEventDestroy(event(event)));
  }

  @Override
  public int recordEvent(long event, long stream) {
    return Statuses.of(() -> JCudaDriver.cuEventRecord(event(event), stream(stream)));
  }

  @Override
  public int synchronizeEvent(long event) {
    return Statuses.of(() -> JCudaDriver.cuEventSynchronize(event(event)));
  }

  @Override
  public int elapsedTime(long start, long end, float[] milliseconds) {
    float[] out = new float[1];
    int status = Statuses.of(() -> JCudaDriver.cuEventElapsedTime(out, event(start), event(end)));
    if (status == CUDA_SUCCESS) {
      milliseconds[0] = out[0];
    }
    return status;
  }

  @Override
  public int launch(
      long function, int blocks, int threads, long stream, KernelArguments arguments) {
    return LaunchObjects.launch(function, blocks, threads, stream, arguments);
  }

  @Override
  public int beginCapture(long stream) {
    return Statuses.of(() ->
        JCudaDriver.cuStreamBeginCapture(stream(stream), CU_STREAM_CAPTURE_MODE_THREAD_LOCAL));
  }

  @Override
  public int endCapture(long stream, long[] graph) {
    CUgraph out = new CUgraph();
    return read(() -> JCudaDriver.cuStreamEndCapture(stream(stream), out), out, graph);
  }

  @Override
  public int instantiateGraph(long graph, long[] executable) {
    CUgraphExec out = new CUgraphExec();
    return read(() -> JCudaDriver.cuGraphInstantiate(out, graph(graph), 0), out, executable);
  }

  @Override
  public int launchGraph(long executable, long stream) {
    return Statuses.of(() -> JCudaDriver.cuGraphLaunch(executable(executable), stream(stream)));
  }

  @Override
  public int destroyExecutable(long executable) {
    return Statuses.of(() -> JCudaDriver.cuGraphExecDestroy(executable(executable)));
  }

  @Override
  public int destroyGraph(long graph) {
    return Statuses.of(() -> JCudaDriver.cuGraphDestroy(graph(graph)));
  }

  @Override
  public String errorName(int status) {
    return text(out -> JCudaDriver.cuGetErrorName(status, out), "unknown status");
  }

  @Override
  public String errorText(int status) {
    return text(out -> JCudaDriver.cuGetErrorString(status, out), "");
  }

  private static String text(ToIntFunction<String[]> call, String otherwise) {
    String[] out = new String[1];
    int status = Statuses.of(() -> call.applyAsInt(out));
    return status == CUDA_SUCCESS && out[0] != null ? out[0] : otherwise;
  }

  private static int read(IntSupplier call, NativePointerObject out, long[] result) {
    return store(Statuses.of(call), out, result);
  }

  /** JCuda gives objects a value on failure too: what happened to be in memory. */
  private static int store(int status, NativePointerObject out, long[] result) {
    if (status == CUDA_SUCCESS) {
      result[0] = NativePointers.get(out);
    }
    return status;
  }

  private static int readInt(int[] result, ToIntFunction<int[]> call) {
    int[] out = new int[1];
    int status = Statuses.of(() -> call.applyAsInt(out));
    if (status == CUDA_SUCCESS) {
      result[0] = out[0];
    }
    return status;
  }

  private static int readLong(long[] result, ToIntFunction<long[]> call) {
    long[] out = new long[1];
    int status = Statuses.of(() -> call.applyAsInt(out));
    if (status == CUDA_SUCCESS) {
      result[0] = out[0];
    }
    return status;
  }

  private static CUdeviceptr device(long pointer) {
    return NativePointers.set(new CUdeviceptr(), pointer);
  }

  private static Pointer host(long address) {
    return NativePointers.set(new Pointer(), address);
  }

  private static CUstream stream(long stream) {
    return NativePointers.set(new CUstream(), stream);
  }

  private static CUevent event(long event) {
    return NativePointers.set(new CUevent(), event);
  }

  private static CUgraph graph(long graph) {
    return NativePointers.set(new CUgraph(), graph);
  }

  private static CUgraphExec executable(long executable) {
    return NativePointers.set(new CUgraphExec(), executable);
  }
}
