package io.github.jdropout.backend.cuda.ffm;

import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Prototypes of the CUDA driver's functions, by name, in C. */
final class DriverPrototypes {
  /** As in cuda.h of CUDA 13.0, where a macro adds the suffix of the names below that have one. */
  private static final String TABLE =
      """
      CUresult cuInit(unsigned int Flags);
      CUresult cuDriverGetVersion(int *driverVersion);
      CUresult cuDeviceGetCount(int *count);
      CUresult cuDeviceGet(CUdevice *device, int ordinal);
      CUresult cuDeviceGetName(char *name, int len, CUdevice dev);
      CUresult cuDeviceGetAttribute(int *pi, CUdevice_attribute attrib, CUdevice dev);
      CUresult cuDeviceTotalMem_v2(size_t *bytes, CUdevice dev);
      CUresult cuGetErrorName(CUresult error, const char **pStr);
      CUresult cuGetErrorString(CUresult error, const char **pStr);
      CUresult cuDevicePrimaryCtxRetain(CUcontext *pctx, CUdevice dev);
      CUresult cuDevicePrimaryCtxRelease_v2(CUdevice dev);
      CUresult cuCtxPushCurrent_v2(CUcontext ctx);
      CUresult cuCtxPopCurrent_v2(CUcontext *pctx);
      CUresult cuCtxGetCurrent(CUcontext *pctx);
      CUresult cuCtxGetId(CUcontext ctx, unsigned long long *ctxId);
      CUresult cuCtxGetDevice(CUdevice *device);
      CUresult cuModuleLoadDataEx(CUmodule *module, const void *image, unsigned int numOptions, \
      CUjit_option *options, void **optionValues);
      CUresult cuModuleUnload(CUmodule hmod);
      CUresult cuModuleGetFunction(CUfunction *hfunc, CUmodule hmod, const char *name);
      CUresult cuLaunchKernel(CUfunction f, unsigned int gridDimX, unsigned int gridDimY, \
      unsigned int gridDimZ, unsigned int blockDimX, unsigned int blockDimY, \
      unsigned int blockDimZ, unsigned int sharedMemBytes, CUstream hStream, \
      void **kernelParams, void **extra);
      CUresult cuMemAlloc_v2(CUdeviceptr *dptr, size_t bytesize);
      CUresult cuMemFree_v2(CUdeviceptr dptr);
      CUresult cuMemAllocHost_v2(void **pp, size_t bytesize);
      CUresult cuMemFreeHost(void *p);
      CUresult cuMemcpyHtoDAsync_v2(CUdeviceptr dstDevice, const void *srcHost, size_t ByteCount, \
      CUstream hStream);
      CUresult cuMemcpyDtoHAsync_v2(void *dstHost, CUdeviceptr srcDevice, size_t ByteCount, \
      CUstream hStream);
      CUresult cuMemcpyDtoDAsync_v2(CUdeviceptr dstDevice, CUdeviceptr srcDevice, \
      size_t ByteCount, CUstream hStream);
      CUresult cuMemsetD8Async(CUdeviceptr dstDevice, unsigned char uc, size_t N, \
      CUstream hStream);
      CUresult cuPointerGetAttributes(unsigned int numAttributes, \
      CUpointer_attribute *attributes, void **data, CUdeviceptr ptr);
      CUresult cuStreamCreate(CUstream *phStream, unsigned int Flags);
      CUresult cuStreamDestroy_v2(CUstream hStream);
      CUresult cuStreamSynchronize(CUstream hStream);
      CUresult cuStreamWaitEvent(CUstream hStream, CUevent hEvent, unsigned int Flags);
      CUresult cuEventCreate(CUevent *phEvent, unsigned int Flags);
      CUresult cuEventDestroy_v2(CUevent hEvent);
      CUresult cuEventRecord(CUevent hEvent, CUstream hStream);
      CUresult cuEventSynchronize(CUevent hEvent);
      CUresult cuEventElapsedTime(float *pMilliseconds, CUevent hStart, CUevent hEnd);
      CUresult cuStreamBeginCapture_v2(CUstream hStream, CUstreamCaptureMode mode);
      CUresult cuStreamEndCapture(CUstream hStream, CUgraph *phGraph);
      CUresult cuGraphInstantiateWithFlags(CUgraphExec *phGraphExec, CUgraph hGraph, \
      unsigned long long flags);
      CUresult cuGraphLaunch(CUgraphExec hGraphExec, CUstream hStream);
      CUresult cuGraphExecDestroy(CUgraphExec hGraphExec);
      CUresult cuGraphDestroy(CUgraph hGraph);
      """;

  private static final Pattern PROTOTYPE =
      Pattern.compile("CUresult\\s+(?:CUDAAPI\\s+)?(\\w+)\\(([^)]*)\\);");

  private static final Pattern RENAMED =
      Pattern.compile("#define (cu\\w+)\\s+(?:__CUDA_API_\\w+\\()?(cu\\w+)");

  private DriverPrototypes() {}

  /** Returns the parameters of each function in the table above. */
  static Map<String, String> ofTable() {
    return parameters(TABLE);
  }

  /** Returns the parameters of each function in a header, by the name that the library has it. */
  static Map<String, String> ofHeader(Path header) throws IOException {
    String text = Files.readString(header).replaceAll("(?s)/\\*.*?\\*/", "");
    Map<String, String> functions = parameters(text);
    // The header declares cuMemAlloc, say, and makes cuMemAlloc_v2 of it by a macro.
    for (Matcher matcher = RENAMED.matcher(text); matcher.find(); ) {
      String parameters = functions.get(matcher.group(1));
      if (parameters != null) {
        functions.put(matcher.group(2), parameters);
      }
    }
    return functions;
  }

  private static Map<String, String> parameters(String text) {
    Map<String, String> functions = new LinkedHashMap<>();
    for (Matcher matcher = PROTOTYPE.matcher(text); matcher.find(); ) {
      // At its end the header declares functions of old versions by the same names.
      functions.putIfAbsent(matcher.group(1), matcher.group(2).replaceAll("\\s+", " ").strip());
    }
    return functions;
  }

  /** Returns the descriptor that parameters ask for. */
  static FunctionDescriptor descriptor(String parameters) {
    MemoryLayout[] layouts =
        Pattern.compile(", ")
            .splitAsStream(parameters)
            .map(DriverPrototypes::layout)
            .toArray(MemoryLayout[]::new);
    return FunctionDescriptor.of(ValueLayout.JAVA_INT, layouts);
  }

  private static MemoryLayout layout(String parameter) {
    String type = parameter.replaceFirst("\\w+$", "").strip();
    if (type.endsWith("void *")) {
      // Memory that is not the JVM's goes by its address, but a module's image is a segment.
      return parameter.endsWith("image") ? ValueLayout.ADDRESS : ValueLayout.JAVA_LONG;
    }
    if (type.endsWith("*")) {
      return ValueLayout.ADDRESS;
    }
    List<String> ints =
        List.of(
            "int",
            "unsigned int",
            "unsigned char",
            "CUdevice",
            "CUresult",
            "CUdevice_attribute",
            "CUstreamCaptureMode");
    if (ints.contains(type)) {
      return ValueLayout.JAVA_INT;
    }
    List<String> longs =
        List.of(
            "size_t",
            "unsigned long long",
            "CUdeviceptr",
            "CUcontext",
            "CUmodule",
            "CUfunction",
            "CUstream",
            "CUevent",
            "CUgraph",
            "CUgraphExec");
    if (longs.contains(type)) {
      return ValueLayout.JAVA_LONG;
    }
    throw new IllegalArgumentException("unknown C type: " + type);
  }
}
