package io.github.jdropout.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jdropout.testing.PtxFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The PTX that is checked in belongs to the sources beside it, and holds nothing it should not. */
class PtxSourcesTest {
  private static final List<String> TYPES = List.of("f32", "f64", "f16", "bf16");

  /** Those of layers. */
  private static final List<String> LAYER_TYPES = List.of("f32", "f16", "bf16");

  /** Those that tensor cores multiply. */
  private static final List<String> PRODUCT_TYPES = List.of("f16", "bf16");

  /** The kernels of each source file. */
  private static final Map<String, List<String>> KERNELS =
      Map.ofEntries(
          Map.entry("dropout_apply", perType("dropout_apply_")),
          Map.entry("dropout_column_sums", perLayerType("dropout_column_sums_")),
          Map.entry("dropout_epilogue", withDeviceKey(perLayerType("dropout_epilogue_"))),
          Map.entry(
              "dropout_epilogue_gradient",
              withDeviceKey(perLayerType("dropout_epilogue_gradient_"))),
          Map.entry("dropout_forward", withDeviceKey(perType("dropout_forward_"))),
          Map.entry("dropout_mask", withDeviceKey(List.of("dropout_mask"))),
          Map.entry("dropout_product", perProductType("dropout_product_")),
          Map.entry("dropout_product_grad_input", perProductType("dropout_product_grad_input_")),
          Map.entry(
              "dropout_product_grad_weights", perProductType("dropout_product_grad_weights_")),
          Map.entry("dropout_scale", perType("dropout_scale_")),
          Map.entry("dropout_shared", withDeviceKey(perType("dropout_forward_shared_"))),
          Map.entry("dropout_stream", List.of("dropout_advance_stream")));

  /** Instructions that would change bits, and memory that only spilled registers would need. */
  private static final Pattern FORBIDDEN =
      Pattern.compile(
          "\\bfma\\.(?!rn\\.f32\\b)|\\bmad\\.(rn|f)|\\.ftz\\b|\\.approx\\b|\\bdiv\\.|\\.local\\b");

  /** The first of the three instructions of GELU's reciprocal, whose result is rounded. */
  private static final String ESTIMATE = "rcp.approx.ftz.f32";

  /** All three: the estimate y of 1 / d, its error 1 - d y, and y plus y times the error. */
  private static final Pattern RECIPROCAL =
      Pattern.compile(
          "\\brcp\\.approx\\.ftz\\.f32 (%f\\d+), (%f\\d+);\\s+"
              + "neg\\.f32 \\s*(%f\\d+), \\2;\\s+"
              + "fma\\.rn\\.f32 \\s*(%f\\d+), \\3, \\1, (%f\\d+);\\s+"
              + "fma\\.rn\\.f32 \\s*%f\\d+, \\1, \\4, \\1;");

  /**
   * The fused multiply-adds that activations are made of, of an octet: 19 of GELU and two of its
   * reciprocal, 10 of its tanh form, 9 of SiLU, and of their derivatives 19, two, 12 and 10. One
   * more would be a contraction.
   */
  private static final Map<String, Integer> FUSED =
      Map.of("dropout_epilogue", 8 * 40, "dropout_epilogue_gradient", 8 * 43);

  /** Of an octet. */
  private static final Map<String, Integer> ESTIMATES =
      Map.of("dropout_epilogue", 8, "dropout_epilogue_gradient", 8);

  private static List<String> perType(String prefix) {
    return TYPES.stream().map(prefix::concat).toList();
  }

  private static List<String> perLayerType(String prefix) {
    return LAYER_TYPES.stream().map(prefix::concat).toList();
  }

  private static List<String> perProductType(String prefix) {
    return PRODUCT_TYPES.stream().map(prefix::concat).toList();
  }

  private static List<String> withDeviceKey(List<String> names) {
    return Stream.concat(names.stream(), names.stream().map(name -> name + "_device_key")).toList();
  }

  static List<PtxFile> files() {
    return PtxFile.all();
  }

  @Test
  void everySourceHasItsFilesAndNoFileIsLeftOver() throws IOException {
    assertEquals(KERNELS.keySet().stream().sorted().toList(), PtxFile.operators());
    List<String> expected =
        PtxFile.operators().stream()
            .flatMap(operator ->
                PtxFile.TARGETS.stream().map(target -> operator + ".compute_" + target + ".ptx"))
            .toList();
    try (Stream<Path> found = Files.list(Path.of("src/main/resources/io/github/jdropout/cuda"))) {
      assertEquals(
          expected,
          found
              .map(file -> file.getFileName().toString())
              .filter(name -> name.endsWith(".ptx"))
              .sorted()
              .toList());
    }
  }

  @ParameterizedTest
  @MethodSource("files")
  void isMadeFromTodaysSources(PtxFile ptx) throws Exception {
    assertEquals(
        List.of("// sources: " + hashOfSources(ptx.operator())),
        ptx.text().lines().filter(line -> line.startsWith("// sources:")).toList(),
        "the sources have changed: run cuda/generate_ptx.sh");
  }

  @ParameterizedTest
  @MethodSource("files")
  void holdsItsKernelsOnce(PtxFile ptx) {
    List<String> names = ptx.entries().stream().map(PtxFile.Entry::name).sorted().toList();
    assertEquals(KERNELS.get(ptx.operator()).stream().sorted().toList(), names);
    // No kernel is written otherwise than PtxFile reads them.
    assertEquals(names.size(), ptx.text().split("\\.entry\\b", -1).length - 1);
  }

  @ParameterizedTest
  @MethodSource("files")
  void loadsWithOldDriversAndProcessors(PtxFile ptx) {
    assertEquals(
        List.of(".version 7.8", ".target sm_" + ptx.target(), ".address_size 64"),
        ptx.text()
            .lines()
            .filter(line -> line.matches("\\.(version|target|address_size) .*"))
            .toList());
  }

  @ParameterizedTest
  @MethodSource("files")
  void holdsNoInstructionThatChangesBits(PtxFile ptx) {
    List<String> instructions = ptx.text().lines().filter(line -> !line.startsWith("//")).toList();
    assertTrue(instructions.stream().anyMatch(line -> line.contains("ld.param.")), "read nothing");
    assertEquals(
        List.of(),
        instructions.stream()
            .filter(line -> !line.contains(ESTIMATE))
            .filter(line -> FORBIDDEN.matcher(line).find())
            .toList());
    long estimates = instructions.stream().filter(line -> line.contains(ESTIMATE)).count();
    assertEquals(ESTIMATES.getOrDefault(ptx.operator(), 0) * ptx.entries().size(), estimates);
    List<String> ones =
        RECIPROCAL.matcher(ptx.text()).results().map(match -> match.group(5)).toList();
    assertEquals(estimates, ones.size());
    for (String one : ones) {
      assertTrue(ptx.text().contains("mov.f32 \t" + one + ", 0f3F800000;"), one);
    }
    int fused = ptx.text().split("\\bfma\\.rn\\.f32\\b", -1).length - 1;
    assertEquals(FUSED.getOrDefault(ptx.operator(), 0) * ptx.entries().size(), fused);
  }

  /** As {@code sources_of} in cuda/generate_ptx.sh: the hash of lines of hashes and names. */
  private static String hashOfSources(String operator) throws Exception {
    List<String> names = new ArrayList<>(List.of("cuda/" + operator + ".cu"));
    names.addAll(filesIn("cuda", ".cuh"));
    names.addAll(filesIn("native/include/jdropout", ".h"));
    names.sort(null);
    StringBuilder lines = new StringBuilder();
    for (String name : names) {
      lines.append(sha256(Files.readAllBytes(Path.of(name)))).append("  ").append(name);
      lines.append('\n');
    }
    return sha256(lines.toString().getBytes(StandardCharsets.US_ASCII));
  }

  private static List<String> filesIn(String folder, String extension) throws IOException {
    try (Stream<Path> files = Files.list(Path.of(folder))) {
      return files
          .map(file -> folder + "/" + file.getFileName())
          .filter(name -> name.endsWith(extension))
          .collect(Collectors.toList());
    }
  }

  private static String sha256(byte[] bytes) throws NoSuchAlgorithmException {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
  }
}
