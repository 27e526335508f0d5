package io.github.jdropout.bench;

import io.github.jdropout.backend.EpilogueBackend;
import io.github.jdropout.backend.ffm.FfmSupport;
import io.github.jdropout.backend.tiled.ParallelSlices;
import io.github.jdropout.spec.Activation;
import io.github.jdropout.spec.DropoutSpec;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.Elements;
import io.github.jdropout.spec.Epilogue;
import io.github.jdropout.spec.HostMatrix;
import io.github.jdropout.spec.MaskKey;
import io.github.jdropout.spec.Matrix;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * Alternates the native ends of layers, with bias and residual, with a copy of as many bytes, for
 * the reason that {@link Interleaved} gives: f32, 2^24 elements, all cores.
 */
public final class EpilogueInterleaved {
  private static final int ROWS = 1 << 12;
  private static final int COLUMNS = 1 << 12;
  private static final int WARMUPS = 4;
  private static final int REPETITIONS = 25;

  private EpilogueInterleaved() {}

  /** Prints the table. */
  public static void main(String[] args) {
    try (Arena arena = Arena.ofShared()) {
      List<Runnable> cases = new ArrayList<>();
      // Two reads and a write move as much as a copy of one and a half times the elements.
      MemorySegment source = elements(arena, ROWS * COLUMNS / 2 * 3);
      MemorySegment target = elements(arena, ROWS * COLUMNS / 2 * 3);
      long floats = source.byteSize() / Float.BYTES;
      cases.add(() ->
          ParallelSlices.run(
              floats,
              (from, to) ->
                  MemorySegment.copy(
                      source,
                      from * Float.BYTES,
                      target,
                      from * Float.BYTES,
                      (to - from) * Float.BYTES)));
      HostMatrix product = matrix(arena);
      HostMatrix residual = matrix(arena);
      HostMatrix output = matrix(arena);
      Elements bias = residual.elements().slice(0, COLUMNS);
      MemorySegment signs = arena.allocate(Epilogue.signBytes(output.shape()), Long.BYTES);
      EpilogueBackend backend = FfmSupport.epilogues();
      for (Activation activation : Activation.values()) {
        Epilogue epilogue =
            Epilogue.training(
                DropoutSpec.of(Subject.P), activation, new MaskKey(42, 7), 0, COLUMNS);
        MemorySegment kept = activation == Activation.RELU ? signs : null;
        cases.add(() -> backend.epilogue(epilogue, product, bias, residual, output, kept));
      }
      print(measure(cases));
    }
  }

  private static MemorySegment elements(Arena arena, int count) {
    MemorySegment segment = arena.allocate((long) count * Float.BYTES, 64);
    Elements floats = Elements.of(ElementType.F32, segment);
    float[] values = new float[1024];
    for (int i = 0; i < values.length; i++) {
      values[i] = (i - 512) / 128f;
    }
    for (long at = 0; at < count; at += values.length) {
      floats.write(at, values, values.length);
    }
    return segment;
  }

  private static HostMatrix matrix(Arena arena) {
    return Matrix.of(ElementType.F32, elements(arena, ROWS * COLUMNS), ROWS, COLUMNS);
  }

  private static double[][] measure(List<Runnable> cases) {
    double[][] nanos = new double[cases.size()][REPETITIONS];
    for (int round = -WARMUPS; round < REPETITIONS; round++) {
      for (int i = 0; i < nanos.length; i++) {
        long start = System.nanoTime();
        cases.get(i).run();
        if (round >= 0) {
          nanos[i][round] = System.nanoTime() - start;
        }
      }
    }
    return nanos;
  }

  private static void print(double[][] nanos) {
    StringBuilder out = new StringBuilder();
    Report.table(
        out,
        "Ends of layers beside a copy of as many bytes, f32, 2^24 elements, bias and residual",
        List.of("Activation", "ms", "of the copy", "middle half"),
        Stream.of(Activation.values())
            .map(activation -> {
              double[] times = nanos[1 + List.of(Activation.values()).indexOf(activation)];
              double[] ratios = new double[REPETITIONS];
              for (int round = 0; round < REPETITIONS; round++) {
                ratios[round] = nanos[0][round] / times[round];
              }
              Arrays.sort(ratios);
              return List.of(
                  activation.label(),
                  Report.format(Report.median(times) / 1e6),
                  Report.format(Report.median(ratios)),
                  Report.format(ratios[REPETITIONS / 4])
                      + " to "
                      + Report.format(ratios[REPETITIONS * 3 / 4]));
            }));
    System.out.println(out);
  }
}
