package io.github.jdropout.backend.ffm;

import java.lang.foreign.SymbolLookup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Loads the native library and says where it came from. */
final class LibraryLoader {
  /** System property: a library file to load instead of the bundled one. */
  static final String FILE_PROPERTY = "jdropout.native.library";

  /** System property: the folder to copy the bundled library to, instead of the usual ones. */
  static final String FOLDER_PROPERTY = "jdropout.native.dir";

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
    return loadCopy(BundledLibrary.read(), folders());
  }

  private static Loaded loadFile(String name) throws LibraryException {
    Path file = Path.of(name).toAbsolutePath();
    if (!Files.isRegularFile(file)) {
      throw new LibraryException("-D" + FILE_PROPERTY + " must name a file but is " + name);
    }
    return new Loaded(open(file), file.toString());
  }

  /** Tries one folder after the other: a temporary folder may forbid to run what is in it. */
  static Loaded loadCopy(BundledLibrary library, List<Path> folders) throws LibraryException {
    List<String> reasons = new ArrayList<>();
    for (Path folder : folders) {
      try (PrivateCopy copy = PrivateCopy.write(library, folder)) {
        return new Loaded(open(copy.verified(library)), "bundled library");
      } catch (LibraryException e) {
        reasons.add(e.getMessage());
      }
    }
    throw new LibraryException(
        String.join("; ", reasons) + "; -D" + FOLDER_PROPERTY + "=FOLDER names another folder");
  }

  @SuppressWarnings("restricted") // The file is the user's choice or has the hash of our build.
  private static SymbolLookup open(Path file) throws LibraryException {
    try {
      System.load(file.toString());
    } catch (UnsatisfiedLinkError e) {
      throw new LibraryException("the system does not load the native library", e);
    }
    return SymbolLookup.loaderLookup();
  }

  /** The temporary folder, then the user's cache. */
  private static List<Path> folders() {
    String folder = System.getProperty(FOLDER_PROPERTY);
    if (folder != null) {
      return List.of(Path.of(folder).toAbsolutePath());
    }
    List<Path> folders = new ArrayList<>();
    folders.add(Path.of(System.getProperty("java.io.tmpdir")).toAbsolutePath());
    String cache = System.getenv("XDG_CACHE_HOME");
    folders.add(
        cache != null && Path.of(cache).isAbsolute()
            ? Path.of(cache, "jdropout")
            : Path.of(System.getProperty("user.home"), ".cache", "jdropout").toAbsolutePath());
    return folders;
  }
}
