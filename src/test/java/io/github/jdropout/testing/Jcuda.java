package io.github.jdropout.testing;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.jdropout.backend.BackendId;
import io.github.jdropout.backend.cuda.CudaBinding;
import io.github.jdropout.backend.cuda.CudaBindings;
import java.util.Locale;

/** What tests that use JCuda begin with. */
public final class Jcuda {
  private Jcuda() {}

  /** Returns whether JCuda has native libraries for this platform. */
  public static boolean isSupported() {
    String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    String processor = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
    return (system.startsWith("linux") || system.startsWith("windows"))
        && (processor.equals("amd64") || processor.equals("x86_64"));
  }

  /**
   * Skips the calling test where JCuda cannot be, and where it is missing; the latter fails the
   * test if a GPU is required.
   */
  public static void assumeUsable() {
    Backends.assumeAvailable(BackendId.CUDA);
    assumeTrue(isSupported(), "JCuda has native libraries for Linux and Windows on x86-64 only");
    CudaBindings.Probe probe = CudaBindings.probe(CudaBinding.JCUDA);
    Backends.assumeUsable(BackendId.CUDA, probe.driver().isPresent(), probe.reason());
  }
}
