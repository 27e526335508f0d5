package io.github.jdropout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jdropout.backend.BackendId;
import io.github.jdropout.backend.DropoutBackend;
import io.github.jdropout.spec.DropoutSpec;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.Elements;
import io.github.jdropout.spec.MaskKey;
import io.github.jdropout.spec.MaskShape;
import io.github.jdropout.spec.PackedMask;
import io.github.jdropout.testing.Backends;
import io.github.jdropout.testing.JavaProcess;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.ForkJoinPool;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Selection of backends, in JVMs of their own, and equality of masks between JVMs. */
class DropoutBackendsTest {
  private static final String VECTOR_MODULE = "--add-modules=jdk.incubator.vector";

  private static final String NATIVE_ACCESS = "--enable-native-access=ALL-UNNAMED";

  /** Names no file, so that there is no native library. */
  private static final String NO_LIBRARY = "-Djdropout.native.library=/none";

  private static final String DRIVER = "jdropout.cuda.library";

  /** Prints what was selected, or the error. */
  static final class PrintSelection {
    public static void main(String[] args) {
      try {
        System.out.println(DropoutBackends.select().id().label());
      } catch (IllegalArgumentException | IllegalStateException e) {
        System.out.println(e.getClass().getSimpleName() + ": " + e.getMessage());
      }
      DropoutBackends.report().forEach(System.out::println);
    }
  }

  /** Prints a digest of large outputs of every call, type and storage. */
  static final class PrintDigest {
    private static final int COUNT = 160_000;
    private static final MaskKey KEY = new MaskKey(1, 2);

    public static void main(String[] args) throws Exception {
      // Outside a pool the caller works too, so that no setting gives a single thread.
      try (ForkJoinPool pool = new ForkJoinPool(ForkJoinPool.getCommonPoolParallelism())) {
        System.out.println(pool.submit(PrintDigest::digest).get());
      }
    }

    private static String digest() throws NoSuchAlgorithmException {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      Dropout dropout = Dropout.of(DropoutSpec.of(0.3));
      PackedMask mask = PackedMask.allocate(COUNT);
      dropout.mask(mask, KEY, 12345);
      digest.update(mask.bytes().toArray(ValueLayout.JAVA_BYTE));
      MaskShape shape = MaskShape.sharing(new long[] {160, 5, 200}, 1);
      for (ElementType type : ElementType.values()) {
        MemorySegment source = finiteValues(type);
        for (MemorySegment memory : places(type)) {
          Elements elements = Elements.of(type, memory);
          List<Runnable> calls =
              List.of(
                  () -> dropout.forward(elements, elements, KEY, 12345),
                  () -> dropout.forward(elements, elements, KEY, shape),
                  () -> dropout.applyMask(mask, elements, elements));
          for (Runnable call : calls) {
            memory.copyFrom(source);
            call.run();
            digest.update(memory.toArray(ValueLayout.JAVA_BYTE));
          }
        }
      }
      return HexFormat.of().formatHex(digest.digest());
    }

    private static List<MemorySegment> places(ElementType type) {
      long bytes = (long) COUNT * type.bytes();
      MemorySegment array =
          switch (type) {
            case F32 -> MemorySegment.ofArray(new float[COUNT]);
            case F64 -> MemorySegment.ofArray(new double[COUNT]);
            case F16, BF16 -> MemorySegment.ofArray(new short[COUNT]);
          };
      return List.of(
          array,
          MemorySegment.ofArray(new byte[(int) bytes]),
          Arena.ofAuto().allocate(bytes + 1, 1).asSlice(1));
    }

    /** Random bits with one bit of the exponent cleared: a NaN's payload is not specified. */
    private static MemorySegment finiteValues(ElementType type) {
      byte[] bytes = new byte[COUNT * type.bytes()];
      new SplittableRandom(4).nextBytes(bytes);
      for (int last = type.bytes() - 1; last < bytes.length; last += type.bytes()) {
        bytes[last] &= (byte) 0xBF;
      }
      return MemorySegment.ofArray(bytes);
    }
  }

  @Test
  void fastestIsSelectedAndTheRestSayWhyNot() throws Exception {
    Backends.assumeAvailable(BackendId.FFM);
    List<String> lines = select(VECTOR_MODULE);
    assertEquals("ffm", lines.get(0));
    assertMatches("ffm: selected - bundled library; .*; fastest", line("ffm", lines));
    assertMatches("vector: available - .*-bit vectors.*; ffm comes first", line("vector", lines));
    assertEquals(
        "scalar: available - plain Java, always there; ffm comes first", line("scalar", lines));
  }

  @Test
  void vectorsComeBeforeNativeCodeWithoutAnInstructionSet() throws Exception {
    Backends.assumeAvailable(BackendId.FFM);
    Map<String, String> portable = Map.of("JDROPOUT_MAX_ISA", "portable");
    List<String> lines = select(portable, VECTOR_MODULE);
    assertEquals("vector", lines.get(0));
    assertMatches("ffm: available - .*; vector comes first", line("ffm", lines));
    assertEquals("ffm", select(portable).get(0));
  }

  @Test
  void missingLibraryIsTheReason() throws Exception {
    List<String> lines = select(VECTOR_MODULE, NO_LIBRARY);
    assertEquals("vector", lines.get(0));
    assertEquals(
        "ffm: unavailable - -Djdropout.native.library must name a file but is /none",
        line("ffm", lines));
    assertMatches("vector: selected - .*; fastest", line("vector", lines));
    assertEquals(
        "scalar: available - plain Java, always there; vector comes first", line("scalar", lines));
  }

  @Test
  void missingDriverIsTheReasonAndNoGpuIsEverChosen() throws Exception {
    List<String> lines = select(VECTOR_MODULE, "-D" + DRIVER + "=/none");
    assertEquals(
        "cuda: unavailable - -Djdropout.cuda.library must name a file but is /none", lines.get(1));
    Backends.assumeAvailable(BackendId.CUDA);
    lines = select();
    assertNotEquals("cuda", lines.get(0));
    assertMatches("cuda: available - .*; never chosen for host memory, .*", lines.get(1));
    lines = select("-Djdropout.backend=cuda");
    assertEquals("cuda", lines.get(0));
    assertMatches("cuda: selected - .*; forced by -Djdropout.backend=cuda", lines.get(1));
  }

  @Test
  void missingModuleIsTheReason() throws Exception {
    List<String> lines = select(NO_LIBRARY);
    assertEquals("scalar", lines.get(0));
    assertEquals(
        "vector: unavailable - module jdk.incubator.vector is not in the boot layer; start java"
            + " with --add-modules jdk.incubator.vector",
        line("vector", lines));
    assertEquals("scalar: selected - plain Java, always there; fastest", line("scalar", lines));
  }

  @Test
  void forcedBackendThatIsMissingFailsWithEveryReason() throws Exception {
    String error = select(NO_LIBRARY, "-Djdropout.backend=vector").get(0);
    assertTrue(
        error.startsWith("BackendUnavailableException: backend vector cannot run here: "), error);
    assertTrue(error.contains("vector: module jdk.incubator.vector is not in the boot layer"));
    assertTrue(error.contains("scalar: plain Java"), error);
    assertTrue(error.contains("ffm: -Djdropout.native.library must name a file"), error);
  }

  @Test
  void forcedBackendIsSelected() throws Exception {
    List<String> lines = select(VECTOR_MODULE, "-Djdropout.backend=Scalar");
    assertEquals("scalar", lines.get(0));
    assertEquals(
        "scalar: selected - plain Java, always there; forced by -Djdropout.backend=scalar",
        line("scalar", lines));
    assertEquals("vector", select(VECTOR_MODULE, NO_LIBRARY, "-Djdropout.backend=auto").get(0));
  }

  @Test
  void unknownBackendIsNamed() throws Exception {
    JavaProcess.Result result =
        JavaProcess.run(PrintSelection.class, List.of(NATIVE_ACCESS, "-Djdropout.backend=gpu"));
    assertNotEquals(0, result.status());
    assertEquals(
        "IllegalArgumentException: -Djdropout.backend: backend must be one of scalar, vector, ffm,"
            + " cuda but is gpu",
        result.output().lines().findFirst().orElseThrow());
  }

  @ParameterizedTest
  @CsvSource({
    "-Xint, this JVM does not optimise",
    "-XX:TieredStopAtLevel=1, this JVM does not optimise",
    "-XX:TieredStopAtLevel=3, this JVM does not optimise",
    "-XX:MaxVectorSize=8, this processor's vectors have 64 bits",
    "-Djdropout.vector.bits=abc, 'must be 128, 256 or 512 but is abc'",
  })
  void vectorsThatWouldBeSlowArePassedOver(String option, String reason) throws Exception {
    List<String> lines = select(VECTOR_MODULE, NO_LIBRARY, option);
    assertEquals("scalar", lines.get(0));
    assertTrue(line("vector", lines).contains(reason), lines.toString());
  }

  @Test
  void jvmsWithAnyThreadsAndBackendPrintTheSameDigest() throws Exception {
    TreeSet<String> digests = new TreeSet<>();
    for (DropoutBackend backend : DropoutBackends.available()) {
      for (int threads : new int[] {1, 2, 5}) {
        List<String> options = driver();
        options.addAll(
            List.of(
                VECTOR_MODULE,
                "-Djdropout.backend=" + backend.id().label(),
                NATIVE_ACCESS,
                "-Djava.util.concurrent.ForkJoinPool.common.parallelism=" + threads));
        JavaProcess.Result result = JavaProcess.run(PrintDigest.class, options);
        assertEquals(0, result.status(), result.output());
        digests.add(result.output().strip());
      }
    }
    assertEquals(1, digests.size(), digests.toString());
  }

  /** Returns the option with which another JVM finds the driver of this one. */
  private static List<String> driver() {
    String file = System.getProperty(DRIVER);
    return new ArrayList<>(file == null ? List.of() : List.of("-D" + DRIVER + "=" + file));
  }

  private static void assertMatches(String expression, String line) {
    assertTrue(line.matches(expression), line);
  }

  /** Returns the report's line of a backend, after the line with the selection. */
  private static String line(String label, List<String> lines) {
    return lines.stream()
        .skip(1)
        .filter(line -> line.startsWith(label + ": "))
        .findFirst()
        .orElseThrow();
  }

  private static List<String> select(String... options) throws Exception {
    return select(Map.of(), options);
  }

  private static List<String> select(Map<String, String> environment, String... options)
      throws Exception {
    List<String> all = driver();
    all.add(NATIVE_ACCESS);
    all.addAll(List.of(options));
    return JavaProcess.run(PrintSelection.class, all, environment).output().lines().toList();
  }
}
