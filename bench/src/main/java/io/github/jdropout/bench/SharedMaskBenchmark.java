package io.github.jdropout.bench;

import io.github.jdropout.spec.MaskShape;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Dropout with decisions shared along axes; sizes are multiples of 4096. */
@State(Scope.Thread)
public class SharedMaskBenchmark extends Timed {
  /** What shares a decision. */
  public enum Sharing {
    /** All 16 time steps of [batch, time, 256 features]. */
    VARIATIONAL {
      @Override
      MaskShape shape(long batch) {
        return MaskShape.sharing(new long[] {batch, 16, 256}, 1);
      }
    },
    /** All positions of a feature map of [batch, 16 channels, 16, 16]. */
    SPATIAL {
      @Override
      MaskShape shape(long batch) {
        return MaskShape.sharing(new long[] {batch, 16, 16, 16}, 2, 3);
      }
    };

    abstract MaskShape shape(long batch);
  }

  @Param public Sharing sharing;

  private MaskShape shape;

  /** Creates the shapes. */
  @Setup
  public void create(Tensors tensors, Traffic traffic) {
    shape = sharing.shape(tensors.size / 4096);
    traffic.declare(tensors.storage, tensors.type, tensors.bytes(), tensors.bytes());
  }

  /** The measured call. */
  @Benchmark
  public void forward(Subject subject, Tensors tensors) {
    subject.dropout.forward(tensors.input, tensors.output, Subject.KEY, shape);
  }

  /** Compares with the scalar backend. */
  @TearDown
  public void check(Subject subject, Tensors tensors) {
    tensors.check(
        () -> forward(subject, tensors),
        (from, input, output) ->
            subject.reference().forward(input, output, Subject.KEY, shape, from));
  }
}
