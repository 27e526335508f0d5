package io.github.jdropout.gemm.cublas.ffm;

import io.github.jdropout.backend.cuda.driver.BindingException;
import io.github.jdropout.backend.nativeaccess.NamedLibrary;
import io.github.jdropout.backend.nativeaccess.NativeAccess;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A library of cuBLAS, which stays loaded.
 *
 * @param symbols its functions
 * @param origin its name or file, for people
 */
record CublasFile(SymbolLookup symbols, String origin) {
  /** System property: a file to load instead of what can be found. */
  static final String PROPERTY = "jdropout.cublas.library";

  /**
   * Loads the file that the property names, else what the system finds by name, else what lies in
   * the folders of CUDA's toolkit; of each the first of several versions.
   *
   * @param majors versions, the preferred first
   * @throws BindingException if there is none, the system refuses it, or native access is denied
   */
  static CublasFile open(List<Integer> majors) throws BindingException {
    String named = System.getProperty(PROPERTY);
    try {
      return named == null ? find(majors) : openNamed(named);
    } catch (IllegalCallerException e) {
      throw new BindingException(NativeAccess.denial(CublasFile.class));
    }
  }

  private static CublasFile openNamed(String name) throws BindingException {
    NamedLibrary library = NamedLibrary.of(PROPERTY, name);
    if (library.obstacle() != null) {
      throw new BindingException(library.obstacle());
    }
    return open(library.file());
  }

  @SuppressWarnings("restricted") // To call it is the purpose of this package.
  private static CublasFile open(Path file) throws BindingException {
    try {
      return new CublasFile(SymbolLookup.libraryLookup(file, Arena.global()), file.toString());
    } catch (IllegalArgumentException e) {
      throw new BindingException(NativeAccess.refusal(file));
    }
  }

  @SuppressWarnings("restricted") // See above.
  private static CublasFile find(List<Integer> majors) throws BindingException {
    List<String> names = majors.stream().map(ToolkitFolders::libraryName).toList();
    for (String name : names) {
      try {
        return new CublasFile(SymbolLookup.libraryLookup(name, Arena.global()), name);
      } catch (IllegalArgumentException e) {
        // Not on the system's path; the next, or in a folder.
      }
    }
    List<String> refusals = new ArrayList<>();
    List<Path> folders = ToolkitFolders.candidates();
    for (String name : names) {
      for (Path file : ToolkitFolders.files(folders, name)) {
        try {
          return openFound(file);
        } catch (BindingException e) {
          refusals.add(e.getMessage());
        }
      }
    }
    throw new BindingException(
        "no cuBLAS: the system finds no "
            + String.join(", ", names)
            + ", and there is none in "
            + (folders.isEmpty() ? "CUDA_HOME, CUDA_PATH or /usr/local/cuda*" : text(folders))
            + (refusals.isEmpty() ? "" : " that loads: " + String.join("; ", refusals))
            + "; -D"
            + PROPERTY
            + "=FILE names one elsewhere");
  }

  private static CublasFile openFound(Path file) throws BindingException {
    NamedLibrary library = NamedLibrary.of(file);
    if (library.obstacle() != null) {
      throw new BindingException(library.obstacle());
    }
    return open(file);
  }

  private static String text(List<Path> folders) {
    return String.join(", ", folders.stream().map(Path::toString).toList());
  }
}
