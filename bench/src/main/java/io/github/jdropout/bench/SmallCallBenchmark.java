package io.github.jdropout.bench;

import io.github.jdropout.spec.Elements;
import java.util.Arrays;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** What a call costs that has next to nothing to do; no copy is beside it. */
@State(Scope.Thread)
public class SmallCallBenchmark extends Timed {
  static final int SIZE = 64;

  private final float[] input = new float[SIZE];
  private final float[] output = new float[SIZE];
  private final float[] nothing = new float[0];
  private final Elements inputView = Elements.of(input);
  private final Elements outputView = Elements.of(output);

  /** Creates the input. */
  public SmallCallBenchmark() {
    for (int i = 0; i < SIZE; i++) {
      input[i] = i + 1;
    }
  }

  /** There is next to nothing to copy. */
  @Setup
  public void declare(Traffic traffic) {
    traffic.declareNothing();
  }

  /** The overload for whole arrays. */
  @Benchmark
  public float[] arrays(Subject subject) {
    subject.dropout.forward(input, output, Subject.KEY);
    return output;
  }

  /** Views created once. */
  @Benchmark
  public float[] views(Subject subject) {
    subject.dropout.forward(inputView, outputView, Subject.KEY);
    return output;
  }

  /** No elements: what the way to the backend costs by itself. */
  @Benchmark
  public float[] empty(Subject subject) {
    subject.dropout.forward(nothing, nothing, Subject.KEY);
    return nothing;
  }

  /** Compares the two that compute something with the scalar backend. */
  @TearDown
  public void check(Subject subject) {
    float[] expected = new float[SIZE];
    subject.reference().forward(input, expected, Subject.KEY);
    checkOutput(arrays(subject), expected);
    checkOutput(views(subject), expected);
  }

  private static void checkOutput(float[] output, float[] expected) {
    if (!Arrays.equals(output, expected)) {
      throw new IllegalStateException("wrong output: " + Arrays.toString(output));
    }
    Arrays.fill(output, Float.NaN);
  }
}
