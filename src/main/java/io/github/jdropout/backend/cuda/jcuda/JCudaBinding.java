package io.github.jdropout.backend.cuda.jcuda;

import io.github.jdropout.backend.cuda.driver.BindingException;
import io.github.jdropout.backend.cuda.driver.CudaDriver;

/** Finds out whether the driver can be called through JCuda, where that may be missing. */
public final class JCudaBinding {
  private JCudaBinding() {}

  /**
   * Loads JCuda and its native library, once.
   *
   * <p>The driver must have every function that this library calls: JCuda's library is linked to
   * one when it is first called, and the JVM would end if it were not there.
   *
   * @throws BindingException if JCuda or its native library is missing or cannot be loaded
   */
  public static CudaDriver load() throws BindingException {
    JCudaNatives.load();
    // Only now: the JVM does not even load this class where JCuda is missing.
    return new JCudaCudaDriver();
  }
}
