package io.github.jdropout.bench;

import io.github.jdropout.Dropout;
import io.github.jdropout.backend.BackendId;
import io.github.jdropout.spec.DropoutSpec;
import io.github.jdropout.spec.MaskKey;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** The dropout that is measured; its backend is forced, so one that is missing is an error. */
@State(Scope.Benchmark)
public class Subject {
  static final MaskKey KEY = new MaskKey(42, 7);

  // What a machine without a GPU has; GpuBenchmark measures CUDA, on memory of the device.
  @Param({"SCALAR", "VECTOR", "FFM"})
  public BackendId backend;

  /** Probability of dropping. */
  @Param("0.1")
  public double p;

  Dropout dropout;

  /** The same without scaling in training, which does not change values that are kept. */
  Dropout classical;

  /** Creates both and prints what it runs with. */
  @Setup
  public void create() {
    dropout = Dropout.of(DropoutSpec.of(p), backend);
    classical = Dropout.of(DropoutSpec.of(p).classical(), backend);
    System.out.println(
        "# runs " + dropout.backend().id().label() + ": " + dropout.backend().description());
  }

  /** Returns the dropout whose output is the right one. */
  Dropout reference() {
    return Dropout.of(dropout.spec(), BackendId.SCALAR);
  }

  /** Returns the same for {@link #classical}. */
  Dropout classicalReference() {
    return Dropout.of(classical.spec(), BackendId.SCALAR);
  }
}
