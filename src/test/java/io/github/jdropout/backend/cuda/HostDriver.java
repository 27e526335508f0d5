package io.github.jdropout.backend.cuda;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;

/** The driver that runs kernels on the host, for tests in JVMs of their own. */
public final class HostDriver {
  private static final Path LIBRARY = Path.of("target/kernels-on-host/libcuda.so.1");

  private HostDriver() {}

  /** Returns its library; aborts the calling test if the build has made none. */
  public static Path library() {
    assumeTrue(Files.exists(LIBRARY), "the build has not made " + LIBRARY);
    return LIBRARY.toAbsolutePath();
  }
}
