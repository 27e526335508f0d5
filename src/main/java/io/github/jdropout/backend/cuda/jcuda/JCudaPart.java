package io.github.jdropout.backend.cuda.jcuda;

/** A part of JCuda that has a native library of its own. */
public enum JCudaPart {
  /** The binding of the CUDA driver. */
  DRIVER("JCuda", "jcuda.driver.JCudaDriver", "JCudaDriver", "jcuda"),
  /** The binding of cuBLAS. */
  CUBLAS("JCublas", "jcuda.jcublas.JCublas2", "JCublas2", "jcublas");

  private final String label;
  private final String className;
  private final String library;
  private final String artifact;

  JCudaPart(String label, String className, String library, String artifact) {
    this.label = label;
    this.className = className;
    this.library = library;
    this.artifact = artifact;
  }

  /** Returns the class whose initialisation loads the library. */
  String className() {
    return className;
  }

  /** Returns the library's name, without the version and the platform. */
  String library() {
    return library;
  }

  /** Returns where the classes come from. */
  String artifact() {
    return "org.jcuda:" + artifact;
  }

  /** Returns where the library comes from. */
  String natives() {
    return artifact() + "-natives";
  }

  /** Returns the name for people. */
  @Override
  public String toString() {
    return label;
  }
}
