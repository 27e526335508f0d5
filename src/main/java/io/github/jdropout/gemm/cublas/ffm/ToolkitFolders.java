package io.github.jdropout.gemm.cublas.ffm;

import java.io.IOException;
import java.lang.module.ModuleDescriptor.Version;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Where CUDA's toolkit puts its libraries, and what it calls them. */
final class ToolkitFolders {
  private static final boolean IS_WINDOWS =
      System.getProperty("os.name").toLowerCase(Locale.ROOT).startsWith("windows");

  private static final Path USUAL_PARENT = Path.of("/usr/local");
  private static final String PREFIX = "cuda-";

  private ToolkitFolders() {}

  /** Returns the name of cuBLAS of a version. */
  static String libraryName(int major) {
    return IS_WINDOWS ? "cublas64_" + major + ".dll" : "libcublas.so." + major;
  }

  /** Returns the folders that exist: of CUDA_HOME and CUDA_PATH, then the system's. */
  static List<Path> candidates() {
    Set<Path> folders = new LinkedHashSet<>();
    for (String variable : new String[] {"CUDA_HOME", "CUDA_PATH"}) {
      String home = System.getenv(variable);
      if (home != null && !home.isBlank()) {
        add(folders, home);
      }
    }
    if (!IS_WINDOWS) {
      for (Path toolkit : usualToolkits()) {
        add(folders, toolkit.toString());
      }
    }
    return List.copyOf(folders);
  }

  /** Returns the files of a name in some folders. */
  static List<Path> files(List<Path> folders, String name) {
    return folders.stream()
        .map(folder -> folder.resolve(name))
        .filter(Files::isRegularFile)
        .toList();
  }

  private static void add(Set<Path> folders, String toolkit) {
    for (String part : IS_WINDOWS ? List.of("bin", "bin/x64") : List.of("lib64", "lib")) {
      try {
        Path folder = Path.of(toolkit).toAbsolutePath().resolve(part);
        if (Files.isDirectory(folder)) {
          folders.add(folder);
        }
      } catch (InvalidPathException e) {
        return; // Not the name of a folder.
      }
    }
  }

  private static Version version(Path toolkit) {
    return Version.parse(toolkit.getFileName().toString().substring(PREFIX.length()));
  }

  /** Returns /usr/local/cuda, which the user chooses, and then the newest first. */
  private static List<Path> usualToolkits() {
    List<Path> toolkits = new ArrayList<>();
    try (DirectoryStream<Path> found = Files.newDirectoryStream(USUAL_PARENT, PREFIX + "[0-9]*")) {
      found.forEach(toolkits::add);
    } catch (IOException | DirectoryIteratorException e) {
      // None there, or none of our business.
    }
    toolkits.sort(Comparator.comparing(ToolkitFolders::version).reversed());
    toolkits.addFirst(USUAL_PARENT.resolve("cuda"));
    return toolkits;
  }
}
