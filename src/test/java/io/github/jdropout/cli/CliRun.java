package io.github.jdropout.cli;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** What a command left behind when it ran in this JVM. */
record CliRun(int exitCode, ByteArrayOutputStream bytes, String err) {
  static CliRun of(String... args) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    PrintStream errText = new PrintStream(err, true, StandardCharsets.UTF_8);
    int exitCode = Main.run(new Console(out, errText), args);
    return new CliRun(exitCode, out, err.toString(StandardCharsets.UTF_8));
  }

  /** Returns a console for commands that are not run. */
  static Console console() {
    return new Console(new ByteArrayOutputStream(), System.err);
  }

  String out() {
    return bytes.toString(System.out.charset());
  }
}
