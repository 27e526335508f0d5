package io.github.jdropout.bench;

import io.github.jdropout.backend.tiled.ParallelSlices;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.Elements;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Reads two arrays and writes one in a plain loop, as an epilogue with a residual does: what the
 * memory allows. 16-bit elements are added as integers.
 */
@State(Scope.Benchmark)
@Warmup(iterations = 2, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public class SumBenchmark extends Timed {
  private Elements other;

  /** Creates the second input. */
  @Setup
  public void allocate(Tensors tensors) {
    if (tensors.storage != Storage.ARRAY || tensors.type == ElementType.F64) {
      throw new IllegalArgumentException(
          "wants arrays of f32, f16 or bf16, not " + tensors.storage + " of " + tensors.type);
    }
    other = tensors.storage.allocate(tensors.type, tensors.size);
    other.segment().copyFrom(tensors.input.segment());
  }

  /** The measured call. */
  @Benchmark
  public void sum(Tensors tensors) {
    if (ParallelSlices.pays(tensors.size)) {
      ParallelSlices.run(
          tensors.size,
          (from, to) -> sum(tensors.input, other, tensors.output, (int) from, (int) to));
    } else {
      sum(tensors.input, other, tensors.output, 0, tensors.size);
    }
  }

  private static void sum(Elements a, Elements b, Elements output, int from, int to) {
    if (a.type() == ElementType.F32) {
      sum((float[]) a.array(), (float[]) b.array(), (float[]) output.array(), from, to);
    } else {
      sum((short[]) a.array(), (short[]) b.array(), (short[]) output.array(), from, to);
    }
  }

  private static void sum(float[] a, float[] b, float[] output, int from, int to) {
    for (int i = from; i < to; i++) {
      output[i] = a[i] + b[i];
    }
  }

  private static void sum(short[] a, short[] b, short[] output, int from, int to) {
    for (int i = from; i < to; i++) {
      output[i] = (short) (a[i] + b[i]);
    }
  }

  /** Compares with twice the input, which the second input equals. */
  @TearDown
  public void check(Tensors tensors) {
    tensors.check(
        () -> sum(tensors),
        (from, input, want) -> {
          for (int i = 0; i < input.count(); i++) {
            if (input.type() == ElementType.F32) {
              ((float[]) want.array())[i] = 2 * ((float[]) input.array())[input.arrayOffset() + i];
            } else {
              ((short[]) want.array())[i] =
                  (short) (2 * ((short[]) input.array())[input.arrayOffset() + i]);
            }
          }
        });
  }
}
