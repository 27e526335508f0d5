package io.github.jdropout.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jdropout.backend.BackendId;
import io.github.jdropout.spec.DropoutSpec;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.Elements;
import io.github.jdropout.spec.MaskKey;
import io.github.jdropout.testing.Backends;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Calls on host memory of which something fails: they say what, leave nothing, and the next works.
 */
class CudaFailuresTest {
  private static final DropoutSpec SPEC = DropoutSpec.of(0.3);
  private static final MaskKey KEY = new MaskKey(5, 6);

  /** Several parts, where tests have made those small. */
  private static final int COUNT =
      (int) Math.min(150_000, 9 * StagedBackend.partBytes() / (2 * Float.BYTES));

  private static final float[] EXPECTED = Floats.dropped(SPEC, KEY, COUNT);

  private CudaDevice device;

  @BeforeEach
  void backendIsThere() {
    Backends.assumeAvailable(BackendId.CUDA);
    device = CudaSupport.devices().getFirst();
  }

  /** What a leak would show in. */
  private record Left(long freeMemory, long pinned, long streams) {
    static Left of(CudaDevice device) {
      return new Left(
          RawDriver.freeMemory(device), RawDriver.count("pinned"), RawDriver.count("streams"));
    }
  }

  private static float[] forward(StagedBackend backend) {
    float[] output = new float[COUNT];
    backend.forward(SPEC, KEY, 0, Elements.of(Floats.counting(COUNT)), Elements.of(output));
    return output;
  }

  /** Each call of the function fails once: the first, the second, and so on, until none is left. */
  @ParameterizedTest
  @CsvSource({
    "cuMemAlloc_v2, 2, cuMemAlloc(, 3",
    "cuMemAllocHost_v2, 2, cuMemAllocHost(, 6",
    "cuStreamCreate, 999, cuStreamCreate failed: , 3",
    "cuCtxPushCurrent_v2, 999, cuCtxPushCurrent failed: , 1",
    "cuMemcpyHtoDAsync_v2, 999, cuMemcpyHtoDAsync failed: , 1",
    "cuLaunchKernel, 999, cuLaunchKernel(dropout_forward_f32; grid=, 1",
    "cuMemcpyDtoHAsync_v2, 999, cuMemcpyDtoHAsync failed: , 1",
    "cuStreamSynchronize, 999, cuStreamSynchronize failed: , 1",
  })
  void everyCallThatFailsIsNamedAndLeavesNothing(
      String function, int status, String message, int atLeast) {
    RawDriver.assumeOnHost();
    CudaDropout.of(SPEC, device).prepare(ElementType.F32);
    int failures = 0;
    while (failsAt(function, failures + 1, status, message)) {
      failures++;
    }
    assertTrue(failures >= atLeast, failures + " calls of " + function);
  }

  private boolean failsAt(String function, int n, int status, String message) {
    StagedBackend backend = new StagedBackend(CudaSupport.cuda(), device);
    Left before = Left.of(device);
    RawDriver.fail(function, n, status);
    try {
      assertArrayEquals(EXPECTED, forward(backend));
    } catch (CudaException e) {
      assertTrue(e.getMessage().startsWith(message), e.getMessage());
      assertEquals(status, e.status());
      assertFalse(e.isContextLost());
      assertEquals(before, Left.of(device), function + " " + n);
      assertArrayEquals(EXPECTED, forward(backend), "the next call, after " + function + " " + n);
      return true;
    }
    RawDriver.drain(function, status);
    return false;
  }

  /** A call that reuses buffers must put them back, or free them. */
  @Test
  void buffersInUseAreNotLostWhenTheContextCannotBePushed() {
    RawDriver.assumeOnHost();
    StagedBackend backend = new StagedBackend(CudaSupport.cuda(), device);
    assertArrayEquals(EXPECTED, forward(backend));
    Left before = Left.of(device);
    RawDriver.fail("cuCtxPushCurrent_v2", 1, 999);
    assertThrows(CudaException.class, () -> forward(backend));
    assertArrayEquals(EXPECTED, forward(backend));
    assertEquals(before, Left.of(device));
  }

  @Test
  void backendOfADeviceIsOne() {
    assertEquals(CudaSupport.backend(device), CudaSupport.backend(device));
  }

  @Test
  void buffersAreUsedAgain() {
    StagedBackend backend = new StagedBackend(CudaSupport.cuda(), device);
    forward(backend);
    long free = RawDriver.freeMemory(device);
    for (int i = 0; i < 20; i++) {
      assertArrayEquals(EXPECTED, forward(backend));
    }
    assertEquals(free, RawDriver.freeMemory(device));
  }

  /** The arena's error goes through, in the first part. */
  @Test
  void closedArenaLeavesTheBackendUsable() {
    StagedBackend backend = new StagedBackend(CudaSupport.cuda(), device);
    long free = RawDriver.freeMemory(device);
    Arena arena = Arena.ofConfined();
    Elements closed = Elements.of(ElementType.F32, arena.allocate(4L * COUNT, 4));
    arena.close();
    Elements output = Elements.of(new float[COUNT]);
    IllegalStateException e =
        assertThrows(
            IllegalStateException.class, () -> backend.forward(SPEC, KEY, 0, closed, output));
    assertEquals("Already closed", e.getMessage());
    assertEquals(free, RawDriver.freeMemory(device));
    assertArrayEquals(EXPECTED, forward(backend));
  }

  /** The error comes with the first part's result, while others are under way. */
  @Test
  void outputOfAnotherThreadLeavesTheBackendUsable() throws InterruptedException {
    StagedBackend backend = new StagedBackend(CudaSupport.cuda(), device);
    long free = RawDriver.freeMemory(device);
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    try (Arena arena = Arena.ofConfined()) {
      Elements output = Elements.of(ElementType.F32, arena.allocate(4L * COUNT, 4));
      Thread other =
          new Thread(() ->
              thrown.set(
                  assertThrows(
                      Throwable.class,
                      () ->
                          backend.forward(
                              SPEC, KEY, 0, Elements.of(Floats.counting(COUNT)), output))));
      other.start();
      other.join();
    }
    assertEquals(WrongThreadException.class, thrown.get().getClass());
    assertEquals(free, RawDriver.freeMemory(device));
    assertArrayEquals(EXPECTED, forward(backend));
  }

  @Test
  void kernelThatIsNotTakenIsNamedAndLoadedTheNextTime() {
    RawDriver.assumeOnHost();
    long handle = RawDriver.createContext(0); // It has no kernels yet.
    try {
      CudaDropout dropout = CudaDropout.of(SPEC);
      RawDriver.fail("cuModuleLoadDataEx", 1, 2);
      assertStarts("cuModuleLoadDataEx(dropout_forward) for " + device + ", ", dropout);
      RawDriver.fail("cuModuleGetFunction", 1, 999);
      assertStarts("cuModuleGetFunction(dropout_forward_f16) failed: ", dropout);
      long modules = RawDriver.count("modules");
      dropout.prepare(ElementType.F16);
      // The module that was loaded is kept.
      assertEquals(Operator.ofDropout().size() - 1, RawDriver.count("modules") - modules);
    } finally {
      RawDriver.destroyContext(handle);
    }
  }

  private static void assertStarts(String message, CudaDropout dropout) {
    CudaException e = assertThrows(CudaException.class, () -> dropout.prepare(ElementType.F16));
    assertTrue(e.getMessage().startsWith(message), e.getMessage());
  }

  @Test
  void failedCallsOnDeviceMemoryAreNamed() {
    RawDriver.assumeOnHost();
    try (Floats cells = Floats.counting(device, 100);
        Floats others = Floats.poisoned(device, 100)) {
      CudaDropout dropout = CudaDropout.of(SPEC, device);
      dropout.prepare(ElementType.F32);
      assertFails(
          "cuPointerGetAttributes",
          "cuPointerGetAttributes failed: CUDA_ERROR_UNKNOWN (999): unknown error",
          () -> dropout.infer(cells.elements(), others.elements(), 0));
      assertFails(
          "cuLaunchKernel",
          "cuLaunchKernel(dropout_forward_f32; grid=1 block="
              + LaunchConfig.ofProperty().threads()
              + " elements=100) failed: CUDA_ERROR_UNKNOWN (999): unknown error",
          () -> dropout.forward(cells.elements(), others.elements(), KEY, 0, 0));
      assertFails(
          "cuMemcpyDtoDAsync_v2",
          "cuMemcpyDtoDAsync failed: CUDA_ERROR_UNKNOWN (999): unknown error",
          () -> dropout.infer(cells.elements(), others.elements(), 0));
      assertFails(
          "cuMemsetD8Async",
          "cuMemsetD8Async failed: CUDA_ERROR_UNKNOWN (999): unknown error",
          () ->
              CudaDropout.of(DropoutSpec.of(1))
                  .forward(cells.elements(), others.elements(), KEY, 0, 0));
      assertFails(
          "cuCtxGetCurrent",
          "cuCtxGetCurrent failed: CUDA_ERROR_UNKNOWN (999): unknown error",
          () -> dropout.infer(cells.elements(), others.elements(), 0));
      assertTrue(others.isPoisoned());
      dropout.forward(cells.elements(), others.elements(), KEY, 0, 0);
      assertArrayEquals(Arrays.copyOf(EXPECTED, 100), others.values());
    }
  }

  private static void assertFails(String function, String message, Runnable call) {
    RawDriver.fail(function, 1, 999);
    CudaException e = assertThrows(CudaException.class, call::run, function);
    assertEquals(message, e.getMessage());
    assertEquals(999, e.status());
  }
}
