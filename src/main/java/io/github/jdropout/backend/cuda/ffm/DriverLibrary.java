package io.github.jdropout.backend.cuda.ffm;

import io.github.jdropout.backend.cuda.driver.BindingException;
import io.github.jdropout.backend.nativeaccess.NamedLibrary;
import io.github.jdropout.backend.nativeaccess.NativeAccess;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Path;
import java.util.Locale;

/**
 * The library of NVIDIA's driver, which stays loaded.
 *
 * @param symbols its functions
 * @param origin its file, for people
 */
record DriverLibrary(SymbolLookup symbols, String origin) {
  /** System property: a file to load instead of the system's driver library. */
  static final String PROPERTY = "jdropout.cuda.library";

  /**
   * Loads the file that the property names, else what the system finds by the usual name.
   *
   * @throws BindingException if there is none, the system refuses it, or native access is denied
   */
  static DriverLibrary open() throws BindingException {
    String file = System.getProperty(PROPERTY);
    try {
      return file == null ? openUsual() : openFile(file);
    } catch (IllegalCallerException e) {
      throw new BindingException(NativeAccess.denial(DriverLibrary.class));
    }
  }

  @SuppressWarnings("restricted") // To call it is the purpose of this package.
  private static DriverLibrary openUsual() throws BindingException {
    boolean isWindows =
        System.getProperty("os.name").toLowerCase(Locale.ROOT).startsWith("windows");
    String name = isWindows ? "nvcuda.dll" : "libcuda.so.1";
    try {
      return new DriverLibrary(SymbolLookup.libraryLookup(name, Arena.global()), name);
    } catch (IllegalArgumentException e) {
      throw new BindingException(
          "no NVIDIA driver: the system finds no "
              + name
              + "; -D"
              + PROPERTY
              + "=FILE names one elsewhere");
    }
  }

  @SuppressWarnings("restricted") // See above.
  private static DriverLibrary openFile(String name) throws BindingException {
    NamedLibrary named = NamedLibrary.of(PROPERTY, name);
    if (named.obstacle() != null) {
      throw new BindingException(named.obstacle());
    }
    Path file = named.file();
    try {
      return new DriverLibrary(SymbolLookup.libraryLookup(file, Arena.global()), file.toString());
    } catch (IllegalArgumentException e) {
      throw new BindingException(NativeAccess.refusal(file));
    }
  }
}
