package io.github.jdropout.testing;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import io.github.jdropout.DropoutBackends;
import io.github.jdropout.backend.BackendId;
import java.util.Arrays;

/** Skips tests of backends that cannot run here, unless the build requires them. */
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
      fail("-D" + REQUIRE + " names " + id.label() + " but " + entry);
    }
    abort(entry.toString());
  }

  private static boolean isRequired(BackendId id) {
    return Arrays.stream(System.getProperty(REQUIRE, "").split(","))
        .map(String::strip)
        .filter(label -> !label.isEmpty())
        .anyMatch(label -> BackendId.parse(label) == id);
  }
}
