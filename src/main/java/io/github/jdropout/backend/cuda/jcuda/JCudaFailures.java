package io.github.jdropout.backend.cuda.jcuda;

import jcuda.JCudaVersion;
import jcuda.LibUtils;

/** Why JCuda cannot be used, in one line. */
final class JCudaFailures {
  private static final String ARTIFACTS = "org.jcuda:jcuda and org.jcuda:jcuda-natives";

  private JCudaFailures() {}

  /** Returns the name of JCuda's native library on this platform. */
  static String libraryFile() {
    return LibUtils.createLibraryFileName(
        LibUtils.createPlatformLibraryName("JCudaDriver-" + JCudaVersion.get()));
  }

  /** Returns the reason that a failed initialisation tells. */
  static String reason(Throwable failure) {
    if (failure instanceof ClassNotFoundException
        || (failure instanceof NoClassDefFoundError && failure.getCause() == null)) {
      return "JCuda is not on the class path: " + ARTIFACTS;
    }
    Throwable cause = failure;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    String text = String.valueOf(cause.getMessage());
    if (text.contains("No resource found with name")) {
      return "JCuda's native library "
          + libraryFile()
          + " is neither on the class path (org.jcuda:jcuda-natives) nor on java.library.path";
    }
    return "JCuda does not load: " + essence(text);
  }

  /** Returns the line that says something: JCuda's message is two stack traces. */
  private static String essence(String text) {
    return text.lines()
        .dropWhile(line -> !line.endsWith("to load the library as a resource:"))
        .skip(1)
        .findFirst()
        .or(text.lines()::findFirst)
        .orElse("")
        .strip();
  }
}
