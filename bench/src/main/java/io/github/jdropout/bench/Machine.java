package io.github.jdropout.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.jdropout.DropoutBackends;
import io.github.jdropout.backend.DropoutBackend;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** What a figure depends on besides the code. */
final class Machine {
  private static final String UNKNOWN = "unknown";

  private Machine() {}

  /** Writes the machine's properties into {@code node}. */
  static void describe(ObjectNode node) {
    node.put("cpu", cpu());
    node.put("processors", Runtime.getRuntime().availableProcessors());
    node.put(
        "os",
        System.getProperty("os.name")
            + " "
            + System.getProperty("os.version").replaceFirst("-.*", ""));
    node.put(
        "transparentHugePages",
        firstLine("/sys/kernel/mm/transparent_hugepage/enabled", "").strip());
    for (DropoutBackend backend : DropoutBackends.available()) {
      node.withObject("/backends").put(backend.id().name(), backend.description());
    }
  }

  private static String cpu() {
    String line = firstLine("/proc/cpuinfo", "model name");
    return line.equals(UNKNOWN)
        ? System.getProperty("os.arch")
        : line.substring(line.indexOf(':') + 1).strip();
  }

  private static String firstLine(String file, String start) {
    Path path = Path.of(file);
    if (!Files.isReadable(path)) {
      return UNKNOWN;
    }
    try (Stream<String> lines = Files.lines(path)) {
      return lines.filter(line -> line.startsWith(start)).findFirst().orElse(UNKNOWN);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
