package io.github.jdropout.bench;

import io.github.jdropout.spec.Elements;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.infra.BenchmarkParams;

/** Dropout of a tensor, mask computed on the way. */
@State(Scope.Thread)
public class ForwardBenchmark extends Timed {
  private Elements outputGradient;
  private Elements inputGradient;

  /** Creates the gradients where there are two passes. */
  @Setup
  public void prepare(BenchmarkParams benchmark, Tensors tensors, Traffic traffic) {
    int passes = 1;
    if (method(benchmark).equals("forwardAndBackward")) {
      passes = 2;
      outputGradient = tensors.another();
      inputGradient = tensors.another();
    }
    tensors.output.segment().copyFrom(tensors.input.segment());
    traffic.declare(
        tensors.storage, tensors.type, passes * tensors.bytes(), passes * tensors.bytes());
  }

  /** In training. */
  @Benchmark
  public void forward(Subject subject, Tensors tensors) {
    subject.dropout.forward(tensors.input, tensors.output, Subject.KEY);
  }

  /** The gradient, which draws the mask again. */
  @Benchmark
  public void backward(Subject subject, Tensors tensors) {
    subject.dropout.backward(tensors.input, tensors.output, Subject.KEY);
  }

  /** What a training step does. */
  @Benchmark
  public void forwardAndBackward(Subject subject, Tensors tensors) {
    subject.dropout.forward(tensors.input, tensors.output, Subject.KEY);
    subject.dropout.backward(outputGradient, inputGradient, Subject.KEY);
  }

  /** With classical scaling, so that the values do not grow with each call. */
  @Benchmark
  public void inPlace(Subject subject, Tensors tensors) {
    subject.classical.forward(tensors.output, tensors.output, Subject.KEY);
  }

  /** At inference, with classical scaling: with the usual one it is a copy. */
  @Benchmark
  public void infer(Subject subject, Tensors tensors) {
    subject.classical.infer(tensors.input, tensors.output);
  }

  /** After the measurement: the code that was timed must be the code that is right. */
  @TearDown
  public void check(BenchmarkParams benchmark, Subject subject, Tensors tensors) {
    Tensors.Reference forward =
        (from, input, output) -> subject.reference().forward(input, output, Subject.KEY, from);
    switch (method(benchmark)) {
      case "forward" -> tensors.check(() -> forward(subject, tensors), forward);
      case "backward" -> tensors.check(() -> backward(subject, tensors), forward);
      case "forwardAndBackward" -> {
        // Both inputs have the same values.
        tensors.check(() -> forwardAndBackward(subject, tensors), forward);
        tensors.check(inputGradient, () -> forwardAndBackward(subject, tensors), forward);
      }
      case "inPlace" ->
          tensors.check(
              () -> {
                tensors.output.segment().copyFrom(tensors.input.segment());
                inPlace(subject, tensors);
              },
              (from, input, output) ->
                  subject.classicalReference().forward(input, output, Subject.KEY, from));
      case "infer" ->
          tensors.check(
              () -> infer(subject, tensors),
              (from, input, output) -> subject.classicalReference().infer(input, output));
      case String other -> throw new IllegalStateException("no output to compare of " + other);
    }
  }

  private static String method(BenchmarkParams benchmark) {
    String name = benchmark.getBenchmark();
    return name.substring(name.lastIndexOf('.') + 1);
  }
}
