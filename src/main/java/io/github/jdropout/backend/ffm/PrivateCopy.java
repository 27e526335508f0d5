package io.github.jdropout.backend.ffm;

import io.github.jdropout.backend.nativeaccess.PrivateFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A copy of the library on disk, in a private folder, from where the system can load it. */
final class PrivateCopy implements AutoCloseable {
  private final PrivateFolder folder;
  private final Path file;

  private PrivateCopy(PrivateFolder folder, Path file) {
    this.folder = folder;
    this.file = file;
  }

  /**
   * Writes a copy into a new folder below {@code parent}.
   *
   * @throws LibraryException if it cannot be written there
   */
  static PrivateCopy write(BundledLibrary library, Path parent) throws LibraryException {
    PrivateFolder folder = null;
    try {
      folder = PrivateFolder.create(parent);
      Path file = folder.file(library.fileName());
      Files.write(file, library.bytes(), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
      return new PrivateCopy(folder, file);
    } catch (IOException | SecurityException e) {
      if (folder != null) {
        folder.close();
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
    folder.close();
  }
}
