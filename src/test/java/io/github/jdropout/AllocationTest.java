package io.github.jdropout;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.management.ThreadMXBean;
import io.github.jdropout.backend.BackendId;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.Elements;
import io.github.jdropout.spec.MaskKey;
import io.github.jdropout.spec.PackedMask;
import io.github.jdropout.testing.Backends;
import io.github.jdropout.testing.JavaProcess;
import java.lang.foreign.Arena;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Calls in a steady state allocate nothing.
 *
 * <p>This guards the vector kernels too: vectors that C2 fails to keep in registers become objects
 * and make a call 40 times slower, which shows here without measuring time. Runs in a JVM of its
 * own, so that other tests' profiles play no part.
 */
class AllocationTest {
  /** Prints the bytes that a thousand calls of each kind allocate after warm-up. */
  static final class PrintAllocations {
    private static final MaskKey KEY = new MaskKey(1, 2);

    public static void main(String[] args) {
      Dropout dropout = Dropout.of(0.1);
      float[] floats = new float[64];
      double[] doubles = new double[64];
      Elements f16 = Elements.ofF16(new short[3000]);
      Elements bf16 = Elements.ofBf16(new short[3000]);
      Elements memory = Elements.of(ElementType.F32, Arena.global().allocate(4 * 3001, 4));
      print("float[64]", () -> dropout.forward(floats, floats, KEY));
      print("double[64]", () -> dropout.forward(doubles, doubles, KEY));
      print("f16", () -> dropout.forward(f16, f16, KEY));
      print("bf16", () -> dropout.backward(bf16, bf16, KEY, 5));
      print("segment", () -> dropout.forward(memory, memory, KEY));
      Elements input = Elements.of(floats);
      Elements output = Elements.of(new float[64]);
      PackedMask mask = PackedMask.allocate(64);
      print("view of float[64]", () -> dropout.forward(input, output, KEY));
      print("mask", () -> dropout.mask(mask, KEY));
      print("applyMask", () -> dropout.applyMask(mask, input, output));
      print("infer", () -> dropout.infer(input, output));
    }

    private static void print(String name, Runnable call) {
      ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
      long self = Thread.currentThread().threadId();
      for (int i = 0; i < 40_000; i++) {
        call.run();
      }
      long before = threads.getThreadAllocatedBytes(self);
      for (int i = 0; i < 1000; i++) {
        call.run();
      }
      long bytes = threads.getThreadAllocatedBytes(self) - before;
      System.out.println(name + " " + bytes / 1000);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"VECTOR", "FFM"})
  void steadyStateAllocatesNothing(BackendId backend) throws Exception {
    Backends.assumeAvailable(backend);
    JavaProcess.Result result =
        JavaProcess.run(
            PrintAllocations.class,
            // Compiles in the foreground, so that warm-up ends when the calls do.
            List.of(
                "--add-modules=jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED",
                "-Djdropout.backend=" + backend.label(),
                "-Xbatch"));
    assertEquals(
        List.of(
            "float[64] 0",
            "double[64] 0",
            "f16 0",
            "bf16 0",
            "segment 0",
            "view of float[64] 0",
            "mask 0",
            "applyMask 0",
            "infer 0"),
        result.output().lines().toList());
  }
}
