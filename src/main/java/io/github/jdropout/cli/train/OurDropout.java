package io.github.jdropout.cli.train;

import io.github.jdropout.Dropout;
import io.github.jdropout.rng.StreamAllocator;
import io.github.jdropout.spec.MaskKey;
import org.deeplearning4j.nn.conf.dropout.IDropout;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Where this library's dropout for Deeplearning4j comes from. */
final class OurDropout {
  private OurDropout() {}

  /**
   * Returns dropout for one place of a network.
   *
   * @param p probability of dropping
   * @param seed of the run
   * @param site number of the place, different for each in a network
   */
  static IDropout ours(double p, long seed, int site) {
    return new Copying(p, seed, site);
  }

  /** Goes through arrays on the heap; the key of each call is its number. */
  private static final class Copying implements IDropout {
    private static final long serialVersionUID = 1L;

    private final double p;
    private final long seed;
    private final int site;
    private long calls;

    Copying(double p, long seed, int site) {
      this.p = p;
      this.seed = seed;
      this.site = site;
    }

    @Override
    public INDArray applyDropout(
        INDArray input, INDArray result, int iteration, int epoch, LayerWorkspaceMgr workspaces) {
      calls++;
      return drop(input, result);
    }

    @Override
    public INDArray backprop(
        INDArray gradAtOutput, INDArray gradAtInput, int iteration, int epoch) {
      return drop(gradAtOutput, gradAtInput);
    }

    private INDArray drop(INDArray input, INDArray output) {
      float[] values = input.dup('c').data().asFloat();
      Dropout.of(p).forward(values, values, new MaskKey(seed, StreamAllocator.stream(site, calls)));
      return output.assign(Nd4j.create(values, input.shape(), 'c'));
    }

    @Override
    public void clear() {}

    @Override
    @SuppressWarnings("MethodDoesntCallSuperMethod")
    public IDropout clone() {
      return new Copying(p, seed, site);
    }
  }
}
