package io.github.jdropout.backend.cuda;

import static java.util.Comparator.naturalOrder;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.jdropout.testing.Ahead;
import io.github.jdropout.testing.Jcuda;
import io.github.jdropout.testing.PtxFile;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * NVIDIA's assemblers take every kernel for every processor that it is meant for, and need no
 * memory for what registers should hold. Neither needs a GPU.
 */
class PtxAssemblyTest {
  /** Those that the compiler in JCuda 12.6 knows. */
  private static final List<Integer> JCUDA_ARCHITECTURES = List.of(75, 80, 86, 89, 90);

  /** Those of cuda/report.sh. */
  private static final List<Integer> PTXAS_ARCHITECTURES = List.of(75, 80, 86, 89, 90, 100, 120);

  private static final Pattern MEMORY = Pattern.compile("\\d+ bytes stack frame.*");

  private static final String NOTHING_SPILLED =
      "0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads";

  @TempDir private static Path folder;

  private static Ahead<Assembly, String> logsOfJcuda;
  private static Ahead<Assembly, String> logsOfPtxas;

  /** A file, and the processor that it is assembled for. */
  record Assembly(PtxFile ptx, int architecture) {
    @Override
    public String toString() {
      return ptx + " for sm_" + architecture;
    }
  }

  @BeforeAll
  static void begin() {
    logsOfJcuda =
        new Ahead<>(
            filesForJcuda(),
            each -> {
              assumeCompilerOfJcuda();
              return PtxCompiler.assemble(each.ptx, each.architecture);
            });
    logsOfPtxas = new Ahead<>(filesForPtxas(), PtxAssemblyTest::runPtxas);
  }

  @AfterAll
  static void end() {
    if (logsOfPtxas != null) {
      logsOfJcuda.close();
      logsOfPtxas.close();
    }
  }

  private static Stream<Assembly> filesFor(List<Integer> architectures) {
    return PtxFile.all().stream()
        .flatMap(ptx ->
            architectures.stream()
                .filter(architecture -> ptx.target() == targetFor(architecture))
                .map(architecture -> new Assembly(ptx, architecture)));
  }

  /** Which of the files the driver is given for a processor. */
  private static int targetFor(int architecture) {
    return PtxFile.TARGETS.stream()
        .filter(target -> target <= architecture)
        .max(naturalOrder())
        .orElseThrow();
  }

  static Stream<Assembly> filesForJcuda() {
    return filesFor(JCUDA_ARCHITECTURES);
  }

  static Stream<Assembly> filesForPtxas() {
    return filesFor(PTXAS_ARCHITECTURES);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("filesForJcuda")
  void assemblesWithTheCompilerOfJcuda(Assembly assembly) throws Exception {
    assertNothingSpilled(assembly.ptx, logsOfJcuda.get(assembly));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("filesForPtxas")
  void assemblesWithPtxas(Assembly assembly) throws Exception {
    assertNothingSpilled(assembly.ptx, logsOfPtxas.get(assembly));
  }

  @Test
  void brokenPtxFailsWithTheLogOfJcudasCompiler() throws Exception {
    assumeCompilerOfJcuda();
    PtxFile whole = PtxFile.read("dropout_stream", 75);
    PtxFile broken = new PtxFile("broken", 75, whole.text().replace("add.s64", "mislaid.s64"));
    AssertionError e = assertThrows(AssertionError.class, () -> PtxCompiler.assemble(broken, 75));
    assertTrue(e.getMessage().contains("mislaid"), e.getMessage());
  }

  private static void assumeCompilerOfJcuda() throws Exception {
    assumeTrue(
        Jcuda.isSupported(), "JCuda has its PTX compiler for Linux and Windows on x86-64 only");
    PtxCompiler.load();
  }

  private static String runPtxas(Assembly assembly) throws Exception {
    Optional<Path> ptxas = findPtxas();
    assumeTrue(ptxas.isPresent(), "no ptxas on PATH, in CUDA_HOME or /usr/local/cuda");
    Path source = Files.writeString(folder.resolve(assembly + ".ptx"), assembly.ptx.text());
    Path code = folder.resolve(assembly + ".cubin");
    Process process =
        new ProcessBuilder(
                ptxas.orElseThrow().toString(),
                "-v",
                "-arch=sm_" + assembly.architecture,
                "-o",
                code.toString(),
                source.toString())
            .redirectErrorStream(true)
            .start();
    String log = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), log);
    return log;
  }

  private static Optional<Path> findPtxas() {
    Map<String, String> environment = System.getenv();
    Stream<String> onPath =
        Stream.of(environment.getOrDefault("PATH", "").split(File.pathSeparator, -1));
    Stream<String> elsewhere =
        Stream.of(environment.getOrDefault("CUDA_HOME", "") + "/bin", "/usr/local/cuda/bin");
    return Stream.concat(onPath, elsewhere)
        .map(each -> Path.of(each, "ptxas"))
        .filter(Files::isExecutable)
        .findFirst();
  }

  private static void assertNothingSpilled(PtxFile ptx, String log) {
    List<String> memory = MEMORY.matcher(log).results().map(MatchResult::group).toList();
    // One of each kernel, so none is missing.
    assertEquals(ptx.entries().size(), memory.size(), log);
    assertEquals(Set.of(NOTHING_SPILLED), Set.copyOf(memory), log);
  }
}
