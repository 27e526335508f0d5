package io.github.jdropout.bench;

import io.github.jdropout.spec.PackedMask;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Dropout with a packed mask that is there already. */
@State(Scope.Thread)
public class ApplyMaskBenchmark extends Timed {
  private PackedMask mask;

  /** Computes the mask. */
  @Setup
  public void allocate(Subject subject, Tensors tensors, Traffic traffic) {
    mask = PackedMask.allocate(tensors.size);
    subject.dropout.mask(mask, Subject.KEY);
    long maskBytes = PackedMask.bytesFor(tensors.size);
    traffic.declare(tensors.storage, tensors.type, tensors.bytes() + maskBytes, tensors.bytes());
  }

  /** The measured call. */
  @Benchmark
  public void applyMask(Subject subject, Tensors tensors) {
    subject.dropout.applyMask(mask, tensors.input, tensors.output);
  }

  /** Compares with the scalar backend, which draws the mask itself. */
  @TearDown
  public void check(Subject subject, Tensors tensors) {
    tensors.check(
        () -> applyMask(subject, tensors),
        (from, input, output) -> subject.reference().forward(input, output, Subject.KEY, from));
  }
}
