package io.github.jdropout.backend.cuda;

import java.util.Locale;

/** The ways of calling the CUDA driver, the preferred first. */
public enum CudaBinding {
  /** Through {@code java.lang.foreign}. */
  FFM,
  /** Through JCuda. */
  JCUDA;

  /** Returns the name used in properties: the constant in lower case. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
