package io.github.jdropout.backend.cuda.jcuda;

import jcuda.JCudaVersion;
import jcuda.LibUtils;

/** Why JCuda cannot be used, in one line. */
final class JCudaFailures {
  private JCudaFailures() {}

  /** Returns the name of a part's native library on this platform. */
  static String libraryFile(JCudaPart part) {
    return LibUtils.createLibraryFileName(
        LibUtils.createPlatformLibraryName(part.library() + "-" + JCudaVersion.get()));
  }

  /** Returns the reason that a failed initialisation tells. */
  static String reason(JCudaPart part, Throwable failure) {
    if (failure instanceof ClassNotFoundException
        || (failure instanceof NoClassDefFoundError && failure.getCause() == null)) {
      return part + " is not on the class path: " + part.artifact() + " and " + part.natives();
    }
    Throwable cause = failure;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    String text = String.valueOf(cause.getMessage());
    if (text.contains("No resource found with name")) {
      return part
          + "'s native library "
          + libraryFile(part)
          + " is neither on the class path ("
          + part.natives()
          + ") nor on java.library.path";
    }
    return part + " does not load: " + essence(text);
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
