package io.github.jdropout.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What the operating system and the JVM say about the processor.
 *
 * @param architecture the JVM's name of it
 * @param model the marketing name; the architecture where unknown
 * @param processors how many this JVM may use
 * @param features those that matter to vector code; empty where unknown
 */
record CpuInfo(String architecture, String model, int processors, List<String> features) {
  private static final Path CPUINFO = Path.of("/proc/cpuinfo");

  private static final Set<String> RELEVANT =
      Set.of("sse2", "ssse3", "sse4_2", "popcnt", "avx", "f16c", "fma", "bmi2", "avx2", "avx_vnni");

  static CpuInfo read() {
    return read(CPUINFO);
  }

  static CpuInfo read(Path cpuinfo) {
    String architecture = System.getProperty("os.arch");
    List<String> lines = lines(cpuinfo);
    List<String> features =
        value(lines, "flags")
            .or(() -> value(lines, "Features"))
            .map(flags -> Arrays.stream(flags.split(" ")).filter(CpuInfo::isRelevant).toList())
            .orElse(List.of());
    return new CpuInfo(
        architecture,
        value(lines, "model name").orElse(architecture),
        Runtime.getRuntime().availableProcessors(),
        features);
  }

  private static boolean isRelevant(String flag) {
    return RELEVANT.contains(flag) || flag.matches("(avx512|amx_|asimd|sve).*|fphp|bf16|sme2?");
  }

  private static List<String> lines(Path cpuinfo) {
    try {
      return Files.readAllLines(cpuinfo);
    } catch (IOException e) {
      return List.of(); // Not Linux.
    }
  }

  /** Returns what follows "key:" in the first line that has it. */
  private static Optional<String> value(List<String> lines, String key) {
    return lines.stream()
        .filter(line -> line.matches(key + "\\s*:.*"))
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .findFirst();
  }
}
