package io.github.jdropout.cli.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jdropout.testing.JavaProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A Java without {@code java.desktop}, such as a small runtime of one's own, draws nothing. */
class WithoutDesktopTest {
  @TempDir private Path folder;

  /** Writes all reports into the folder of the first argument and prints what came of it. */
  static final class Reports {
    private Reports() {}

    public static void main(String[] args) throws IOException {
      Path folder = Path.of(args[0]);
      print(BenchPage.write(SampleBench.withGpu(), folder.resolve("bench.html")));
      print(ParityPage.write(SampleParity.failed(), folder.resolve("parity.html")));
      print(BenchCharts.write(SampleBench.withGpu(), folder));
      print(ParityCharts.write(SampleParity.failed(), folder.resolve("parity.png")));
    }

    private static void print(Written written) {
      System.out.println(written.files().size() + " files, " + written.problems());
    }
  }

  @Test
  void pagesComeWithTheirTablesAndTheReason() throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            JavaProcess.command(
                Reports.class, List.of("--limit-modules", "java.base,java.logging")));
    command.add(folder.toString());
    Process process = JavaProcess.start(command, Map.of());
    List<String> lines = process.inputReader().lines().toList();
    assertEquals(0, process.waitFor(), lines.toString());
    assertEquals(4, lines.size(), lines.toString());
    for (int i = 0; i < lines.size(); i++) {
      String expected = (i < 2 ? "1 files, [" : "0 files, [");
      assertTrue(lines.get(i).startsWith(expected), lines.get(i));
      assertTrue(lines.get(i).contains("java.desktop"), lines.get(i));
    }
    for (String name : List.of("bench.html", "parity.html")) {
      String page = Files.readString(folder.resolve(name));
      assertTrue(page.contains("Tables alone: charts cannot be drawn here"), name);
      assertTrue(page.contains("<table"), name);
      assertFalse(page.contains("<svg"), name);
    }
  }
}
