package io.github.jdropout.gemm.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.jdropout.gemm.Gemm;
import io.github.jdropout.gemm.GemmContract;
import io.github.jdropout.gemm.MatrixMemory;
import io.github.jdropout.gemm.Transpose;
import io.github.jdropout.spec.BackendUnavailableException;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.Matrix;
import io.github.jdropout.testing.JavaProcess;
import java.io.File;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Products on the CPU. */
class CpuGemmTest extends GemmContract {
  @Override
  protected Gemm open() {
    return CpuGemm.open();
  }

  @Override
  protected MatrixMemory memory() {
    return new MatrixMemory.OfHost();
  }

  /** Confined memory stays with its thread. The numbers are whole, so every order is exact. */
  @Test
  void threadsChangeNothing() {
    int size = 300;
    Random random = new Random(5);
    float[] numbers = new float[size * size];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = random.nextInt(9) - 4;
    }
    float[] parallel = new float[size * size];
    multiply(MemorySegment.ofArray(numbers), MemorySegment.ofArray(parallel), size);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment alone = arena.allocate(4L * size * size);
      multiply(MemorySegment.ofArray(numbers), alone, size);
      assertArrayEquals(parallel, alone.toArray(ValueLayout.JAVA_FLOAT));
    }
  }

  private static void multiply(MemorySegment factors, MemorySegment result, int size) {
    Matrix a = Matrix.of(ElementType.F32, factors, size, size);
    Matrix c = Matrix.of(ElementType.F32, result, size, size);
    CpuGemm.open().multiply(1, a, Transpose.NO, a, Transpose.YES, 0, c);
  }

  @Test
  void readOnlyResultIsRefused() {
    MemorySegment memory = MemorySegment.ofArray(new float[4]);
    Matrix a = Matrix.of(ElementType.F32, MemorySegment.ofArray(new float[4]), 2, 2);
    Matrix c = Matrix.of(ElementType.F32, memory.asReadOnly(), 2, 2);
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> CpuGemm.open().multiply(1, a, Transpose.NO, a, Transpose.NO, 0, c))
            .getMessage();
    assertEquals("c must be writable but is read-only", message.replaceAll(": .*", ""));
  }

  @Test
  void deviceMemoryIsRefused() {
    Matrix device = Matrix.onDevice(ElementType.F32, 256, 2, 2);
    Matrix other = Matrix.onDevice(ElementType.F32, 4096, 2, 2);
    assertEquals(
        "a must be in the host's memory but is f32[2 x 2] at device address 0x100",
        assertThrows(
                IllegalArgumentException.class,
                () ->
                    CpuGemm.open()
                        .multiply(1, device, Transpose.NO, device, Transpose.NO, 0, other))
            .getMessage());
  }

  /** Prints what becomes of an engine. */
  public static final class Opening {
    private Opening() {}

    /** Opens one. */
    public static void main(String[] args) {
      try {
        System.out.println(CpuGemm.open().description());
      } catch (BackendUnavailableException e) {
        System.out.println("unavailable: " + e.getMessage());
      }
    }
  }

  @Test
  void missingNetlibIsAReason() throws Exception {
    String classPath =
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator, -1))
            .filter(path -> !path.contains("netlib"))
            .collect(Collectors.joining(File.pathSeparator));
    Process process =
        JavaProcess.start(JavaProcess.command(Opening.class, List.of(), classPath), Map.of());
    assertEquals(
        "unavailable: no products of matrices on the CPU: dev.ludovic.netlib:blas is not on the"
            + " class path",
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip());
  }
}
