package io.github.jdropout.bench;

import io.github.jdropout.spec.ElementType;
import java.util.concurrent.TimeUnit;
import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.memory.conf.WorkspaceConfiguration;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.random.impl.DropOutInverted;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOpsHolder;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Deeplearning4j's own dropout, forward, and the ND4J operation it is made of. */
@State(Scope.Thread)
@Warmup(iterations = 2, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public class Dl4jBenchmark extends Timed {
  private static final String WORKSPACE = "BENCHMARK";

  /** Probability of dropping. */
  @Param("0.1")
  public double p;

  private final WorkspaceConfiguration configuration = WorkspaceConfiguration.builder().build();
  private final LayerWorkspaceMgr workspaces =
      LayerWorkspaceMgr.builder().with(ArrayType.INPUT, WORKSPACE, configuration).build();

  /** Deeplearning4j's probability is that of <em>retaining</em>. */
  private double retain;

  private Dropout dropout;
  private INDArray input;
  private INDArray output;

  /** Allocates and fills both arrays. */
  @Setup
  public void allocate(Extent extent, Traffic traffic) {
    retain = 1 - p;
    dropout = new Dropout(retain);
    long bytes = (long) extent.size * Float.BYTES;
    traffic.declare(Storage.NATIVE, ElementType.F32, bytes, bytes);
    input = Nd4j.ones(DataType.FLOAT, extent.size);
    output = Nd4j.zeros(DataType.FLOAT, extent.size);
    int threads = extent.threads == 0 ? Extent.allProcessors() : extent.threads;
    NativeOpsHolder.getInstance().getDeviceNativeOps().setOmpNumThreads(threads);
    System.out.println(
        "# runs ND4J "
            + Nd4j.getBackend().getClass().getSimpleName()
            + ", OpenMP threads: "
            + NativeOpsHolder.getInstance().getDeviceNativeOps().ompGetMaxThreads());
  }

  /** The layer's dropout: an array of ones, the operation on it, a multiplication. */
  @Benchmark
  public INDArray layer(Extent extent) {
    MemoryWorkspace workspace =
        Nd4j.getWorkspaceManager().getAndActivateWorkspace(configuration, WORKSPACE);
    try {
      return dropout.applyDropout(input, output, 0, 0, workspaces);
    } finally {
      workspace.close();
    }
  }

  /** The operation alone. */
  @Benchmark
  public INDArray operation(Extent extent) {
    return Nd4j.getExecutioner().exec(new DropOutInverted(input, output, retain));
  }

  /** Both draw other masks than this library: checks the scale and the share of zeros only. */
  @TearDown
  public void check(Extent extent) {
    check(layer(extent), extent.size);
    check(operation(extent), extent.size);
  }

  private void check(INDArray output, int size) {
    double kept = output.gt(0).castTo(DataType.DOUBLE).sumNumber().doubleValue();
    double sigma = Math.sqrt(size * retain * (1 - retain));
    double largest = output.maxNumber().doubleValue();
    boolean isScaled = kept == 0 ? largest == 0 : Math.abs(largest * retain - 1) < 1e-5;
    // Where hardly any is kept, one more than expected is much in sigmas.
    if (Math.abs(kept - size * retain) > 6 * sigma + 6 || !isScaled) {
      throw new IllegalStateException("kept " + kept + " of " + size + ", largest " + largest);
    }
    output.assign(0);
  }
}
