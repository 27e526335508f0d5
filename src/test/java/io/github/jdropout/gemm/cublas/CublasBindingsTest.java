package io.github.jdropout.gemm.cublas;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.jdropout.backend.cuda.HostDriver;
import io.github.jdropout.testing.JavaProcess;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which bindings of cuBLAS can be used, and what is said where none can; each in its own JVM. */
class CublasBindingsTest {
  private static final String CLASS_PATH = System.getProperty("java.class.path");
  private static final String NAMED = "-Djdropout.cublas.library=";

  /** What the build has made in place of NVIDIA's driver and cuBLAS. */
  private static final Path MADE = Path.of("target/kernels-on-host").toAbsolutePath();

  private static final Path CUBLAS = MADE.resolve("libcublas.so.12");

  @TempDir private Path folder;

  /** Prints what is known of both bindings, and what is chosen. */
  static final class PrintReport {
    public static void main(String[] args) {
      CublasBindings.report().forEach(System.out::println);
      System.out.println(CublasBindings.select().reason());
    }
  }

  private final List<String> options = new ArrayList<>();
  private final Map<String, String> environment = new HashMap<>();

  /** A JVM with a driver, and with nothing that tells where cuBLAS is. */
  @BeforeEach
  void driverRunsOnTheHost() {
    options.addAll(
        List.of(
            "--enable-native-access=ALL-UNNAMED",
            "-XX:TieredStopAtLevel=1",
            "-Djdropout.cuda.library=" + HostDriver.library()));
    for (String variable : List.of("LD_LIBRARY_PATH", "CUDA_HOME", "CUDA_PATH")) {
      environment.put(variable, "");
    }
  }

  private List<String> report(String classPath) throws Exception {
    Process process =
        JavaProcess.start(JavaProcess.command(PrintReport.class, options, classPath), environment);
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), text);
    List<String> lines = text.lines().toList();
    assertEquals(3, lines.size(), text);
    return lines;
  }

  private List<String> report() throws Exception {
    return report(CLASS_PATH);
  }

  private static String withoutJars(String part) {
    return String.join(
        File.pathSeparator,
        Stream.of(CLASS_PATH.split(File.pathSeparator, -1))
            .filter(entry -> !Path.of(entry).getFileName().toString().startsWith(part))
            .toList());
  }

  private static void assumeNatives() {
    assumeTrue(
        System.getProperty("os.arch").equals("amd64"), "JCublas has no natives but for x86_64");
  }

  private static void assumeNoCublas() throws Exception {
    assumeFalse(
        JavaProcess.start(
                    List.of(
                        "sh",
                        "-c",
                        "PATH=$PATH:/sbin:/usr/sbin; ldconfig -p | grep libcublas.so ||"
                            + " ls /usr/local/cuda*/lib*/libcublas.so* 2>/dev/null"),
                    Map.of())
                .waitFor()
            == 0,
        "this machine has cuBLAS");
  }

  private static void assertStarts(String start, String line) {
    assertTrue(line.startsWith(start), line);
  }

  private static void assertMatches(String expression, String line) {
    assertTrue(line.matches(expression), line);
  }

  /** By name, on the loader's path; and JCublas leaves nothing in the temporary folder. */
  @Test
  void javasOwnBindingComesFirst() throws Exception {
    assumeNatives();
    environment.put("LD_LIBRARY_PATH", MADE.toString());
    options.add("-Djava.io.tmpdir=" + folder);
    assertEquals(
        List.of(
            "ffm: selected - cuBLAS 12.6.0 of libcublas.so.12 through java.lang.foreign",
            "jcublas: available - cuBLAS 12.6.0 of libcublas.so.12 through JCublas 12.6.0",
            "cuBLAS 12.6.0 of libcublas.so.12 through java.lang.foreign"),
        report());
    try (Stream<Path> left = Files.list(folder)) {
      assertEquals(List.of(), left.toList());
    }
  }

  /** JCublas's library asks for libcublas.so.12 by that name, which the system does not find. */
  @Test
  void foldersOfToolkitsAreSearched() throws Exception {
    assumeNatives();
    assumeNoCublas();
    Path file = Files.createDirectories(folder.resolve("lib64")).resolve("libcublas.so.12");
    Files.copy(CUBLAS, file);
    environment.put("CUDA_HOME", folder.toString());
    options.add("-Djdropout.cublas.binding= JCublas ");
    List<String> lines = report();
    // The other binding has loaded it, so that now the system knows the name.
    assertEquals(
        "ffm: available - cuBLAS 12.6.0 of libcublas.so.12 through java.lang.foreign",
        lines.get(0));
    assertEquals(
        "jcublas: selected - cuBLAS 12.6.0 of " + file + " through JCublas 12.6.0", lines.get(1));
  }

  @Test
  void missingCublasIsTheReason() throws Exception {
    assumeNoCublas();
    List<String> lines = report();
    String start = "no cuBLAS: the system finds no ";
    String end = ", and there is none in .*; -Djdropout.cublas.library=FILE names one elsewhere";
    String ffm = start + "libcublas.so.13, libcublas.so.12, libcublas.so.11" + end;
    String jcublas = start + "libcublas.so.12" + end;
    assertMatches("ffm: unavailable - " + ffm, lines.get(0));
    assertMatches("jcublas: unavailable - " + jcublas, lines.get(1));
    assertMatches("ffm: " + ffm + "; jcublas: " + jcublas, lines.get(2));
    // One that is newer than the driver would load and fail later.
    environment.put("KERNELS_ON_HOST_DRIVER_VERSION", "12020");
    assertMatches(
        "ffm: unavailable - " + start + "libcublas.so.12, libcublas.so.11" + end,
        report().getFirst());
  }

  /** As where only CUDA 13 is installed, with something broken of 12. */
  @Test
  void otherVersionsServeJavasOwnBindingAlone() throws Exception {
    assumeNoCublas();
    Path lib = Files.createDirectories(folder.resolve("lib64"));
    Files.copy(CUBLAS, lib.resolve("libcublas.so.13"));
    byte[] all = Files.readAllBytes(CUBLAS);
    Path half = Files.write(lib.resolve("libcublas.so.12"), Arrays.copyOf(all, all.length / 2));
    environment.put("CUDA_PATH", folder.toString());
    // First, since this file's inner name is that of 12.
    options.add("-Djdropout.cublas.binding=jcublas");
    List<String> lines = report();
    assertStarts(
        "ffm: available - cuBLAS 12.6.0 of " + lib.resolve("libcublas.so.13"), lines.get(0));
    assertMatches(
        "jcublas: unavailable - no cuBLAS: the system finds no libcublas.so.12, and there is none"
            + " in "
            + lib
            + ".* that loads: "
            + half
            + " is cut short; -Djdropout.cublas.library=FILE names one elsewhere",
        lines.get(1));
  }

  @Test
  void namedFileThatIsNoCublasIsTheReason() throws Exception {
    Path none = folder.resolve("none.so");
    options.add(NAMED + none);
    assertEquals("-Djdropout.cublas.library must name a file but is " + none, report().getLast());
    Path zip = Path.of(System.getProperty("java.home"), "lib", "libzip.so");
    options.set(options.size() - 1, NAMED + zip);
    assertEquals("cuBLAS has no function cublasGetProperty", report().getLast());
    options.set(options.size() - 1, NAMED + CUBLAS);
    environment.put("KERNELS_ON_HOST_FAIL", "cublasGetProperty:1:14");
    assertEquals(
        "ffm: unavailable - cublasGetProperty failed with 14, CUBLAS_STATUS_INTERNAL_ERROR",
        report().getFirst());
  }

  @Test
  void missingJcublasIsTheReason() throws Exception {
    assumeNatives();
    options.add(NAMED + CUBLAS);
    List<String> lines = report(withoutJars("jcublas-"));
    assertStarts("ffm: selected - ", lines.get(0));
    assertEquals(
        "jcublas: unavailable - JCublas is not on the class path: org.jcuda:jcublas and"
            + " org.jcuda:jcublas-natives",
        lines.get(1));
    assertEquals(
        "jcublas: unavailable - JCublas's native library libJCublas2-12.6.0-linux-x86_64.so is"
            + " neither on the class path (org.jcuda:jcublas-natives) nor on java.library.path",
        report(withoutJars("jcublas-natives-")).get(1));
  }

  @Test
  void missingGpuIsTheReason() throws Exception {
    environment.put("KERNELS_ON_HOST_DEVICES", "0");
    options.add(NAMED + CUBLAS);
    List<String> lines = report();
    assertEquals("ffm: unavailable - no GPU: the CUDA driver finds no device", lines.get(0));
    assertEquals("jcublas: unavailable - no GPU: the CUDA driver finds no device", lines.get(1));
    assertEquals("no GPU: the CUDA driver finds no device", lines.get(2));
  }

  @Test
  void otherNamesAreRefused() throws Exception {
    options.add(NAMED + CUBLAS);
    options.add("-Djdropout.cublas.binding=cublas");
    assertEquals(
        "-Djdropout.cublas.binding must be one of auto, ffm, jcublas but is cublas",
        report().getLast());
  }
}
