import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;

/**
 * Builds the native library with CMake and puts it, with its hash, beside the classes. Where CMake
 * or a C compiler is missing it says so in one line and the build goes on without the library.
 *
 * <p>Usage: {@code java BuildNative.java auto|skip SOURCES BUILD CLASSES}.
 */
final class BuildNative {
  private final Path sources;
  private final Path build;
  private final Path classes;

  private BuildNative(Path sources, Path build, Path classes) {
    this.sources = sources;
    this.build = build;
    this.classes = classes;
  }

  public static void main(String[] args) throws Exception {
    String mode = args[0];
    if (!mode.equals("auto") && !mode.equals("skip")) {
      throw new IllegalArgumentException("jdropout.native is auto or skip, not " + mode);
    }
    BuildNative builder = new BuildNative(Path.of(args[1]), Path.of(args[2]), Path.of(args[3]));
    String obstacle = mode.equals("skip") ? "-Djdropout.native=skip" : builder.run();
    System.out.println(
        obstacle == null
            ? "[native] built " + builder.target()
            : "[native] no native library, the other backends serve: " + obstacle);
  }

  /** Builds; returns why it could not, or null. A compiler's error ends the build. */
  private String run() throws IOException, InterruptedException, NoSuchAlgorithmException {
    Files.createDirectories(build);
    Output configured;
    try {
      configured =
          call(
              "cmake",
              "-S",
              sources.toString(),
              "-B",
              build.toString(),
              "-DCMAKE_BUILD_TYPE=Release");
    } catch (IOException e) {
      return "CMake is missing; install cmake and gcc or clang";
    }
    if (configured.status != 0) {
      if (configured.text.contains("CMAKE_C_COMPILER")) {
        return "CMake finds no C compiler; install gcc or clang";
      }
      throw new IllegalStateException("cmake failed:\n" + configured.text);
    }
    Output built = call("cmake", "--build", build.toString(), "--config", "Release", "--parallel");
    if (built.status != 0) {
      throw new IllegalStateException("the native library does not compile:\n" + built.text);
    }
    Path library = build.resolve(libraryFile());
    Files.createDirectories(target().getParent());
    Files.copy(library, target(), StandardCopyOption.REPLACE_EXISTING);
    Files.writeString(
        target().resolveSibling(libraryFile() + ".sha256"),
        HexFormat.of()
                .formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(library)))
            + "\n");
    return null;
  }

  /** As io.github.jdropout.backend.ffm.Platform names it, which a test compares. */
  private Path target() {
    return classes.resolve("io/github/jdropout/native/" + platform() + "/" + libraryFile());
  }

  private static String platform() {
    String processor = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
    return system()
        + "-"
        + switch (processor) {
          case "amd64", "x64" -> "x86_64";
          case "arm64" -> "aarch64";
          default -> processor;
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
    return name.startsWith("windows") ? "windows" : name.startsWith("mac") ? "macos" : name;
  }

  private record Output(int status, String text) {}

  private static Output call(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Output(process.waitFor(), text);
  }
}
