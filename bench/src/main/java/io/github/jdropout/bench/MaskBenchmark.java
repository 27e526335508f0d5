package io.github.jdropout.bench;

import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.PackedMask;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** The packed mask alone. */
@State(Scope.Thread)
public class MaskBenchmark extends Timed {
  private PackedMask mask;

  /** Allocates the mask and touches its pages. */
  @Setup
  public void allocate(Extent extent, Traffic traffic) {
    mask = PackedMask.allocate(extent.size);
    mask.bytes().fill((byte) 0);
    traffic.declare(Storage.ARRAY, ElementType.F32, 0, PackedMask.bytesFor(extent.size));
  }

  /** The measured call. */
  @Benchmark
  public void mask(Subject subject, Extent extent) {
    subject.dropout.mask(mask, Subject.KEY);
  }

  /** Compares with the scalar backend. */
  @TearDown
  public void check(Subject subject, Extent extent) {
    mask.bytes().fill((byte) 0);
    mask(subject, extent);
    PackedMask expected = PackedMask.allocate(extent.size);
    subject.reference().mask(expected, Subject.KEY);
    long mismatch = mask.bytes().mismatch(expected.bytes());
    if (mismatch >= 0) {
      throw new IllegalStateException("wrong mask at byte " + mismatch);
    }
  }
}
