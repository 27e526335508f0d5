package io.github.jdropout.backend.nativeaccess;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/**
 * A library's file that somebody has named.
 *
 * @param file absolute, or null if the name is none of a file
 * @param obstacle why it cannot be loaded, as far as that can be told; null if it may be tried
 */
public record NamedLibrary(Path file, String obstacle) {
  /**
   * Looks at the file of a name.
   *
   * @param property the system property that has the name, for the obstacle
   */
  public static NamedLibrary of(String property, String name) {
    try {
      Path file = Path.of(name).toAbsolutePath();
      if (Files.isRegularFile(file)) {
        return of(file);
      }
    } catch (InvalidPathException e) {
      // Not the name of a file either.
    }
    return new NamedLibrary(null, "-D" + property + " must name a file but is " + name);
  }

  /** Looks at a file that is there. */
  public static NamedLibrary of(Path file) {
    try {
      // The system would map what is not there, and the JVM would die of a bus error.
      return new NamedLibrary(file, ElfFile.isTruncated(file) ? file + " is cut short" : null);
    } catch (IOException e) {
      return new NamedLibrary(file, "cannot read " + file + ": " + e);
    }
  }
}
