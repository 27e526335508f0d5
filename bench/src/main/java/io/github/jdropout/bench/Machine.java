package io.github.jdropout.bench;

import io.github.jdropout.DropoutBackends;
import io.github.jdropout.backend.DropoutBackend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Stream;

/** What a figure depends on besides the code. */
final class Machine {
  private static final String UNKNOWN = "unknown";
  private static final String CPUINFO = "/proc/cpuinfo";

  private Machine() {}

  /** Returns the machine's properties, in order. */
  static Map<String, String> describe() {
    Map<String, String> machine = new LinkedHashMap<>();
    machine.put("cpu", cpu());
    machine.put("processors", Integer.toString(Extent.allProcessors()));
    machine.put("clockMhzBefore", clock());
    machine.put("memory", valueOf(firstLine("/proc/meminfo", "MemTotal")));
    machine.put(
        "os",
        System.getProperty("os.name")
            + " "
            + System.getProperty("os.version").replaceFirst("-.*", "")
            + " "
            + System.getProperty("os.arch"));
    machine.put(
        "transparentHugePages",
        firstLine("/sys/kernel/mm/transparent_hugepage/enabled", "").strip());
    machine.put(
        "jvm", System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"));
    for (DropoutBackend backend : DropoutBackends.available()) {
      machine.put("backend " + backend.id().label(), backend.description());
    }
    return machine;
  }

  /** Returns the processor's name, or the architecture where that is unknown. */
  static String cpu() {
    String model = valueOf(firstLine(CPUINFO, "model name"));
    return model.equals(UNKNOWN) ? System.getProperty("os.arch") : model;
  }

  /** Returns the clock that the system gives for a processor now, or {@code unknown}. */
  static String clock() {
    return valueOf(firstLine(CPUINFO, "cpu MHz"));
  }

  /** Returns how much memory programs may still take, where the system tells. */
  static OptionalLong availableMemory() {
    String kilobytes = valueOf(firstLine("/proc/meminfo", "MemAvailable")).replace(" kB", "");
    return kilobytes.matches("[0-9]{1,15}")
        ? OptionalLong.of(Long.parseLong(kilobytes) << 10)
        : OptionalLong.empty();
  }

  private static String valueOf(String line) {
    return line.substring(line.indexOf(':') + 1).strip();
  }

  private static String firstLine(String file, String start) {
    Path path = Path.of(file);
    if (!Files.isReadable(path)) {
      return UNKNOWN;
    }
    try (Stream<String> lines = Files.lines(path)) {
      return lines.filter(line -> line.startsWith(start)).findFirst().orElse(UNKNOWN);
    } catch (IOException e) {
      return UNKNOWN;
    }
  }
}
