package io.github.jdropout.gemm.cublas.ffm;

import static io.github.jdropout.gemm.cublas.library.CublasConstants.CUBLAS_STATUS_SUCCESS;
import static io.github.jdropout.gemm.cublas.library.CublasConstants.MAJOR_VERSION;
import static io.github.jdropout.gemm.cublas.library.CublasConstants.MINOR_VERSION;
import static io.github.jdropout.gemm.cublas.library.CublasConstants.PATCH_LEVEL;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.github.jdropout.backend.cuda.driver.BindingException;
import io.github.jdropout.backend.nativeaccess.DowncallFailures;
import io.github.jdropout.gemm.cublas.library.CublasStatus;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * A library of cuBLAS that has been loaded and has every function that is needed.
 *
 * @param functions its functions
 * @param version as people write it, for example 12.6.4
 * @param origin its name or file, for people
 */
record LoadedCublas(CublasFunctions functions, String version, String origin) {
  /**
   * Loads one.
   *
   * @param majors versions, the preferred first
   * @throws BindingException if there is none, it lacks a function, or native access is denied
   */
  static LoadedCublas load(List<Integer> majors) throws BindingException {
    CublasFile file = CublasFile.open(majors);
    CublasFunctions functions = CublasFunctions.link(new CublasLinkage(file.symbols()));
    String version =
        property(functions, MAJOR_VERSION)
            + "."
            + property(functions, MINOR_VERSION)
            + "."
            + property(functions, PATCH_LEVEL);
    return new LoadedCublas(functions, version, file.origin());
  }

  private static int property(CublasFunctions functions, int property) throws BindingException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment value = arena.allocate(JAVA_INT);
      int status;
      try {
        status = (int) functions.property().invokeExact(property, value);
      } catch (Throwable e) {
        throw DowncallFailures.rethrow(e);
      }
      if (status != CUBLAS_STATUS_SUCCESS) {
        throw new BindingException(
            "cublasGetProperty failed with " + status + ", " + CublasStatus.name(status));
      }
      return value.get(JAVA_INT, 0);
    }
  }

  /** Returns version and origin in one line. */
  String description() {
    return "cuBLAS " + version + " of " + origin;
  }
}
