package io.github.jdropout.backend.ffm;

import java.util.Locale;

/** Names of platforms and of the library's file on each. */
final class Platform {
  private Platform() {}

  /** Returns the operating system and the processor, for example {@code linux-x86_64}. */
  static String name() {
    return system() + "-" + processor();
  }

  /** Returns the library's file name here. */
  static String libraryFile() {
    return switch (system()) {
      case "windows" -> "jdropout.dll";
      case "macos" -> "libjdropout.dylib";
      default -> "libjdropout.so";
    };
  }

  private static String system() {
    String name = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    if (name.startsWith("windows")) {
      return "windows";
    }
    return name.startsWith("mac") ? "macos" : name.replaceAll("[^a-z0-9]", "");
  }

  private static String processor() {
    String name = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
    return switch (name) {
      case "amd64", "x64" -> "x86_64";
      case "arm64" -> "aarch64";
      default -> name.replaceAll("[^a-z0-9_]", "");
    };
  }
}
