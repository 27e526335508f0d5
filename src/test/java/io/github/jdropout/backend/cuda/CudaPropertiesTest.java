package io.github.jdropout.backend.cuda;

import static io.github.jdropout.testing.Messages.assertRefused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jdropout.Dropout;
import io.github.jdropout.DropoutBackends;
import io.github.jdropout.backend.BackendId;
import io.github.jdropout.spec.DropoutSpec;
import io.github.jdropout.spec.MaskKey;
import io.github.jdropout.testing.JavaProcess;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Properties of the backend, in JVMs of their own: what is wrong is a reason in the report. */
class CudaPropertiesTest {
  /**
   * Prints the report's line, the selection, what asking for the backend says, and what is used.
   */
  static final class PrintReport {
    public static void main(String[] args) {
      System.out.println(DropoutBackends.report().getFirst());
      System.out.println(DropoutBackends.select().id().label());
      try {
        System.out.println(DropoutBackends.get(BackendId.CUDA).description());
      } catch (IllegalStateException e) {
        System.out.println(e.getMessage());
      }
      System.out.println(hasContext());
      for (int i = 0; i < 2; i++) {
        try {
          float[] array = {1, 2, 3};
          Dropout.of(DropoutSpec.of(0.5), BackendId.CUDA).forward(array, array, new MaskKey(1, 2));
          System.out.println("works");
        } catch (IllegalStateException e) {
          System.out.println(e.getMessage());
        }
      }
    }

    /** Returns whether the primary context of the first device is alive. */
    private static boolean hasContext() {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment flags = arena.allocate(4);
        MemorySegment active = arena.allocate(4);
        RawDriver.call("cuDevicePrimaryCtxGetState", 0, flags, active);
        return active.get(ValueLayout.JAVA_INT, 0) != 0;
      }
    }
  }

  private static List<String> report(Map<String, String> environment, String... options)
      throws Exception {
    List<String> all = new ArrayList<>(List.of(options));
    all.add("--enable-native-access=ALL-UNNAMED");
    all.add("-Djdropout.cuda.library=" + HostDriver.library());
    JavaProcess.Result result = JavaProcess.run(PrintReport.class, all, environment);
    assertEquals(0, result.status(), result.output());
    return result.output().lines().toList();
  }

  private static void assertUnavailable(String reason, List<String> lines) {
    assertEquals("cuda: unavailable - " + reason, lines.getFirst());
    assertFalse(lines.get(1).equals("cuda"), lines.get(1));
    assertTrue(lines.get(2).startsWith("backend cuda cannot run here: "), lines.get(2));
    assertTrue(lines.get(2).endsWith("cuda: " + reason), lines.get(2));
  }

  /** Nobody who only looks for backends, or computes on the CPU, is to hold memory of a GPU. */
  @Test
  void probeMakesNoContext() throws Exception {
    List<String> lines = report(Map.of());
    assertEquals(
        "cuda: available - Kernels on host 0 (device 0, compute capability 9.0, 4 GiB), "
            + HostDriver.library()
            + " through java.lang.foreign; never chosen for host memory, because the bus is slower"
            + " than a CPU",
        lines.getFirst());
    assertFalse(lines.get(1).equals("cuda"), lines.get(1));
    assertEquals("false", lines.get(3));
  }

  /** A GPU that another process has for itself must not take the CPU's backends with it. */
  @Test
  void deviceThatGivesNoContextFailsTheCallAndNotTheSearch() throws Exception {
    List<String> lines = report(Map.of("KERNELS_ON_HOST_FAIL", "cuDevicePrimaryCtxRetain:1:2"));
    assertTrue(lines.getFirst().startsWith("cuda: available - "), lines.getFirst());
    assertEquals(
        "cuDevicePrimaryCtxRetain of device 0 (Kernels on host 0) failed:"
            + " CUDA_ERROR_OUT_OF_MEMORY (2): out of memory",
        lines.get(4));
    assertEquals("works", lines.get(5));
  }

  @Test
  void deviceCanBeChosen() throws Exception {
    List<String> lines = report(Map.of("KERNELS_ON_HOST_DEVICES", "3"), "-Djdropout.cuda.device=2");
    assertTrue(
        lines.getFirst().startsWith("cuda: available - Kernels on host 2 (device 2, "),
        lines.getFirst());
    assertTrue(lines.get(2).startsWith("Kernels on host 2 (device 2, "), lines.get(2));
  }

  @ParameterizedTest
  @CsvSource({"2", "-1", "x", "''"})
  void deviceMustExist(String value) throws Exception {
    assertUnavailable(
        "-Djdropout.cuda.device must be in [0, 2) but is " + value,
        report(Map.of("KERNELS_ON_HOST_DEVICES", "2"), "-Djdropout.cuda.device=" + value));
  }

  private static String badStaging(String value) {
    return "-Djdropout.cuda.stagingBytes must be a multiple of 1024 in [1024, 1073741824] but is "
        + value;
  }

  private static String badLaunch(String value) {
    return "-Djdropout.cuda.launch must be THREADS or THREADSxBLOCKS, with a multiple of 32 threads"
        + " in [32, 256] and at least 1 block, but is "
        + value;
  }

  @ParameterizedTest
  @CsvSource({"0", "-1024", "1000", "1025", "x", "''", "4611686018427387904", "1e6"})
  void stagingBytesMustBeAMultiple(String value) {
    with(
        "jdropout.cuda.stagingBytes",
        value,
        () -> assertRefused(badStaging(value), StagedBackend::partBytes));
  }

  @Test
  void stagingBytesAreTaken() {
    with("jdropout.cuda.stagingBytes", "3072", () -> assertEquals(3072, StagedBackend.partBytes()));
  }

  @ParameterizedTest
  @CsvSource({"0", "33", "512", "x", "''", "64x", "x8", "64x0", "64x-1", "64x8x8", "64 x 8"})
  void launchMustBeAShape(String value) {
    with(
        "jdropout.cuda.launch",
        value,
        () -> assertRefused(badLaunch(value), LaunchConfig::ofProperty));
  }

  @Test
  void launchIsTaken() {
    with(
        "jdropout.cuda.launch",
        "96x5",
        () -> assertEquals(new LaunchConfig(96, 5), LaunchConfig.ofProperty()));
    with(
        "jdropout.cuda.launch",
        "32",
        () -> assertEquals(new LaunchConfig(32, Integer.MAX_VALUE), LaunchConfig.ofProperty()));
  }

  /** Both are read each time, so that no JVM of its own is needed. */
  private static void with(String property, String value, Runnable test) {
    String before = System.setProperty(property, value);
    try {
      test.run();
    } finally {
      if (before == null) {
        System.clearProperty(property);
      } else {
        System.setProperty(property, before);
      }
    }
  }

  @Test
  void badPropertiesAreReasons() throws Exception {
    assertUnavailable(badStaging("12 MB"), report(Map.of(), "-Djdropout.cuda.stagingBytes=12 MB"));
    assertUnavailable(badLaunch("1024"), report(Map.of(), "-Djdropout.cuda.launch=1024"));
    assertUnavailable(
        "-Djdropout.cuda.binding must be one of auto, ffm, jcuda but is opencl",
        report(Map.of(), "-Djdropout.cuda.binding=opencl"));
  }

  @Test
  void driverThatFailsIsTheReason() throws Exception {
    assertUnavailable(
        "cuDeviceTotalMem(0) failed: CUDA_ERROR_UNKNOWN (999): unknown error",
        report(Map.of("KERNELS_ON_HOST_FAIL", "cuDeviceTotalMem_v2:1:999")));
  }
}
