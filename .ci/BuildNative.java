import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Builds with CMake: the native library, which goes with its hash beside the classes, or the
 * stand-ins for NVIDIA's driver and its cuBLAS that run on the host, which the tests find in the
 * build folder. Where CMake or a compiler is missing it says so in one line and the build goes on
 * without.
 *
 * <p>Usage: {@code java BuildNative.java auto|skip library SOURCES BUILD CLASSES} or {@code java
 * BuildNative.java auto|skip kernels-on-host SOURCES BUILD}.
 */
final class BuildNative {
  private final Path sources;
  private final Path build;

  private BuildNative(Path sources, Path build) {
    this.sources = sources;
    this.build = build;
  }

  public static void main(String[] args) throws Exception {
    String mode = args[0];
    if (!mode.equals("auto") && !mode.equals("skip")) {
      throw new IllegalArgumentException("jdropout.native is auto or skip, not " + mode);
    }
    BuildNative builder = new BuildNative(Path.of(args[2]), Path.of(args[3]));
    String obstacle = mode.equals("skip") ? "-Djdropout.native=skip" : builder.run();
    switch (args[1]) {
      case "library" -> finishLibrary(builder.build, Path.of(args[4]), obstacle);
      case "kernels-on-host" -> finishKernelsOnHost(builder.build, obstacle);
      default -> throw new IllegalArgumentException("nothing is called " + args[1]);
    }
  }

  private static void finishLibrary(Path build, Path classes, String obstacle)
      throws IOException, NoSuchAlgorithmException {
    Path target = target(classes);
    Path hash = target.resolveSibling(libraryFile() + ".sha256");
    if (obstacle != null) {
      Files.deleteIfExists(target);
      Files.deleteIfExists(hash);
      System.out.println("[native] no native library, the other backends serve: " + obstacle);
      return;
    }
    Path library = build.resolve(libraryFile());
    Files.createDirectories(target.getParent());
    Files.copy(library, target, StandardCopyOption.REPLACE_EXISTING);
    byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(library));
    Files.writeString(hash, HexFormat.of().formatHex(digest) + "\n");
    System.out.println("[native] built " + target);
  }

  private static void finishKernelsOnHost(Path build, String obstacle) throws IOException {
    Path library = build.resolve("libcuda.so.1");
    if (obstacle != null) {
      Files.deleteIfExists(library); // The tests must not take old ones.
      Files.deleteIfExists(build.resolve("libcublas.so.12"));
      System.out.println("[native] no kernels on host: " + obstacle);
      return;
    }
    System.out.println("[native] built " + library);
  }

  /** Builds; returns why it could not, or null. An error in the sources ends the build. */
  private String run() throws IOException, InterruptedException {
    Output configured;
    try {
      configured = configure();
    } catch (IOException e) {
      return "CMake is missing; install cmake and gcc or clang";
    }
    if (configured.status != 0) {
      Files.deleteIfExists(cache()); // It would remember what was missing.
      return obstacle(configured.text);
    }
    Output built = call("cmake", "--build", build.toString(), "--config", "Release", "--parallel");
    if (built.status != 0) {
      throw new IllegalStateException(sources + " does not compile:\n" + built.text);
    }
    return null;
  }

  private Output configure() throws IOException, InterruptedException {
    // A folder that has been copied or moved remembers another place.
    if (Files.exists(cache())
        && !Files.readString(cache())
            .contains("CMAKE_HOME_DIRECTORY:INTERNAL=" + absoluteSources())) {
      Files.delete(cache());
    }
    Files.createDirectories(build);
    return call(
        "cmake", "-S", sources.toString(), "-B", build.toString(), "-DCMAKE_BUILD_TYPE=Release");
  }

  private Path cache() {
    return build.resolve("CMakeCache.txt");
  }

  private String absoluteSources() {
    return sources.toAbsolutePath().normalize().toString().replace('\\', '/');
  }

  /** What is wrong with this machine's tools, in one line. */
  private static String obstacle(String text) {
    if (text.contains("CMAKE_MAKE_PROGRAM is not set")) {
      return "CMake finds no build program; install make or ninja";
    }
    if (text.contains("No CMAKE_C_COMPILER could be found")) {
      return "CMake finds no C compiler; install gcc or clang";
    }
    if (text.contains("No CMAKE_CXX_COMPILER could be found")) {
      return "CMake finds no C++ compiler; install g++ or clang";
    }
    String error =
        text.lines()
            .map(String::strip)
            .dropWhile(line -> !line.startsWith("CMake Error"))
            .skip(1)
            .filter(line -> !line.isEmpty())
            .limit(4)
            .collect(Collectors.joining(" "));
    return "cmake fails: " + error;
  }

  /** As io.github.jdropout.backend.ffm.Platform names it. */
  private static Path target(Path classes) {
    return classes.resolve("io/github/jdropout/native/" + platform() + "/" + libraryFile());
  }

  private static String platform() {
    String processor = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
    return system()
        + "-"
        + switch (processor) {
          case "amd64", "x64" -> "x86_64";
          case "arm64" -> "aarch64";
          default -> processor.replaceAll("[^a-z0-9_]", "");
        };
  }

  private static String libraryFile() {
    return switch (system()) {
      case "windows" -> "jdropout.dll";
      case "macos" -> "libjdropout.dylib";
      default -> "libjdropout.so";
    };
  }

  private static String system() {
    String name = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    return name.startsWith("windows")
        ? "windows"
        : name.startsWith("mac") ? "macos" : name.replaceAll("[^a-z0-9]", "");
  }

  private record Output(int status, String text) {}

  private static Output call(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Output(process.waitFor(), text);
  }
}
