package io.github.jdropout.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What only a JVM of its own can show. */
class ProcessTest {
  private static final String CLASS_PATH = System.getProperty("java.class.path");

  @TempDir private Path folder;

  private Process start(String classPath, String... args) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "--enable-native-access=ALL-UNNAMED"));
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
}
