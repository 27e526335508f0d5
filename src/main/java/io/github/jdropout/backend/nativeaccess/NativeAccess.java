package io.github.jdropout.backend.nativeaccess;

import java.nio.file.Path;

/** Why native code cannot be called. */
public final class NativeAccess {
  private NativeAccess() {}

  /**
   * Returns the reason of a caller that may not, and what to do about it.
   *
   * @param caller a class of the module that asked in vain
   */
  public static String denial(Class<?> caller) {
    Module module = caller.getModule();
    return "native access is denied; start java with --enable-native-access="
        + (module.isNamed() ? module.getName() : "ALL-UNNAMED");
  }

  /**
   * Returns the reason for which the system does not load a file.
   *
   * @param file has been refused, by a call that does not say why; so that this one fails as well
   */
  @SuppressWarnings("restricted") // See above.
  public static String refusal(Path file) {
    String text = "the system does not load " + file;
    try {
      System.load(file.toString());
      return text;
    } catch (UnsatisfiedLinkError e) {
      return text + ": " + e.getMessage();
    }
  }
}
