package io.github.jdropout.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.jdropout.testing.JavaProcess;
import io.github.jdropout.testing.NoexecMount;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What can be used, and what is said where nothing can; each in a JVM of its own. */
class CudaBindingsTest {
  private static final String NATIVE_ACCESS = "--enable-native-access=ALL-UNNAMED";
  private static final String CLASS_PATH = System.getProperty("java.class.path");
  private static final String NATIVES = "libJCudaDriver-12.6.0-linux-x86_64.so";

  @TempDir private Path folder;

  /** Prints whether a binding can be used, and the reason. */
  static final class PrintChoice {
    public static void main(String[] args) throws Exception {
      String before = System.getProperty("java.io.tmpdir");
      CudaBindings.Probe probe = CudaBindings.select();
      if (!before.equals(System.getProperty("java.io.tmpdir"))) {
        throw new IllegalStateException(System.getProperty("java.io.tmpdir"));
      }
      System.out.println(probe.driver().isPresent() + ": " + probe.reason());
    }
  }

  /** A JVM to be: with native access, the whole class path and the driver that runs on the host. */
  private static final class Jvm {
    final Class<?> main;
    final List<String> options = new ArrayList<>(List.of(NATIVE_ACCESS));
    final Map<String, String> environment = new HashMap<>();
    String classPath = CLASS_PATH;

    Jvm(Class<?> main) {
      this.main = main;
      environment.put("LD_LIBRARY_PATH", HostDriver.library().getParent().toString());
    }

    Jvm() {
      this(PrintChoice.class);
    }

    Jvm binding(CudaBinding binding) {
      return option("-Djdropout.cuda.binding=" + binding.label());
    }

    Jvm option(String option) {
      options.add(option);
      return this;
    }

    Jvm variable(String name, String value) {
      environment.put(name, value);
      return this;
    }

    Jvm withoutJar(String part) {
      List<String> kept =
          Arrays.stream(CLASS_PATH.split(File.pathSeparator, -1))
              .filter(entry -> !Path.of(entry).getFileName().toString().startsWith(part))
              .toList();
      classPath = String.join(File.pathSeparator, kept);
      assertTrue(classPath.length() < CLASS_PATH.length(), "no " + part + " in " + CLASS_PATH);
      return this;
    }

    Process start() throws IOException {
      return JavaProcess.start(JavaProcess.command(main, options, classPath), environment);
    }

    String run() throws Exception {
      return output(start());
    }

    static String output(Process process) throws Exception {
      String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertEquals(0, process.waitFor(), text);
      return text.strip();
    }
  }

  private static void assertStarts(String start, String line) {
    assertTrue(line.startsWith(start), line);
    assertEquals(1, line.lines().count(), line);
  }

  private List<Path> left(Path parent) throws IOException {
    try (Stream<Path> files = Files.list(parent)) {
      return files.toList();
    }
  }

  /** JCuda has natives for this processor only, so far. */
  private static void assumeNatives() {
    assumeTrue(
        System.getProperty("os.arch").equals("amd64"), "JCuda has no natives but for x86_64");
  }

  @Test
  void javasOwnBindingComesFirst() throws Exception {
    String line = new Jvm().run();
    assertStarts("true: libcuda.so.1 through java.lang.foreign; driver supports CUDA ", line);
    assertEquals(line, new Jvm().option("-Djdropout.cuda.binding= Auto ").run());
    assertEquals(line, new Jvm().option("-Djdropout.cuda.binding=FFM").run());
  }

  @Test
  void jcudaIsUsedWhenAskedForAndLeavesNothingBehind() throws Exception {
    assumeNatives();
    String line = new Jvm().binding(CudaBinding.JCUDA).option("-Djava.io.tmpdir=" + folder).run();
    assertStarts("true: JCuda 12.6.0; driver supports CUDA ", line);
    assertEquals(List.of(), left(folder));
  }

  @Test
  void otherNamesAreRefused() throws Exception {
    assertEquals(
        "false: -Djdropout.cuda.binding must be one of auto, ffm, jcuda but is cuda",
        new Jvm().option("-Djdropout.cuda.binding=cuda").run());
  }

  @Test
  void bindingsDoTheSame() throws Exception {
    assumeNatives();
    List<String> lines =
        new Jvm(BindingTranscript.class).binding(CudaBinding.FFM).run().lines().toList();
    assertTrue(lines.contains("errors: [CUDA_ERROR_INVALID_VALUE, false, unknown status]"));
    assertTrue(lines.contains("info: [0, 2, 0, true]"), lines.toString());
    assertTrue(lines.contains("size: [64]"), lines.toString());
    assertTrue(lines.contains("to host: [0]"), lines.toString());
    assertTrue(lines.contains("bytes: [0, [7, 7, 7, 7, 7, 7, 7, 7]]"), lines.toString());
    String bytes =
        Stream.concat(Stream.generate(() -> "-3").limit(8), Stream.iterate(0, i -> i + 1).limit(56))
            .map(String::valueOf)
            .collect(Collectors.joining(", "));
    assertTrue(lines.contains("bytes: [[" + bytes + "]]"), lines.toString());
    assertTrue(lines.contains("elapsed: [0, true]"), lines.toString());
    assertEquals("release: [0, true]", lines.getLast());
    Jvm jcuda = new Jvm(BindingTranscript.class).binding(CudaBinding.JCUDA);
    assertEquals(lines, jcuda.run().lines().toList());
    // As a user's own code may have it.
    assertEquals(lines, jcuda.option("-Djdropout.test.exceptions=true").run().lines().toList());
  }

  @Test
  void missingDriverIsTheReason() throws Exception {
    assumeFalse(
        canRun("sh", "-c", "PATH=$PATH:/sbin:/usr/sbin; ldconfig -p | grep libcuda.so.1"),
        "this machine has a CUDA driver");
    String reason =
        "false: no NVIDIA driver: the system finds no libcuda.so.1;"
            + " -Djdropout.cuda.library=FILE names one elsewhere";
    assertEquals(reason, new Jvm().variable("LD_LIBRARY_PATH", "").run());
  }

  private static boolean canRun(String... command) throws Exception {
    try {
      return JavaProcess.start(List.of(command), Map.of()).waitFor() == 0;
    } catch (IOException e) {
      return false;
    }
  }

  @ParameterizedTest
  @EnumSource
  void fileThatIsNoDriverIsTheReason(CudaBinding binding) throws Exception {
    Path text = Files.writeString(folder.resolve("text.so"), "not a library");
    byte[] all = Files.readAllBytes(HostDriver.library());
    Path half = Files.write(folder.resolve("half.so"), Arrays.copyOf(all, all.length / 2));
    Path zip = Path.of(System.getProperty("java.home"), "lib", "libzip.so");
    Path none = folder.resolve("none.so");
    Jvm jvm = new Jvm().binding(binding);
    String option = "-Djdropout.cuda.library=";
    assertStarts("false: the system does not load " + text + ": ", jvm.option(option + text).run());
    assertEquals("false: " + half + " is cut short", jvm.option(option + half).run());
    assertEquals(
        "false: -Djdropout.cuda.library must name a file but is " + none,
        jvm.option(option + none).run());
    assertEquals(
        "false: -Djdropout.cuda.library must name a file but is " + folder,
        jvm.option(option + folder).run());
    assertEquals("false: the CUDA driver has no function cuInit", jvm.option(option + zip).run());
  }

  @ParameterizedTest
  @EnumSource
  void namedDriverIsLoaded(CudaBinding binding) throws Exception {
    if (binding == CudaBinding.JCUDA) {
      assumeNatives();
    }
    Path file = Files.copy(HostDriver.library(), folder.resolve("mine.so"));
    String line =
        new Jvm()
            .binding(binding)
            .variable("LD_LIBRARY_PATH", "")
            .option("-Djdropout.cuda.library=" + file)
            .run();
    assertStarts(
        "true: " + (binding == CudaBinding.FFM ? file + " through" : "JCuda 12.6.0;"), line);
  }

  @ParameterizedTest
  @EnumSource
  void whatTheDriverLacksIsTheReason(CudaBinding binding) throws Exception {
    if (binding == CudaBinding.JCUDA) {
      assumeNatives();
    }
    assertEquals(
        "false: the CUDA driver finds no device",
        new Jvm().binding(binding).variable("KERNELS_ON_HOST_DEVICES", "0").run());
    assertEquals(
        "false: driver supports CUDA 11.4 but 11.8 is needed; update the NVIDIA driver to 520 or"
            + " newer",
        new Jvm().binding(binding).variable("KERNELS_ON_HOST_DRIVER_VERSION", "11040").run());
    assertStarts(
        "true: ",
        new Jvm().binding(binding).variable("KERNELS_ON_HOST_DRIVER_VERSION", "11080").run());
    assertStarts(
        "false: no device has compute capability 7.5 or higher: ",
        new Jvm().binding(binding).variable("KERNELS_ON_HOST_COMPUTE", "61").run());
    assertStarts(
        "true: ", new Jvm().binding(binding).variable("KERNELS_ON_HOST_COMPUTE", "75").run());
    assertStarts(
        "false: cuDeviceGetCount failed with 999, CUDA_ERROR_UNKNOWN: ",
        new Jvm()
            .binding(binding)
            .variable("KERNELS_ON_HOST_FAIL", "cuDeviceGetCount:1:999")
            .run());
  }

  @Test
  void missingJcudaIsTheReason() throws Exception {
    Jvm jvm = new Jvm().binding(CudaBinding.JCUDA).withoutJar("jcuda-");
    assertEquals(
        "false: JCuda is not on the class path: org.jcuda:jcuda and org.jcuda:jcuda-natives",
        jvm.run());
    assertStarts("true: libcuda.so.1 ", new Jvm().withoutJar("jcuda-").run());
  }

  @Test
  void missingNativesAreTheReason() throws Exception {
    assumeNatives();
    assertEquals(
        "false: JCuda's native library "
            + NATIVES
            + " is neither on the class path (org.jcuda:jcuda-natives) nor on java.library.path",
        new Jvm().binding(CudaBinding.JCUDA).withoutJar("jcuda-natives-").run());
  }

  @Test
  void nativesOfTheLibraryPathComeFirst() throws Exception {
    assumeNatives();
    String jar =
        Arrays.stream(CLASS_PATH.split(File.pathSeparator, -1))
            .filter(entry -> Path.of(entry).getFileName().toString().startsWith("jcuda-natives-"))
            .findFirst()
            .orElseThrow();
    try (JarFile file = new JarFile(jar)) {
      Files.copy(file.getInputStream(file.getEntry("lib/" + NATIVES)), folder.resolve(NATIVES));
    }
    Jvm jvm = new Jvm().binding(CudaBinding.JCUDA).withoutJar("jcuda-natives-");
    assertStarts("true: JCuda 12.6.0; ", jvm.option("-Djava.library.path=" + folder).run());
  }

  @Test
  void plantedNativesAreNotOpened() throws Exception {
    assumeNatives();
    Path planted = Files.writeString(folder.resolve(NATIVES), "not a library");
    String line = new Jvm().binding(CudaBinding.JCUDA).option("-Djava.io.tmpdir=" + folder).run();
    assertStarts("true: JCuda 12.6.0; ", line);
    assertEquals("not a library", Files.readString(planted));
    assertEquals(List.of(planted), left(folder));
  }

  @Test
  void temporaryFolderThatCannotBeWrittenIsReplacedByTheCache() throws Exception {
    assumeNatives();
    Path file = Files.writeString(folder.resolve("file"), "in the way");
    Path cache = folder.resolve("cache");
    String line =
        new Jvm()
            .binding(CudaBinding.JCUDA)
            .option("-Djava.io.tmpdir=" + file)
            .variable("XDG_CACHE_HOME", cache.toString())
            .run();
    assertStarts("true: JCuda 12.6.0; ", line);
    assertEquals(List.of(), left(cache.resolve("jdropout")));
  }

  @Test
  void folderThatCannotBeWrittenIsNamed() throws Exception {
    assumeNatives();
    Path file = Files.writeString(folder.resolve("file"), "in the way");
    String line =
        new Jvm().binding(CudaBinding.JCUDA).option("-Djdropout.native.dir=" + file).run();
    assertStarts("false: cannot write to " + file, line);
    assertTrue(line.endsWith("; -Djdropout.native.dir=FOLDER names another folder"), line);
  }

  @Test
  void folderThatForbidsToRunIsNamed() throws Exception {
    assumeNatives();
    Jvm jvm = new Jvm().binding(CudaBinding.JCUDA).option("-Djdropout.native.dir=" + folder);
    List<String> command = new ArrayList<>(NoexecMount.command(folder));
    command.addAll(JavaProcess.command(jvm.main, jvm.options));
    String line = Jvm.output(JavaProcess.start(command, jvm.environment));
    assertStarts("false: " + folder + " forbids to run what is in it; ", line);
  }

  @Test
  void manyJvmsLoadJcudaAtOnce() throws Exception {
    assumeNatives();
    List<Process> processes = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      processes.add(
          new Jvm()
              .binding(CudaBinding.JCUDA)
              .option("-XX:TieredStopAtLevel=1")
              .option("-Xmx64m")
              .option("-Djava.io.tmpdir=" + folder)
              .start());
    }
    for (Process process : processes) {
      assertStarts("true: JCuda 12.6.0; ", Jvm.output(process));
    }
    assertEquals(20, processes.size());
    assertEquals(List.of(), left(folder));
  }

  @Test
  void deniedNativeAccessIsTheReason() throws Exception {
    for (CudaBinding binding : CudaBinding.values()) {
      Jvm jvm = new Jvm().binding(binding).option("--illegal-native-access=deny");
      jvm.options.remove(NATIVE_ACCESS);
      assertEquals(
          "false: native access is denied; start java with --enable-native-access=ALL-UNNAMED",
          jvm.run());
    }
  }

  /** The JDK's own temporary files must not follow the property while JCuda is initialised. */
  @Test
  void temporaryFilesOfTheJdkStayWhereTheyAre() throws Exception {
    String line = JavaProcess.run(MoveTemporaryFolder.class, List.of()).output().strip();
    assertEquals("false false", line);
  }

  /** Prints whether new temporary files follow the property. */
  static final class MoveTemporaryFolder {
    public static void main(String[] args) throws Exception {
      System.setProperty("java.io.tmpdir", "/nonexistent");
      Path file = File.createTempFile("jdropout", ".tmp").toPath();
      Path other = Files.createTempFile("jdropout", ".tmp");
      System.out.println(file.startsWith("/nonexistent") + " " + other.startsWith("/nonexistent"));
      Files.delete(file);
      Files.delete(other);
    }
  }
}
