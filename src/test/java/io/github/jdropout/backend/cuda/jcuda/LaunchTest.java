package io.github.jdropout.backend.cuda.jcuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.jdropout.backend.cuda.driver.CudaDriver;
import io.github.jdropout.backend.cuda.driver.KernelArguments;
import io.github.jdropout.testing.JavaProcess;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What reaches the driver's {@code cuLaunchKernel} through JCuda. */
class LaunchTest {
  /** Launches twice, with other arguments in the same memory. */
  static final class LaunchTwice {
    public static void main(String[] args) throws Exception {
      CudaDriver driver = JCudaBinding.load();
      KernelArguments arguments = new KernelArguments(32);
      for (int launch = 1; launch <= 2; launch++) {
        for (int i = 0; i < 32; i++) {
          arguments.structure().set(ValueLayout.JAVA_BYTE, i, (byte) (100 * launch + i));
        }
        int status = driver.launch(0xF0000000AL + launch, 2, 128, 0xABL, arguments);
        System.out.println(status);
      }
    }
  }

  @Test
  void everyArgumentArrives(@TempDir Path folder) throws Exception {
    assumeTrue(
        System.getProperty("os.arch").equals("amd64"), "JCuda has no natives but for x86_64");
    compile("src/test/c/recording_driver.c", folder.resolve("libcuda.so.1"));
    JavaProcess.Result result =
        JavaProcess.run(
            LaunchTwice.class,
            List.of("--enable-native-access=ALL-UNNAMED"),
            Map.of("LD_LIBRARY_PATH", folder.toString()));
    StringBuilder expected = new StringBuilder();
    for (int launch = 1; launch <= 2; launch++) {
      String function = launch == 1 ? "0xf0000000b" : "0xf0000000c";
      expected.append(function).append(" 2 1 1 128 1 1 0 0xab 1");
      for (int i = 0; i < 32; i++) {
        expected.append(" ").append(100 * launch + i);
      }
      expected.append("\n7\n");
    }
    assertEquals(expected.toString(), result.output());
    assertEquals(0, result.status());
  }

  private static void compile(String source, Path library) throws InterruptedException {
    List<String> command =
        List.of("cc", "-shared", "-fPIC", "-Wall", "-Werror", "-o", library.toString(), source);
    try {
      assertEquals(0, JavaProcess.start(command, Map.of()).waitFor(), command.toString());
    } catch (IOException e) {
      abort("no C compiler: " + e.getMessage());
    }
  }
}
