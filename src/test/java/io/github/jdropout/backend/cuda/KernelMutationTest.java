package io.github.jdropout.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jdropout.testing.Ahead;
import io.github.jdropout.testing.JavaProcess;
import io.github.jdropout.testing.TestRun;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A mistake in a kernel must turn the suite red: tests the tests.
 *
 * <p>{@code -Djdropout.test.mutants=all} tries every one of {@link KernelMutants}, which takes some
 * minutes, instead of the usual few; a number tries that one.
 */
class KernelMutationTest {
  private static final String WANTED = System.getProperty("jdropout.test.mutants", "usual");

  private static final List<String> OF_DROPOUT =
      List.of(
          "io.github.jdropout.contract.DeviceFuzzTest",
          "io.github.jdropout.backend.cuda.DeviceKeyTest");

  /** One test, which ends with the first case that fails. */
  private static final List<String> OF_EPILOGUES =
      List.of("io.github.jdropout.contract.CudaEpilogueContractTest#combinationsFollowTheOracle");

  private static final List<String> OF_COLUMN_SUMS =
      List.of("io.github.jdropout.contract.CudaColumnSumsTest#columnsAreSummedBy32(int, int, int)");

  private static final List<String> OF_PRODUCTS =
      List.of(
          "io.github.jdropout.contract.CudaDroppedProductTest"
              + "#sumsAreThoseOfTheDroppedInput(int, int, int, int, long)");

  private static final List<String> OF_GRAD_INPUT =
      List.of(
          "io.github.jdropout.contract.CudaDroppedGradientsTest"
              + "#theInputsGradientIsAdded(int, int, int, int, long)");

  private static final List<String> OF_GRAD_WEIGHTS =
      List.of(
          "io.github.jdropout.contract.CudaDroppedGradientsTest"
              + "#theWeightsGradientIsSummed(int, int, int, int, long, int)");

  /** Of what the products and their gradients share. */
  private static final List<String> OF_ALL_PRODUCTS =
      Stream.of(OF_PRODUCTS, OF_GRAD_INPUT, OF_GRAD_WEIGHTS).flatMap(List::stream).toList();

  /** Random calls of each operation: enough for what is usual. */
  private static final int CASES = WANTED.equals("usual") ? 40 : 60;

  /** Kept from one build to the next. */
  private static final Path FOLDER = Path.of("target/kernel-mutants");

  /** By numbers of mutants, 0 for no mistake. */
  private static Ahead<Integer, Result> results;

  private static Path library;

  private static KernelMutants mutants() throws IOException {
    return new KernelMutants();
  }

  static Stream<KernelMutants.Mutant> wanted() throws IOException {
    return mutants().all().stream()
        .filter(mutant ->
            switch (WANTED) {
              case "all" -> true;
              case "usual" -> mutant.isUsual();
              default -> WANTED.equals(String.valueOf(mutant.number()));
            });
  }

  @BeforeAll
  static void begin() throws Exception {
    library = build();
    Map<Integer, List<String>> tests = new LinkedHashMap<>();
    tests.put(
        0,
        Stream.of(OF_DROPOUT, OF_EPILOGUES, OF_COLUMN_SUMS, OF_ALL_PRODUCTS)
            .flatMap(List::stream)
            .toList());
    wanted().forEach(mutant -> tests.put(mutant.number(), tests(mutant.file())));
    results = new Ahead<>(tests.keySet().stream(), number -> run(number, tests.get(number)));
  }

  @AfterAll
  static void end() {
    if (results != null) {
      results.close();
    }
  }

  /** The driver on the host itself has been built, so CMake and a compiler are here. */
  private static Path build() throws Exception {
    Path usual = HostDriver.library().getParent();
    Path sources = FOLDER.resolve("cuda").toAbsolutePath();
    mutants().write(sources);
    String build = FOLDER.resolve("build").toString();
    call(
        List.of(
            "cmake",
            "-S",
            "native/kernels_on_host",
            "-B",
            build,
            "-DCMAKE_BUILD_TYPE=Release",
            // Some mistakes are what the compiler warns of.
            "-DCMAKE_CXX_FLAGS=-Wno-maybe-uninitialized -Wno-unused-variable",
            "-DKERNELS_ON_HOST_BUILD=" + usual,
            "-DKERNELS_SOURCE_DIR=" + sources));
    call(List.of("cmake", "--build", build, "--parallel", "--target", "cuda"));
    Path built = FOLDER.resolve("build/libcuda.so.1").toAbsolutePath();
    assertTrue(Files.exists(built), built.toString());
    return built;
  }

  private static void call(List<String> command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), command + "\n" + output);
  }

  private record Result(int status, String output) {}

  /** Returns the tests of the kernels that a source is a part of. */
  private static List<String> tests(String file) {
    return switch (file) {
      case "layer.cuh",
          "octet.cuh",
          "activation.cuh",
          "dropout_epilogue.cu",
          "dropout_epilogue_gradient.cu" ->
          OF_EPILOGUES;
      case "dropout_column_sums.cu" -> OF_COLUMN_SUMS;
      case "product.cuh" -> OF_ALL_PRODUCTS;
      case "dropout_product.cu" -> OF_PRODUCTS;
      case "dropout_product_grad_input.cu" -> OF_GRAD_INPUT;
      case "dropout_product_grad_weights.cu" -> OF_GRAD_WEIGHTS;
      default -> OF_DROPOUT;
    };
  }

  /** Runs tests with a mistake in the kernels, or without one. */
  private static Result run(int number, List<String> tests) throws Exception {
    List<String> command =
        new ArrayList<>(
            JavaProcess.command(
                TestRun.class,
                List.of(
                    "--add-modules=jdk.incubator.vector",
                    "--enable-native-access=ALL-UNNAMED",
                    "-XX:+UseSerialGC",
                    // A run is too short to pay for what the second compiler does.
                    "-XX:TieredStopAtLevel=1",
                    "-Djdropout.test.require=cuda",
                    "-Djdropout.test.cases=" + CASES,
                    // A block that walks on, so that its steps are tested too.
                    "-Djdropout.cuda.launch=64x1",
                    "-Djdropout.cuda.library=" + library)));
    command.addAll(tests);
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put(KernelMutants.VARIABLE, String.valueOf(number));
    Path file = FOLDER.resolve("output-" + number + ".txt");
    Process process = builder.redirectOutput(file.toFile()).start();
    try {
      process.waitFor(10, TimeUnit.MINUTES);
    } finally {
      process.destroyForcibly().waitFor();
    }
    return new Result(process.exitValue(), Files.readString(file));
  }

  /** Or a mutant would die of something else. */
  @Test
  void kernelsWithoutAMistakePass() throws Exception {
    Result result = results.get(0);
    assertEquals(0, result.status, result.output);
  }

  @ParameterizedTest
  @MethodSource("wanted")
  void mistakeIsSeen(KernelMutants.Mutant mutant) throws Exception {
    Result result = results.get(mutant.number());
    assertEquals(1, result.status, mutant + " passes the tests:\n" + result.output);
    assertTrue(result.output.contains("\nFailures ("), result.output);
  }
}
