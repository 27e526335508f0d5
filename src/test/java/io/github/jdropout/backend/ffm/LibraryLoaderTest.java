package io.github.jdropout.backend.ffm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.jdropout.DropoutBackends;
import io.github.jdropout.backend.BackendId;
import io.github.jdropout.testing.Backends;
import io.github.jdropout.testing.JavaProcess;
import io.github.jdropout.testing.NoexecMount;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How the library gets from the jar into the JVM, and what is refused on the way. */
class LibraryLoaderTest {
  private static final String NATIVE_ACCESS = "--enable-native-access=ALL-UNNAMED";

  @TempDir private Path folder;

  private BundledLibrary library;

  /** Prints the native backend's line of the report, then that its mask is the right one. */
  static final class PrintReport {
    public static void main(String[] args) {
      DropoutBackends.report().stream()
          .filter(entry -> entry.id() == BackendId.FFM)
          .forEach(System.out::println);
    }
  }

  @BeforeEach
  void libraryIsThere() throws LibraryException {
    Backends.assumeAvailable(BackendId.FFM);
    library = BundledLibrary.read();
  }

  private static String report(String... options) throws Exception {
    List<String> all = new ArrayList<>(List.of(NATIVE_ACCESS));
    all.addAll(List.of(options));
    return JavaProcess.run(PrintReport.class, all).output().strip();
  }

  private List<Path> left() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    }
  }

  @Test
  void loadsAndLeavesNothingBehind() throws Exception {
    String line = report("-Djava.io.tmpdir=" + folder);
    assertTrue(line.startsWith("ffm: selected - bundled library; processor has "), line);
    assertEquals(List.of(), left());
  }

  @Test
  void manyJvmsLoadAtOnce() throws Exception {
    List<Process> processes = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      processes.add(
          JavaProcess.start(
              PrintReport.class,
              List.of(
                  NATIVE_ACCESS,
                  "-XX:TieredStopAtLevel=1",
                  "-Xmx64m",
                  "-Djava.io.tmpdir=" + folder),
              Map.of()));
    }
    int loaded = 0;
    for (Process process : processes) {
      byte[] output = process.getInputStream().readAllBytes();
      String line = new String(output, StandardCharsets.UTF_8);
      assertEquals(0, process.waitFor(), line);
      assertTrue(line.startsWith("ffm: selected - bundled library; "), line);
      loaded++;
    }
    assertEquals(40, loaded);
    assertEquals(List.of(), left());
  }

  @Test
  void copyIsItsOwnersAlone() throws Exception {
    try (PrivateCopy copy = PrivateCopy.write(library, folder)) {
      Path file = copy.verified(library);
      assertEquals(
          "rwx------",
          PosixFilePermissions.toString(Files.getPosixFilePermissions(file.getParent())));
      assertEquals(folder, file.getParent().getParent());
      assertTrue(Arrays.equals(library.bytes(), Files.readAllBytes(file)));
    }
    assertEquals(List.of(), left());
  }

  @Test
  void truncatedOrChangedCopyIsNotLoaded() throws Exception {
    try (PrivateCopy copy = PrivateCopy.write(library, folder)) {
      Path file = copy.verified(library);
      Files.write(file, Arrays.copyOf(library.bytes(), library.bytes().length / 2));
      LibraryException e = assertThrows(LibraryException.class, () -> copy.verified(library));
      assertTrue(
          e.getMessage().contains("its SHA-256 must be " + library.sha256()), e.getMessage());
      Files.delete(file);
      e = assertThrows(LibraryException.class, () -> copy.verified(library));
      assertTrue(e.getMessage().startsWith("cannot read " + file), e.getMessage());
    }
  }

  @Test
  void damagedBundledLibraryIsRefused() {
    byte[] half = Arrays.copyOf(library.bytes(), library.bytes().length / 2);
    LibraryException e =
        assertThrows(
            LibraryException.class,
            () -> BundledLibrary.of("libjdropout.so", half, library.sha256()));
    assertTrue(
        e.getMessage().startsWith("libjdropout.so is damaged or foreign: its SHA-256"),
        e.getMessage());
  }

  @Test
  void plantedFilesAreNotOpened() throws Exception {
    List<Path> planted =
        List.of(folder.resolve("libjdropout.so"), folder.resolve("jdropout-1/libjdropout.so"));
    Files.createDirectory(folder.resolve("jdropout-1"));
    for (Path file : planted) {
      Files.writeString(file, "not a library");
    }
    String line = report("-Djava.io.tmpdir=" + folder);
    assertTrue(line.startsWith("ffm: selected - bundled library; "), line);
    for (Path file : planted) {
      assertEquals("not a library", Files.readString(file));
    }
  }

  @Test
  void fileWithoutItsHashIsNotLoaded() throws Exception {
    Path file = Files.write(folder.resolve("mine.so"), library.bytes());
    assertEquals(
        "ffm: unavailable - -Djdropout.native.library must have its SHA-256 beside it in "
            + file
            + ".sha256",
        report("-Djdropout.native.library=" + file));
  }

  /** To load one would end the JVM, or run its code. */
  @Test
  void truncatedOrForeignFileIsNotLoaded() throws Exception {
    byte[] bytes = library.bytes();
    List<byte[]> contents =
        List.of(
            Arrays.copyOf(bytes, bytes.length / 2),
            Arrays.copyOf(bytes, bytes.length - 1),
            "not a library".getBytes(StandardCharsets.US_ASCII));
    for (byte[] content : contents) {
      Path file = Files.write(folder.resolve("mine.so"), content);
      Files.writeString(folder.resolve("mine.so.sha256"), library.sha256());
      String line = report("-Djdropout.native.library=" + file);
      assertTrue(
          line.startsWith(
              "ffm: unavailable - " + file + " is damaged or foreign: its SHA-256 must be "),
          line);
    }
  }

  @Test
  void foreignLibraryWithItsHashIsRefused() throws Exception {
    Path zip = Path.of(System.getProperty("java.home"), "lib", "libzip.so");
    assumeTrue(Files.exists(zip), "this JDK has no " + zip);
    Path file = Files.copy(zip, folder.resolve("foreign.so"));
    String hash = BundledLibrary.hash(Files.readAllBytes(file));
    Files.writeString(folder.resolve("foreign.so.sha256"), hash);
    assertEquals(
        "ffm: unavailable - the native library has no function jdropout_abi_version",
        report("-Djdropout.native.library=" + file));
  }

  @Test
  void fileThatTheSystemRefusesIsNamedWithItsReason() throws Exception {
    Path file = Files.writeString(folder.resolve("text.so"), "not a library");
    String hash = BundledLibrary.hash(Files.readAllBytes(file));
    Files.writeString(folder.resolve("text.so.sha256"), hash + "  text.so\n");
    String line = report("-Djdropout.native.library=" + file);
    assertTrue(line.startsWith("ffm: unavailable - the system does not load " + file + ": "), line);
  }

  @Test
  void namedFileIsLoaded() throws Exception {
    Path file = Files.write(folder.resolve("mine.so"), library.bytes());
    Files.writeString(folder.resolve("mine.so.sha256"), library.sha256());
    String line = report("-Djdropout.native.library=" + file);
    assertTrue(line.startsWith("ffm: selected - " + file + "; processor has "), line);
    assertTrue(Files.exists(file));
  }

  /** As in an application server, where each application has its own copy of the classes. */
  @Test
  void everyClassLoaderLoadsItsOwn() throws Exception {
    URL[] classes = {Path.of("target/classes").toUri().toURL()};
    for (int i = 0; i < 2; i++) {
      try (URLClassLoader loader =
          new URLClassLoader(classes, ClassLoader.getPlatformClassLoader())) {
        Class<?> backends = loader.loadClass(DropoutBackends.class.getName());
        String report = backends.getMethod("report").invoke(null).toString();
        assertTrue(report.contains("ffm: selected - bundled library; "), report);
      }
    }
  }

  @Test
  void folderThatCannotBeWrittenIsNamed() throws Exception {
    Path file = Files.writeString(folder.resolve("file"), "in the way");
    String line = report("-Djdropout.native.dir=" + file);
    assertTrue(line.startsWith("ffm: unavailable - cannot write to " + file), line);
    assertTrue(line.endsWith("; -Djdropout.native.dir=FOLDER names another folder"), line);
  }

  @Test
  void temporaryFolderThatCannotBeWrittenIsReplacedByTheCache() throws Exception {
    Path file = Files.writeString(folder.resolve("file"), "in the way");
    Path cache = folder.resolve("cache");
    String line =
        JavaProcess.run(
                PrintReport.class,
                List.of(NATIVE_ACCESS, "-Djava.io.tmpdir=" + file),
                Map.of("XDG_CACHE_HOME", cache.toString()))
            .output();
    assertTrue(line.startsWith("ffm: selected - bundled library; "), line);
    try (Stream<Path> files = Files.list(cache.resolve("jdropout"))) {
      assertEquals(0, files.count());
    }
  }

  @Test
  void folderThatForbidsToRunIsNamed() throws Exception {
    List<String> command = new ArrayList<>(NoexecMount.command(folder));
    command.addAll(
        JavaProcess.command(
            PrintReport.class, List.of(NATIVE_ACCESS, "-Djdropout.native.dir=" + folder)));
    Process process = JavaProcess.start(command, Map.of());
    String line = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(line.startsWith("ffm: unavailable - the system does not load " + folder), line);
    assertTrue(line.contains("failed to map segment") || line.contains("not permitted"), line);
  }

  @Test
  void unknownInstructionSetIsTheReason() throws Exception {
    String line =
        JavaProcess.run(
                PrintReport.class, List.of(NATIVE_ACCESS), Map.of("JDROPOUT_MAX_ISA", "sse9"))
            .output()
            .strip();
    assertEquals(
        "ffm: unavailable - libjdropout refused a call (status 2): environment variable"
            + " JDROPOUT_MAX_ISA must be one of portable, avx2, avx512f, avx512bw but is sse9",
        line);
  }

  @Test
  void deniedNativeAccessIsTheReason() throws Exception {
    String line =
        JavaProcess.run(PrintReport.class, List.of("--illegal-native-access=deny"))
            .output()
            .strip();
    assertEquals(
        "ffm: unavailable - native access is denied; start java with"
            + " --enable-native-access=ALL-UNNAMED",
        line);
  }
}
