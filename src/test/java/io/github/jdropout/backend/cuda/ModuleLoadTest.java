package io.github.jdropout.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jdropout.spec.DropoutSpec;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.testing.JavaProcess;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** PTX that the driver does not take, before the real one on the class path of a JVM. */
class ModuleLoadTest {
  private static final String FOLDER = "io/github/jdropout/cuda/";
  private static final String DEVICE = "device 0 (Kernels on host 0)";

  @TempDir private Path classes;

  /** Loads the kernels of a type and prints what happens. */
  static final class Prepare {
    public static void main(String[] args) {
      for (ElementType type : List.of(ElementType.F32, ElementType.BF16)) {
        try {
          CudaDropout.of(DropoutSpec.of(0.5)).prepare(type);
          System.out.println("works");
        } catch (CudaException e) {
          System.out.println(e.isContextLost() + " " + e.getMessage());
        }
      }
    }
  }

  private List<String> prepareWith(String file, String from, String to, String compute)
      throws Exception {
    Path patched = Files.createDirectories(classes.resolve(FOLDER)).resolve(file);
    String ptx = read(file);
    assertTrue(ptx.contains(from), file);
    Files.writeString(patched, ptx.replace(from, to));
    List<String> command =
        JavaProcess.command(
            Prepare.class,
            List.of(
                "--enable-native-access=ALL-UNNAMED",
                "-Djdropout.cuda.library=" + HostDriver.library()),
            classes + File.pathSeparator + System.getProperty("java.class.path"));
    Process process = JavaProcess.start(command, Map.of("KERNELS_ON_HOST_COMPUTE", compute));
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), output);
    return output.lines().toList();
  }

  private static String read(String file) throws IOException {
    try (InputStream ptx = CudaDropout.class.getResourceAsStream("/" + FOLDER + file)) {
      return new String(ptx.readAllBytes(), StandardCharsets.US_ASCII);
    }
  }

  @Test
  void logOfTheDriversCompilerIsInTheMessage() throws Exception {
    String message =
        "false cuModuleLoadDataEx(dropout_shared) for "
            + DEVICE
            + ", with the compiler's log: ptxas application ptx input, line 1; fatal   :"
            + " Unsupported .version 99.9; current version is '9.0'; failed:"
            + " CUDA_ERROR_UNSUPPORTED_PTX_VERSION (222): the provided PTX was compiled with an"
            + " unsupported toolchain.";
    assertEquals(
        List.of(message, message),
        prepareWith("dropout_shared.compute_80.ptx", ".version 7.8", ".version 99.9", "90"));
  }

  @Test
  void missingKernelIsNamed() throws Exception {
    assertEquals(
        List.of(
            "false cuModuleGetFunction(dropout_scale_f32) failed: CUDA_ERROR_NOT_FOUND (500): named"
                + " symbol not found",
            "works"),
        prepareWith("dropout_scale.compute_80.ptx", "dropout_scale_f32", "dropout_none", "90"));
  }

  /** Each device gets the newest PTX that is not newer than it. */
  @Test
  void ptxFollowsTheDevice() throws Exception {
    String newer = "dropout_mask.compute_80.ptx";
    assertEquals(List.of("works", "works"), prepareWith(newer, ".version", ".nothing", "75"));
    String older = "dropout_mask.compute_75.ptx";
    Files.delete(classes.resolve(FOLDER).resolve(newer));
    assertEquals(List.of("works", "works"), prepareWith(older, ".version", ".nothing", "80"));
    assertEquals(
        "false cuModuleLoadDataEx(dropout_mask) for "
            + DEVICE
            + ", with the compiler's log: ptxas application ptx input, line 1; fatal   : Missing"
            + " .version directive at start of file '<stdin>'; failed: CUDA_ERROR_INVALID_PTX"
            + " (218): a PTX JIT compilation failed",
        prepareWith(older, ".version", ".nothing", "75").getFirst());
  }
}
