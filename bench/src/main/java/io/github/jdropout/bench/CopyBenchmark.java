package io.github.jdropout.bench;

import io.github.jdropout.spec.Elements;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** A plain copy of the bytes that dropout reads and writes: what the memory allows. */
@State(Scope.Benchmark)
@Warmup(iterations = 2, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public class CopyBenchmark extends Timed {
  /** The measured call. */
  @Benchmark
  public void copy(Tensors tensors) {
    tensors.copy();
  }

  /** Compares with the input. */
  @TearDown
  public void check(Tensors tensors) {
    tensors.check(tensors::copy, (from, input, output) -> copy(input, output));
  }

  private static void copy(Elements input, Elements output) {
    MemorySegment.copy(input.segment(), 0, output.segment(), 0, output.segment().byteSize());
  }
}
