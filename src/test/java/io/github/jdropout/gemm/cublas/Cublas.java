package io.github.jdropout.gemm.cublas;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.jdropout.backend.BackendId;
import io.github.jdropout.backend.cuda.CudaDevice;
import io.github.jdropout.backend.cuda.CudaSupport;
import io.github.jdropout.testing.Backends;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;

/** What tests of products on a GPU begin with. */
public final class Cublas {
  private Cublas() {}

  /** Returns the first device; skips the calling test, or fails it, where there is no cuBLAS. */
  public static CudaDevice device() {
    Backends.assumeAvailable(BackendId.CUDA);
    CublasBindings.Probe probe = CublasBindings.select();
    Backends.assumeUsable(
        BackendId.CUDA,
        probe.library().isPresent(),
        "no cuBLAS can be used here: " + probe.reason());
    return CudaSupport.devices().getFirst();
  }

  /** Returns how many handles live in the stand-in for cuBLAS. */
  @SuppressWarnings("restricted") // The tests are started with native access.
  static long handles() {
    String file = System.getProperty("jdropout.cublas.library");
    assumeTrue(file != null, "needs the cuBLAS that runs on the host, and this is a real one");
    try {
      return (long)
          Linker.nativeLinker()
              .downcallHandle(
                  SymbolLookup.libraryLookup(Path.of(file).toAbsolutePath(), Arena.global())
                      .findOrThrow("cublasOnHostHandles"),
                  FunctionDescriptor.of(ValueLayout.JAVA_LONG))
              .invokeExact();
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }
}
