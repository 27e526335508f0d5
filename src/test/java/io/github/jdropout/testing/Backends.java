package io.github.jdropout.testing;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import io.github.jdropout.DropoutBackends;
import io.github.jdropout.backend.BackendId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;

/**
 * Skips tests of backends that cannot run here, unless the build requires them. It requires the
 * native library, and the kernels on the host, wherever it has built them.
 */
public final class Backends {
  /** System property: labels, separated by commas, whose absence is a failure. */
  static final String REQUIRE = "jdropout.test.require";

  private Backends() {}

  /** Aborts or fails the calling test, with the reason, if the backend cannot run. */
  public static void assumeAvailable(BackendId id) {
    DropoutBackends.Entry entry =
        DropoutBackends.report().stream().filter(e -> e.id() == id).findFirst().orElseThrow();
    if (entry.isAvailable()) {
      return;
    }
    if (isRequired(id)) {
      fail("the build, or -D" + REQUIRE + ", requires " + id.label() + " but " + entry);
    }
    abort(entry.toString());
  }

  /**
   * Aborts or fails the calling test if something that the backend's tests need is missing.
   *
   * @param reason one line: what is missing and why
   */
  public static void assumeUsable(BackendId id, boolean isUsable, String reason) {
    assumeAvailable(id);
    if (isUsable) {
      return;
    }
    if (isRequired(id)) {
      fail("the build, or -D" + REQUIRE + ", requires " + id.label() + " but " + reason);
    }
    abort(reason);
  }

  private static boolean isRequired(BackendId id) {
    if (id == BackendId.FFM && hasNativeLibrary()) {
      return true;
    }
    if (id == BackendId.CUDA && hasKernelsOnHost()) {
      return true;
    }
    return Arrays.stream(System.getProperty(REQUIRE, "").split(","))
        .map(String::strip)
        .filter(label -> !label.isEmpty())
        .anyMatch(label -> BackendId.parse(label) == id);
  }

  /** The build runs tests with them in place of a driver; it leaves none where it cannot. */
  private static boolean hasKernelsOnHost() {
    String library = System.getProperty("jdropout.cuda.library");
    return library != null && Files.exists(Path.of(library));
  }

  /** Whatever the build has left for any platform: this one's must then be among it. */
  private static boolean hasNativeLibrary() {
    try (Stream<Path> files = Files.walk(Path.of("target/classes/io/github/jdropout/native"))) {
      return files.anyMatch(Files::isRegularFile);
    } catch (IOException e) {
      return false;
    }
  }
}
