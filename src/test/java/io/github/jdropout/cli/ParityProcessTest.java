package io.github.jdropout.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.jdropout.cli.parity.Kernels;
import io.github.jdropout.cli.parity.ParityJson;
import io.github.jdropout.parity.ParityReport;
import io.github.jdropout.testing.JavaProcess;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** {@code jdropout parity} ended from outside. */
@Execution(ExecutionMode.SAME_THREAD)
class ParityProcessTest {
  private static final Path STATUS = Path.of("/proc/self/status");

  @TempDir private Path folder;

  /** Starts a run that ends by itself never, and waits until its other JVM computes. */
  private Process startStuck() throws IOException, InterruptedException {
    Path pid = folder.resolve("pid");
    List<String> options = List.of("-XX:TieredStopAtLevel=1", "-D" + Kernels.PID_FILE + "=" + pid);
    List<String> command = new ArrayList<>(JavaProcess.command(Main.class, options));
    command.addAll(List.of("parity", "--quick", "--out", folder.resolve("out").toString()));
    command.addAll(List.of("--implementation", Kernels.Stuck.class.getName()));
    Process process = JavaProcess.start(command, Map.of());
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(180);
    while (!Files.exists(pid) || Files.size(pid) == 0) {
      assertTrue(process.isAlive() && System.nanoTime() < end, "the other JVM never computed");
      Thread.sleep(20);
    }
    return process;
  }

  private void assertOtherJvmEnds() throws IOException, InterruptedException {
    long pid = Long.parseLong(Files.readString(folder.resolve("pid")));
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isPresent()) {
      assertTrue(System.nanoTime() < end, "the other JVM lives on");
      Thread.sleep(20);
    }
  }

  private void assertPartialResults(String out) throws IOException {
    assertTrue(out.contains("INTERRUPTED: 0 cells passed, 0 failed"), out);
    ParityReport report =
        ParityJson.read(Files.readString(folder.resolve("out").resolve("parity.json")));
    assertFalse(report.isComplete());
    assertTrue(report.cells().getFirst().reason().startsWith("interrupted during "), out);
    assertTrue(
        Files.readString(folder.resolve("out").resolve("parity.xml"))
            .stripTrailing()
            .endsWith("</testsuites>"));
  }

  private static void signal(String option, Process process)
      throws IOException, InterruptedException {
    new ProcessBuilder("kill", option, Long.toString(process.pid())).start().waitFor();
  }

  private static String output(Process process) throws IOException {
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  @Test
  void ctrlCLeavesCompletePartialResults() throws Exception {
    assumeTrue(Files.exists(STATUS), "needs Linux");
    assumeTrue(!isIgnoringInterrupts(), "this JVM and its children ignore SIGINT");
    Process process = startStuck();
    signal("-INT", process);
    String out = output(process);
    assertEquals(130, process.waitFor());
    assertPartialResults(out);
    assertOtherJvmEnds();
  }

  /** So does a background job of a shell without job control, and a child inherits it. */
  private static boolean isIgnoringInterrupts() throws IOException {
    return Files.readAllLines(STATUS).stream()
        .filter(line -> line.startsWith("SigIgn:"))
        .anyMatch(line -> new BigInteger(line.substring(7).strip(), 16).testBit(1));
  }

  @Test
  void terminationLeavesCompletePartialResults() throws Exception {
    assumeTrue(Files.exists(STATUS), "needs Linux");
    Process process = startStuck();
    signal("-TERM", process); // Process.destroy() would close the streams, too.
    String out = output(process);
    assertEquals(143, process.waitFor());
    assertPartialResults(out);
    assertOtherJvmEnds();
  }

  @Test
  void otherJvmsEndWithTheirParentHoweverItEnds() throws Exception {
    Process process = startStuck();
    process.destroyForcibly();
    process.waitFor();
    assertOtherJvmEnds();
  }
}
