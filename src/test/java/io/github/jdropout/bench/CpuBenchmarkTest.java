package io.github.jdropout.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jdropout.backend.BackendId;
import io.github.jdropout.bench.result.BenchCase;
import io.github.jdropout.spec.ElementType;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.openjdk.jmh.runner.BenchmarkList;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Every benchmark runs, compares its output, and has a copy of its traffic beside it. */
class CpuBenchmarkTest {
  private static final int ELEMENTS = 8192;

  private final CpuBenchmark benchmark =
      new CpuBenchmark(
          Effort.QUICK,
          0,
          new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));

  private BenchCase measure(CpuOperation operation, ElementType type, int threads) {
    int elements = operation.isSmall() ? SmallCallBenchmark.SIZE : ELEMENTS;
    return benchmark.measure(
        new CpuCase(operation, BackendId.SCALAR, type, Storage.ARRAY, elements, 0.25, threads));
  }

  @Test
  void operationsAreAllBenchmarks() {
    Set<String> all =
        BenchmarkList.defaultList()
            .getAll(
                OutputFormatFactory.createFormatInstance(System.out, VerboseMode.SILENT), List.of())
            .stream()
            .map(entry -> entry.getUsername())
            .collect(Collectors.toCollection(TreeSet::new));
    Set<String> operations =
        List.of(CpuOperation.values()).stream()
            .map(operation -> operation.benchmark().getName() + "." + operation.method())
            .collect(Collectors.toCollection(TreeSet::new));
    assertEquals(all, operations);
  }

  @ParameterizedTest
  @EnumSource
  void outputIsRightAndTrafficKnown(CpuOperation operation) {
    BenchCase measured = measure(operation, ElementType.F32, 1);
    assertEquals(operation.label(), measured.operation());
    assertEquals(1, measured.nanosPerCall().size());
    assertEquals(0.25, measured.p());
    if (operation.isSmall()) {
      assertEquals(List.of(), measured.copyNanosPerCall());
      return;
    }
    assertEquals(1, measured.threads());
    assertTrue(measured.copyNanosPerCall().getFirst() > 0);
    long tensor = 4L * ELEMENTS;
    long mask = ELEMENTS / 8;
    // The epilogues read a bias of 1024 elements, the gradient writes a row of sums.
    long bias = 4 * 1024;
    long sums = 4 * 1024;
    List<Long> readAndWritten = List.of(measured.bytesRead(), measured.bytesWritten());
    assertEquals(
        switch (operation) {
          case FORWARD_AND_BACKWARD -> List.of(2 * tensor, 2 * tensor);
          case MASK -> List.of(0L, mask);
          case APPLY_MASK -> List.of(tensor + mask, tensor);
          case EPILOGUE_RELU -> List.of(2 * tensor + bias, tensor + mask);
          case EPILOGUE_IDENTITY, EPILOGUE_GELU, EPILOGUE_GELU_TANH, EPILOGUE_SILU ->
              List.of(2 * tensor + bias, tensor);
          case GRADIENT_IDENTITY -> List.of(tensor + bias, tensor + sums);
          case GRADIENT_RELU -> List.of(tensor + mask + bias, tensor + sums);
          case GRADIENT_GELU, GRADIENT_GELU_TANH, GRADIENT_SILU ->
              List.of(2 * tensor + bias, tensor + sums);
          default -> List.of(tensor, tensor);
        },
        readAndWritten);
    assertTrue(measured.ofCopy().getAsDouble() > 0);
  }

  @ParameterizedTest
  @EnumSource
  void otherTypesHaveTheirWidth(ElementType type) {
    BenchCase measured = measure(CpuOperation.IN_PLACE, type, 0);
    assertEquals((long) ELEMENTS * type.bytes(), measured.bytesRead());
    assertEquals(type.label(), measured.type());
    assertEquals(Runtime.getRuntime().availableProcessors(), measured.threads());
  }

  @Test
  void whatCannotRunIsAnErrorThatNamesTheCase() {
    CpuCase onDevice =
        new CpuCase(
            CpuOperation.EPILOGUE_RELU,
            BackendId.CUDA,
            ElementType.F32,
            Storage.ARRAY,
            ELEMENTS,
            0.1,
            0);
    IllegalStateException e =
        assertThrows(IllegalStateException.class, () -> benchmark.measure(onDevice));
    assertTrue(e.getMessage().startsWith("cuda epilogue relu f32 2^13 p=0.1: "), e.getMessage());
  }
}
