package io.github.jdropout.bench;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.concurrent.TimeUnit;

/** The revision of the sources that these classes come from. */
final class Revision {
  private static final String UNKNOWN = "unknown";

  private Revision() {}

  /**
   * Returns what {@code -Djdropout.revision} says, else what git says of the checkout that the
   * classes lie in, else the file {@code REVISION} beside a bundle's folder of jars.
   */
  static String current() {
    String given = System.getProperty("jdropout.revision");
    return given != null ? given : of(classes());
  }

  static String of(Path classes) {
    if (classes == null || classes.getParent() == null) {
      return UNKNOWN;
    }
    if (Files.isDirectory(classes)) {
      return git(classes);
    }
    Path file = classes.getParent().resolveSibling("REVISION");
    try {
      return Files.isRegularFile(file) ? Files.readString(file).strip() : UNKNOWN;
    } catch (IOException e) {
      return UNKNOWN;
    }
  }

  private static Path classes() {
    CodeSource source = Revision.class.getProtectionDomain().getCodeSource();
    try {
      return source == null ? null : Path.of(source.getLocation().toURI());
    } catch (URISyntaxException e) {
      return null;
    }
  }

  private static String git(Path folder) {
    try {
      Process git =
          new ProcessBuilder("git", "-C", folder.toString(), "describe", "--always", "--dirty")
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      String answer =
          new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      return git.waitFor(10, TimeUnit.SECONDS) && git.exitValue() == 0 && !answer.isEmpty()
          ? answer
          : UNKNOWN;
    } catch (IOException e) {
      return UNKNOWN; // There is no git.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return UNKNOWN;
    }
  }
}
