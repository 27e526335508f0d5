package io.github.jdropout.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.codegen.docgen.manpage.ManPageGenerator;

/** The manual pages in docs/man are those that picocli makes of today's options. */
class ManualTest {
  private static final Path MANUAL = Path.of("docs", "man");

  /** System property that makes the test write the pages instead of comparing them. */
  private static final String WRITE = "jdropout.manual.write";

  @TempDir private Path folder;

  @Test
  void pagesAreUpToDate() throws IOException {
    CommandLine commandLine = Main.commandLine(CliRun.console());
    int status =
        ManPageGenerator.generateManPage(
            folder.toFile(), null, new boolean[0], false, commandLine.getCommandSpec());
    assertEquals(CommandLine.ExitCode.OK, status);
    Map<String, String> pages = read(folder);
    assertTrue(pages.containsKey("jdropout-mask.adoc"), pages.keySet().toString());
    if (Boolean.getBoolean(WRITE)) {
      for (Map.Entry<String, String> page : pages.entrySet()) {
        Files.writeString(MANUAL.resolve(page.getKey()), page.getValue());
      }
    }
    assertEquals(
        pages,
        read(MANUAL),
        "run: mvn test -Dtest=ManualTest -Djdropout.test.argLine=-D" + WRITE + "=true");
  }

  /** Returns text by file name. */
  private static Map<String, String> read(Path folder) throws IOException {
    Map<String, String> pages = new TreeMap<>();
    try (Stream<Path> files = Files.list(folder)) {
      files.forEach(file -> pages.put(file.getFileName().toString(), page(file)));
    }
    return pages;
  }

  private static String page(Path file) {
    try {
      return Files.readString(file).replaceAll("[ \\t]+(?=\\R)", "").strip() + "\n";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
