package io.github.jdropout.gemm.cublas.jcublas;

import io.github.jdropout.backend.cuda.driver.BindingException;
import io.github.jdropout.backend.cuda.jcuda.JCudaNatives;
import io.github.jdropout.backend.cuda.jcuda.JCudaPart;
import io.github.jdropout.gemm.cublas.library.CublasLibrary;

/** Finds out whether cuBLAS can be called through JCublas, where that may be missing. */
public final class JCublasBinding {
  private JCublasBinding() {}

  /** Initialises JCublas at most once; a second attempt would hide why the first has failed. */
  private static final class Library {
    /** Why it cannot be used; null if it can. */
    static final String OBSTACLE = JCudaNatives.obstacle(JCudaPart.CUBLAS);
  }

  /**
   * Loads JCublas and its native library, once.
   *
   * <p>cuBLAS 12 must have been loaded, and have every function that this library calls: JCublas's
   * library is linked to one when it is first called, and the JVM would end if it were not there.
   *
   * @param cublas what has been loaded, for people
   * @throws BindingException if JCublas or its native library is missing or cannot be loaded
   */
  public static CublasLibrary load(String cublas) throws BindingException {
    if (Library.OBSTACLE != null) {
      throw new BindingException(Library.OBSTACLE);
    }
    // Only now: the JVM does not even load this class where JCublas is missing.
    return new JCublas(cublas);
  }
}
