package io.github.jdropout.backend.cuda.ffm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.jdropout.backend.cuda.driver.BindingException;
import io.github.jdropout.backend.cuda.driver.CudaDriver;
import io.github.jdropout.backend.cuda.driver.KernelArguments;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * The binding without a driver: handles that record how they are called.
 *
 * <p>A descriptor that differs from the C prototype, or arguments in another order, would compute
 * garbage or crash the JVM, and only where there is a driver.
 */
class FfmCudaDriverTest {
  private final Recorder recorder = new Recorder();

  /** Links every symbol to a handle that records its arguments; pointers receive numbers. */
  private static final class Recorder implements DriverLinkage {
    final Map<String, FunctionDescriptor> descriptors = new LinkedHashMap<>();
    final Set<String> missing = new HashSet<>();
    final List<List<Object>> calls = new ArrayList<>();
    int status;

    @Override
    public Optional<MethodHandle> find(String symbol, FunctionDescriptor descriptor) {
      descriptors.put(symbol, descriptor);
      if (missing.contains(symbol)) {
        return Optional.empty();
      }
      MethodType type = descriptor.toMethodType();
      try {
        return Optional.of(
            MethodHandles.lookup()
                .findVirtual(
                    Recorder.class,
                    "call",
                    MethodType.methodType(Object.class, String.class, Object[].class))
                .bindTo(this)
                .bindTo(symbol)
                .asCollector(Object[].class, type.parameterCount())
                .asType(type));
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException(e);
      }
    }

    @SuppressWarnings("UnusedMethod") // Found by name, above.
    Object call(String symbol, Object... arguments) {
      List<Object> call = new ArrayList<>(List.of(symbol));
      for (Object argument : arguments) {
        if (argument instanceof MemorySegment segment && segment.byteSize() == Long.BYTES) {
          // Each value's bytes differ, so that one of the wrong size is noticed.
          segment.set(ValueLayout.JAVA_LONG, 0, 0x1122334455667788L);
          call.add("out");
        } else {
          call.add(argument);
        }
      }
      calls.add(call);
      return status;
    }
  }

  private CudaDriver driver() throws BindingException {
    DriverFunctions functions = DriverFunctions.link(recorder);
    return new FfmCudaDriver() {
      @Override
      DriverFunctions functions() {
        return functions;
      }

      @Override
      public String description() {
        return "recorder";
      }
    };
  }

  @Test
  void descriptorsAreThePrototypes() throws Exception {
    driver();
    Map<String, String> prototypes = DriverPrototypes.ofTable();
    assertEquals(prototypes.keySet(), recorder.descriptors.keySet());
    assertEquals(44, prototypes.size());
    recorder.descriptors.forEach((symbol, descriptor) ->
        assertEquals(DriverPrototypes.descriptor(prototypes.get(symbol)), descriptor, symbol));
  }

  @Test
  void prototypesAreTheHeaders() throws Exception {
    String home = System.getenv().getOrDefault("CUDA_HOME", "/usr/local/cuda");
    Path header = Path.of(home, "include", "cuda.h");
    assumeTrue(Files.exists(header), "no CUDA toolkit: there is no " + header);
    Map<String, String> declared = DriverPrototypes.ofHeader(header);
    Map<String, String> table = DriverPrototypes.ofTable();
    table.forEach((symbol, parameters) -> assertEquals(declared.get(symbol), parameters, symbol));
  }

  @Test
  void argumentsArriveInOrder() throws Exception {
    CudaDriver driver = driver();
    KernelArguments arguments = new KernelArguments(32);
    long[] out = new long[1];
    driver.init();
    driver.pushContext(1);
    driver.popContext();
    driver.currentContextId(out);
    driver.unloadModule(2);
    driver.allocate(3, out);
    driver.free(4);
    driver.allocatePinned(5, out);
    driver.freePinned(6);
    driver.copyToDevice(7, 8, 9, 10);
    driver.copyToHost(11, 12, 13, 14);
    driver.copyOnDevice(15, 16, 17, 18);
    driver.fill(19, (byte) -20, 21, 22);
    driver.createStream(out);
    driver.destroyStream(23);
    driver.synchronizeStream(24);
    driver.awaitEvent(25, 26);
    driver.createEvent(out);
    driver.destroyEvent(27);
    driver.recordEvent(28, 29);
    driver.synchronizeEvent(30);
    driver.elapsedTime(31, 32, new float[1]);
    driver.beginCapture(38);
    driver.endCapture(39, out);
    driver.instantiateGraph(40, out);
    driver.launchGraph(41, 42);
    driver.destroyExecutable(43);
    driver.destroyGraph(44);
    assertEquals(
        List.of(
            List.of("cuInit", 0),
            List.of("cuCtxPushCurrent_v2", 1L),
            List.of("cuCtxPopCurrent_v2", "out"),
            List.of("cuCtxGetId", 0L, "out"),
            List.of("cuModuleUnload", 2L),
            List.of("cuMemAlloc_v2", "out", 3L),
            List.of("cuMemFree_v2", 4L),
            List.of("cuMemAllocHost_v2", "out", 5L),
            List.of("cuMemFreeHost", 6L),
            List.of("cuMemcpyHtoDAsync_v2", 7L, 8L, 9L, 10L),
            List.of("cuMemcpyDtoHAsync_v2", 11L, 12L, 13L, 14L),
            List.of("cuMemcpyDtoDAsync_v2", 15L, 16L, 17L, 18L),
            List.of("cuMemsetD8Async", 19L, 236, 21L, 22L),
            List.of("cuStreamCreate", "out", 1),
            List.of("cuStreamDestroy_v2", 23L),
            List.of("cuStreamSynchronize", 24L),
            List.of("cuStreamWaitEvent", 25L, 26L, 0),
            List.of("cuEventCreate", "out", 0),
            List.of("cuEventDestroy_v2", 27L),
            List.of("cuEventRecord", 28L, 29L),
            List.of("cuEventSynchronize", 30L),
            List.of("cuEventElapsedTime", "out", 31L, 32L),
            List.of("cuStreamBeginCapture_v2", 38L, 1),
            List.of("cuStreamEndCapture", 39L, "out"),
            List.of("cuGraphInstantiateWithFlags", "out", 40L, 0L),
            List.of("cuGraphLaunch", 41L, 42L),
            List.of("cuGraphExecDestroy", 43L),
            List.of("cuGraphDestroy", 44L)),
        recorder.calls);
    recorder.calls.clear();
    driver.launch(33, 34, 35, 36, arguments);
    assertEquals(
        List.of(
            List.<Object>of(
                "cuLaunchKernel", 33L, 34, 1, 1, 35, 1, 1, 0, 36L, "out", MemorySegment.NULL)),
        recorder.calls);
  }

  @Test
  void devicesAreAskedForByTheirHandles() throws Exception {
    CudaDriver driver = driver();
    int device = 0x55667788; // The lower half of what the recorder returns.
    driver.deviceAttribute(1, 75, new int[1]);
    driver.deviceMemory(2, new long[1]);
    driver.retainPrimaryContext(3, new long[1]);
    driver.releasePrimaryContext(4);
    assertEquals(
        List.of(
            List.of("cuDeviceGet", "out", 1),
            List.of("cuDeviceGetAttribute", "out", 75, device),
            List.of("cuDeviceGet", "out", 2),
            List.of("cuDeviceTotalMem_v2", "out", device),
            List.of("cuDeviceGet", "out", 3),
            List.of("cuDevicePrimaryCtxRetain", "out", device),
            List.of("cuDeviceGet", "out", 4),
            List.of("cuDevicePrimaryCtxRelease_v2", device)),
        recorder.calls);
  }

  @Test
  void moduleIsLoadedWithALog() throws Exception {
    CudaDriver driver = driver();
    MemorySegment image = Arena.ofAuto().allocateFrom("some code, not eight bytes");
    String[] log = new String[1];
    long[] module = new long[1];
    assertEquals(0, driver.loadModule(image, module, log));
    List<Object> call = recorder.calls.getFirst();
    assertEquals(List.of("cuModuleLoadDataEx", "out", image, 2), call.subList(0, 4));
    assertEquals("", log[0]);
    assertEquals(0x1122334455667788L, module[0]);
  }

  @Test
  void resultsHaveTheirWidth() throws Exception {
    CudaDriver driver = driver();
    int[] number = new int[1];
    long[] handle = new long[1];
    float[] time = new float[1];
    driver.version(number);
    driver.currentContext(handle);
    driver.elapsedTime(1, 2, time);
    assertEquals(0x55667788, number[0]);
    assertEquals(0x1122334455667788L, handle[0]);
    assertEquals(Float.intBitsToFloat(0x55667788), time[0]);
  }

  @Test
  void failureLeavesResultsAlone() throws Exception {
    CudaDriver driver = driver();
    recorder.status = 700;
    int[] number = {-1};
    long[] handle = {-1};
    float[] time = {-1};
    String[] name = {"before"};
    long[] info = {-1, -1, -1, -1, -1, -1};
    List<Integer> statuses =
        List.of(
            driver.version(number),
            driver.deviceCount(number),
            driver.deviceAttribute(0, 1, number),
            driver.currentDevice(number),
            driver.deviceName(0, name),
            driver.deviceMemory(0, handle),
            driver.retainPrimaryContext(0, handle),
            driver.currentContext(handle),
            driver.currentContextId(handle),
            driver.loadModule(Arena.ofAuto().allocate(9), handle, new String[1]),
            driver.function(1, "k", handle),
            driver.allocate(1, handle),
            driver.allocatePinned(1, handle),
            driver.pointerInfo(1, info),
            driver.createStream(handle),
            driver.createEvent(handle),
            driver.elapsedTime(1, 2, time),
            driver.endCapture(1, handle),
            driver.instantiateGraph(1, handle));
    assertTrue(statuses.stream().allMatch(status -> status == 700), statuses.toString());
    assertEquals(-1, number[0]);
    assertEquals(-1, handle[0]);
    assertEquals(-1, time[0]);
    assertEquals("before", name[0]);
    assertArrayEquals(new long[] {-1, -1, -1, -1, -1, -1}, info);
    assertEquals("unknown status", driver.errorName(5));
    assertEquals("", driver.errorText(5));
  }

  @Test
  void functionsOfNewerDriversMayBeMissing() throws Exception {
    recorder.missing.addAll(List.of("cuCtxGetId", "cuGraphInstantiateWithFlags"));
    CudaDriver driver = driver();
    assertEquals(801, driver.currentContextId(new long[1]));
    assertEquals(801, driver.instantiateGraph(1, new long[1]));
  }

  @Test
  void everyOtherFunctionIsNeeded() throws Exception {
    driver();
    Set<String> needed = new HashSet<>(recorder.descriptors.keySet());
    needed.removeAll(List.of("cuCtxGetId", "cuGraphInstantiateWithFlags"));
    assertEquals(42, needed.size());
    for (String symbol : needed) {
      recorder.missing.clear();
      recorder.missing.add(symbol);
      BindingException e = assertThrows(BindingException.class, this::driver);
      assertEquals("the CUDA driver has no function " + symbol, e.getMessage());
    }
  }

  @Test
  void pointerIsDescribedBySixAttributes() throws Exception {
    CudaDriver driver = driver();
    long[] info = {-1, -1, -1, -1, -1, -1};
    driver.pointerInfo(99, info);
    List<Object> call = recorder.calls.getFirst();
    assertEquals(
        List.of("cuPointerGetAttributes", 6, 99L), List.of(call.get(0), call.get(1), call.get(4)));
    int[] attributes = ((MemorySegment) call.get(2)).toArray(ValueLayout.JAVA_INT);
    assertEquals("[2, 9, 11, 12, 1, 8]", Arrays.toString(attributes));
    assertArrayEquals(new long[6], info);
  }
}
