package io.github.jdropout.backend.nativeaccess;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/**
 * A new folder for files that are loaded as code.
 *
 * <p>Its name is unpredictable, only its owner may enter it, and it is deleted as soon as its files
 * are loaded. So no two JVMs meet in a file, nothing that somebody else has put into the temporary
 * folder is ever opened, and nothing is left behind (but on Windows, which does not delete what is
 * loaded).
 */
public final class PrivateFolder implements AutoCloseable {
  private final Path path;
  private final List<Path> files = new ArrayList<>();

  private PrivateFolder(Path path) {
    this.path = path;
  }

  /**
   * Creates one below {@code parent}, and that too if need be.
   *
   * @throws IOException if nothing can be created there
   */
  public static PrivateFolder create(Path parent) throws IOException {
    Files.createDirectories(parent);
    return new PrivateFolder(
        Files.createTempDirectory(parent, "jdropout-", forOwnerOnly(parent, "rwx------")));
  }

  private static FileAttribute<?>[] forOwnerOnly(Path parent, String permissions) {
    if (!parent.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      return new FileAttribute<?>[0];
    }
    return new FileAttribute<?>[] {
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
    };
  }

  /** Returns the folder. */
  public Path path() {
    return path;
  }

  /** Returns the path of a file in it, existing or not, which is deleted with the folder. */
  public Path file(String name) {
    Path file = path.resolve(name);
    files.add(file);
    return file;
  }

  /**
   * Returns whether files in it may be run, which file systems can forbid ("noexec").
   *
   * @throws IOException if a file cannot be created in it
   */
  public boolean allowsToRun() throws IOException {
    Path probe = file("probe");
    Files.createFile(probe, forOwnerOnly(path, "rwx------"));
    return Files.isExecutable(probe);
  }

  /**
   * Deletes the files that {@link #file} has returned and the folder, where the system allows it.
   *
   * <p>What others have put there stays, and the folder with it.
   */
  @Override
  public void close() {
    try {
      for (Path file : files) {
        Files.deleteIfExists(file);
      }
      Files.deleteIfExists(path);
    } catch (IOException e) {
      // Windows keeps the file of a loaded library; the operating system's cleaning takes it.
    }
  }
}
