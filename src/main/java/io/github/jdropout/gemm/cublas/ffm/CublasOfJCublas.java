package io.github.jdropout.gemm.cublas.ffm;

import io.github.jdropout.backend.cuda.driver.BindingException;
import java.util.List;

/** Loads the library that JCublas's own is linked to, before that looks for it. */
public final class CublasOfJCublas {
  /** Its symbols have this version, and no other library has them. */
  private static final int MAJOR = 12;

  private CublasOfJCublas() {}

  /**
   * Loads cuBLAS 12, from wherever it lies: the system knows libraries by their inner names once
   * they are loaded. And finds out whether a function is missing, of which the JVM would die.
   *
   * @return version and origin in one line
   * @throws BindingException if there is none, it lacks a function, or native access is denied
   */
  public static String load() throws BindingException {
    LoadedCublas loaded = LoadedCublas.load(List.of(MAJOR));
    if (!loaded.functions().takesWideSizes()) {
      throw new BindingException(
          loaded.description() + " has no function cublasGemmEx_64, which JCublas calls");
    }
    return loaded.description();
  }
}
