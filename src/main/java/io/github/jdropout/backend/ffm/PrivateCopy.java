package io.github.jdropout.backend.ffm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * A copy of the library on disk, from where the operating system can load it.
 *
 * <p>Each copy lies in a new folder of an unpredictable name that only its owner may enter, and is
 * deleted as soon as it is loaded. So no two JVMs meet in a file, nothing that somebody else has
 * put into the temporary folder is ever opened, and nothing is left behind (but on Windows, which
 * does not delete what is loaded).
 */
final class PrivateCopy implements AutoCloseable {
  private final Path folder;
  private final Path file;

  private PrivateCopy(Path folder, Path file) {
    this.folder = folder;
    this.file = file;
  }

  /**
   * Writes a copy into a new folder below {@code parent}.
   *
   * @throws LibraryException if it cannot be written there
   */
  static PrivateCopy write(BundledLibrary library, Path parent) throws LibraryException {
    Path folder = null;
    try {
      Files.createDirectories(parent);
      boolean isPosix = parent.getFileSystem().supportedFileAttributeViews().contains("posix");
      FileAttribute<?>[] ownerOnly =
          isPosix
              ? new FileAttribute<?>[] {
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))
              }
              : new FileAttribute<?>[0];
      folder = Files.createTempDirectory(parent, "jdropout-", ownerOnly);
      Path file = folder.resolve(library.fileName());
      Files.write(file, library.bytes(), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
      return new PrivateCopy(folder, file);
    } catch (IOException | SecurityException e) {
      if (folder != null) {
        new PrivateCopy(folder, folder.resolve(library.fileName())).close();
      }
      throw new LibraryException("cannot write to " + parent, e);
    }
  }

  /**
   * Returns the file, having read it back.
   *
   * @throws LibraryException if it does not have the library's content, as on a full disk
   */
  Path verified(BundledLibrary library) throws LibraryException {
    try {
      String actual = BundledLibrary.hash(Files.readAllBytes(file));
      if (!actual.equals(library.sha256())) {
        throw new LibraryException(
            file + " has changed: its SHA-256 must be " + library.sha256() + " but is " + actual);
      }
      return file;
    } catch (IOException e) {
      throw new LibraryException("cannot read " + file, e);
    }
  }

  /** Deletes the copy, where the system allows it. */
  @Override
  public void close() {
    try {
      Files.deleteIfExists(file);
      Files.deleteIfExists(folder);
    } catch (IOException e) {
      // Windows keeps the file of a loaded library; the operating system's cleaning takes it.
    }
  }
}
