package io.github.jdropout.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What only a JVM of its own can show. */
class ProcessTest {
  private static final String CLASS_PATH = System.getProperty("java.class.path");

  @TempDir private Path folder;

  private Process start(String classPath, String... args) throws IOException {
    return start(List.of(), classPath, args);
  }

  private Process start(List<String> prefix, String classPath, String... args) throws IOException {
    List<String> command = new ArrayList<>(prefix);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "--enable-native-access=ALL-UNNAMED"));
    // Times do not matter here, so another JMH may run at the same time.
    command.add("-Djmh.ignoreLock=true");
    command.addAll(List.of("-cp", classPath, Main.class.getName()));
    command.addAll(List.of(args));
    return new ProcessBuilder(command).redirectError(folder.resolve("err").toFile()).start();
  }

  private String err() throws IOException {
    return Files.readString(folder.resolve("err")).strip();
  }

  @Test
  void exitCodeReachesTheShell() throws Exception {
    Process process = start(CLASS_PATH, "mask", "--p=1.5", "--count=1");
    assertEquals(Console.BAD_INPUT, process.waitFor());
    assertEquals("jdropout: p must be in [0, 1] but is 1.5", err());
  }

  @Test
  void readerThatStopsEndsTheCommandQuietly() throws Exception {
    Process process = start(CLASS_PATH, "mask", "--p=0.5", "--count=1000000000000000");
    try (InputStream text = process.getInputStream()) {
      assertEquals(64, new String(text.readNBytes(64), StandardCharsets.US_ASCII).length());
    }
    assertTrue(process.waitFor(60, TimeUnit.SECONDS));
    assertEquals("", err());
    assertEquals(0, process.exitValue());
  }

  @Test
  void trainWithoutDeeplearning4jSaysWhatIsMissing() throws Exception {
    String without =
        Arrays.stream(CLASS_PATH.split(File.pathSeparator))
            .filter(entry -> !entry.contains("nd4j") && !entry.contains("deeplearning4j"))
            .collect(Collectors.joining(File.pathSeparator));
    Process process = start(without, "train", "--out=" + folder.resolve("out"));
    assertEquals(Console.FAILURE, process.waitFor());
    assertTrue(err().startsWith("jdropout: train needs Deeplearning4j ("), err());
    assertEquals(1, err().lines().count(), err());
    assertFalse(Files.exists(folder.resolve("out")));
  }

  private static String withoutEntries(String name) {
    return Arrays.stream(CLASS_PATH.split(File.pathSeparator, -1))
        .filter(entry -> !Path.of(entry).getFileName().toString().startsWith(name))
        .collect(Collectors.joining(File.pathSeparator));
  }

  @Test
  void benchWithoutJmhSaysWhatIsMissing() throws Exception {
    Path out = folder.resolve("out");
    Process process = start(withoutEntries("jmh-core"), "bench", "--quick", "--out=" + out);
    assertEquals(Console.FAILURE, process.waitFor());
    assertEquals(
        "jdropout: bench needs the jar jdropout-bench, JMH and Jackson on the class path; there is"
            + " no org.openjdk.jmh.runner.Runner",
        err());
    assertFalse(Files.exists(out));
  }

  @Test
  void commandsWorkWithoutTheBenchmarksClasses() throws Exception {
    Path main = Path.of(Main.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    Path copy = folder.resolve("classes");
    try (Stream<Path> files = Files.walk(main)) {
      for (Path file : files.toList()) {
        String name = main.relativize(file).toString().replace('\\', '/');
        if (!name.startsWith("io/github/jdropout/bench") && !name.isEmpty()) {
          Files.copy(file, copy.resolve(main.relativize(file)));
        } else if (name.isEmpty()) {
          Files.createDirectory(copy);
        }
      }
    }
    String classPath = copy + File.pathSeparator + withoutEntries(main.getFileName().toString());
    assertEquals(0, start(classPath, "bench", "--help").waitFor(), err());
    Process process = start(classPath, "bench", "--quick", "--out=" + folder.resolve("out"));
    assertEquals(Console.FAILURE, process.waitFor());
    assertTrue(err().endsWith("there is no io.github.jdropout.bench.BenchSession"), err());
    assertEquals(1, err().lines().count(), err());
  }

  @Test
  @EnabledOnOs(value = OS.LINUX, disabledReason = "needs env and kill")
  void interruptedBenchLeavesWhatWasMeasured() throws Exception {
    Path out = folder.resolve("out");
    // A shell may have told its children in the background to ignore the signal.
    Process process =
        start(
            List.of("env", "--default-signal=INT"),
            CLASS_PATH,
            "bench",
            "--operation=forward",
            "--backend=scalar",
            "--size=1024,2048,4096,8192,16384,32768",
            "--out=" + out,
            "--python=no-such-python");
    try (BufferedReader lines = process.inputReader()) {
      String line;
      do {
        line = lines.readLine();
      } while (line != null && !line.startsWith("scalar"));
      assertNotNull(line, err());
      List<ProcessHandle> forks = process.descendants().toList();
      assertEquals(0, new ProcessBuilder("kill", "-INT", "" + process.pid()).start().waitFor());
      assertTrue(process.waitFor(60, TimeUnit.SECONDS));
      assertEquals(130, process.exitValue(), err());
      String rest = lines.lines().collect(Collectors.joining("\n"));
      assertTrue(rest.contains("interrupted: "), rest);
      for (ProcessHandle fork : forks) {
        assertFalse(fork.isAlive(), "the benchmark's JVM lives on");
      }
    } finally {
      process.destroyForcibly();
    }
    try (Stream<Path> files = Files.list(out)) {
      Path json = files.filter(file -> file.toString().endsWith(".json")).findFirst().get();
      JsonNode run = new ObjectMapper().readTree(json.toFile());
      assertFalse(run.at("/run/isComplete").asBoolean(true));
      int cases = run.path("cases").size();
      assertTrue(cases >= 1 && cases < 12, cases + " cases");
      assertEquals(20, run.at("/cases/0/nanosPerCall").size());
      assertFalse(run.path("absent").toString().contains("FAILED"), run.toString());
    }
  }
}
