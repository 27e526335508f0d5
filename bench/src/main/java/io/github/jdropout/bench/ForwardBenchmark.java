package io.github.jdropout.bench;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Dropout of a tensor, mask computed on the way. */
@State(Scope.Benchmark)
public class ForwardBenchmark extends Timed {
  /** The measured call. */
  @Benchmark
  public void forward(Subject subject, Tensors tensors) {
    subject.dropout.forward(tensors.input, tensors.output, Subject.KEY);
  }

  /** After the measurement: the code that was timed must be the code that is right. */
  @TearDown
  public void check(Subject subject, Tensors tensors) {
    tensors.check(
        () -> forward(subject, tensors),
        (from, input, output) -> Subject.reference().forward(input, output, Subject.KEY, from));
  }
}
