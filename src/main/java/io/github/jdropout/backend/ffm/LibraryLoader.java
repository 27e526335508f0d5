package io.github.jdropout.backend.ffm;

import io.github.jdropout.backend.nativeaccess.LibraryFolders;
import io.github.jdropout.backend.nativeaccess.NativeAccess;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Loads the native library and says where it came from. */
final class LibraryLoader {
  /** System property: a library file to load instead of the bundled one. */
  static final String FILE_PROPERTY = "jdropout.native.library";

  private LibraryLoader() {}

  /**
   * A loaded library.
   *
   * @param symbols its functions
   * @param origin where it came from, for people
   */
  record Loaded(SymbolLookup symbols, String origin) {}

  /**
   * Loads the file that the property names, else a private copy of the bundled library.
   *
   * @throws LibraryException if there is none, or the system refuses it
   */
  static Loaded load() throws LibraryException {
    String file = System.getProperty(FILE_PROPERTY);
    if (file != null) {
      return loadFile(file);
    }
    return loadCopy(BundledLibrary.read(), LibraryFolders.candidates());
  }

  /**
   * Loads a file whose hash stands beside it, as the build writes it. A file that is cut short
   * would end the JVM while it is loaded, and a foreign one would run its own code.
   */
  private static Loaded loadFile(String name) throws LibraryException {
    Path file = Path.of(name).toAbsolutePath();
    Path hash = Path.of(name + ".sha256").toAbsolutePath();
    if (!Files.isRegularFile(file)) {
      throw new LibraryException("-D" + FILE_PROPERTY + " must name a file but is " + name);
    }
    if (!Files.isRegularFile(hash)) {
      throw new LibraryException(
          "-D" + FILE_PROPERTY + " must have its SHA-256 beside it in " + hash);
    }
    try {
      // The first word, as sha256sum writes it too.
      String expected = Files.readString(hash).strip().split("\\s", 2)[0];
      BundledLibrary.of(file.toString(), Files.readAllBytes(file), expected);
    } catch (IOException e) {
      throw new LibraryException("cannot read " + file, e);
    }
    return new Loaded(open(file), file.toString());
  }

  /** Tries one folder after the other: a temporary folder may forbid to run what is in it. */
  static Loaded loadCopy(BundledLibrary library, List<String> folders) throws LibraryException {
    List<String> reasons = new ArrayList<>();
    for (String folder : folders) {
      try (PrivateCopy copy = PrivateCopy.write(library, Path.of(folder).toAbsolutePath())) {
        return new Loaded(open(copy.verified(library)), "bundled library");
      } catch (LibraryException e) {
        reasons.add(e.getMessage());
      } catch (InvalidPathException e) {
        reasons.add("cannot write to " + folder + ": " + e.getMessage());
      }
    }
    throw new LibraryException(String.join("; ", reasons) + "; " + LibraryFolders.HINT);
  }

  /** Opens it for this class alone, so that each class loader may have its own. */
  @SuppressWarnings("restricted") // The file has the hash that the build has recorded.
  private static SymbolLookup open(Path file) throws LibraryException {
    try {
      return SymbolLookup.libraryLookup(file, Arena.global());
    } catch (IllegalArgumentException e) {
      throw new LibraryException(NativeAccess.refusal(file), e);
    }
  }
}
