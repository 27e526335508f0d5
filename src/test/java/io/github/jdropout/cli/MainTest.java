package io.github.jdropout.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MainTest {
  @ParameterizedTest
  @ValueSource(strings = {"info", "train", "mask", "apply", "parity", "bench", "tour"})
  void helpListsEveryCommandAndEachExplainsItself(String command) {
    assertTrue(CliRun.of("--help").out().matches("(?s).*\\R  " + command + "\\s.*"));
    CliRun help = CliRun.of(command, "--help");
    assertEquals(0, help.exitCode());
    assertTrue(help.out().startsWith("Usage: jdropout " + command), help.out());
  }

  @Test
  void helpHasExamplesAndExitCodes() {
    String help = CliRun.of().out();
    assertTrue(help.contains("jdropout mask --p 0.1"), help);
    assertTrue(help.contains("2     an option, an argument"), help);
    assertEquals(help, CliRun.of("--help").out());
  }

  @Test
  void versionIsThatOfTheBuild() {
    assertTrue(CliRun.of("--version").out().matches("jdropout [0-9]+\\.[0-9]+\\.\\S+\\R"));
  }

  @Test
  void faultsOfTheCommandLineAreOneLineAndExitCode2() {
    assertBadInput("jdropout: Unmatched argument at index 0: 'nonsense'", "nonsense");
    assertBadInput("jdropout: Missing required options: ", "mask");
    assertBadInput(
        "jdropout: Invalid value for option '--seed': must be in [-2^63, 2^64), decimal or 0x with"
            + " hexadecimal digits, but is 1e3",
        "mask",
        "--p=0.1",
        "--count=1",
        "--seed=1e3");
    assertBadInput(
        "jdropout: Invalid value for option '--backend': backend must be one of scalar, vector",
        "mask",
        "--p=0.1",
        "--count=1",
        "--backend=gpu");
  }

  static void assertBadInput(String start, String... args) {
    CliRun run = CliRun.of(args);
    assertEquals(Console.BAD_INPUT, run.exitCode(), run.err());
    assertTrue(run.err().startsWith(start), run.err());
    assertEquals(1, run.err().lines().count(), run.err());
    assertEquals("", run.out());
  }

  @Test
  void debugShowsTheStackTrace() {
    System.setProperty("jdropout.debug", "true");
    try {
      assertTrue(CliRun.of("mask", "--p=2", "--count=1").err().contains("\tat io.github.jdropout"));
    } finally {
      System.clearProperty("jdropout.debug");
    }
  }

  @Test
  void readerThatHasEnoughIsNoError() {
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    assertEquals(0, maskInto(failingWith("Broken pipe"), err));
    assertEquals("", err.toString(StandardCharsets.UTF_8));
  }

  @Test
  void fullDiskBehindStandardOutputIsAnError() {
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    assertEquals(Console.FAILURE, maskInto(failingWith("No space left on device"), err));
    assertEquals(
        "jdropout: standard output: No space left on device",
        err.toString(StandardCharsets.UTF_8).strip());
  }

  private static int maskInto(OutputStream out, ByteArrayOutputStream err) {
    Console console = new Console(out, new PrintStream(err, true, StandardCharsets.UTF_8));
    // Endless unless it stops at the first failure.
    return Main.run(console, "mask", "--p=0.5", "--count=1000000000000000");
  }

  private static OutputStream failingWith(String message) {
    return new OutputStream() {
      @Override
      public void write(int value) throws IOException {
        throw new IOException(message);
      }
    };
  }

  @Test
  void infoNamesBackendsWithReasons() {
    CliRun run = CliRun.of("info");
    assertEquals(0, run.exitCode(), run.err());
    assertTrue(run.out().contains("backend  scalar: "), run.out());
    assertTrue(run.out().contains("backend  vector: "), run.out());
    assertTrue(run.out().contains("JVM      "), run.out());
    assertFalse(run.out().contains("null"), run.out());
  }
}
