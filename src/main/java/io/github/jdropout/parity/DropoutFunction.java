package io.github.jdropout.parity;

import io.github.jdropout.spec.Elements;
import io.github.jdropout.spec.MaskKey;

/** Dropout by anybody, to be held against the contract. */
@FunctionalInterface
public interface DropoutFunction {
  /**
   * Drops each element with probability p and multiplies the rest by the scale.
   *
   * @param key seed and stream
   * @param p probability of dropping, in [0, 1]
   * @param firstIndex global index of the first element
   * @param input in arrays or native memory; not to be modified unless it is also {@code output}
   * @param output of the same type and count
   */
  void apply(MaskKey key, double p, long firstIndex, Elements input, Elements output);

  /** The same on arrays of float, for what makes an array of its own. */
  @FunctionalInterface
  interface OfFloats {
    /**
     * Returns the elements that {@link DropoutFunction#apply} would write.
     *
     * @param seed any 64 bits
     * @param stream any 64 bits
     * @param first global index of the first element
     * @param p probability of dropping, in [0, 1]
     * @param input not to be modified
     * @return as many elements
     */
    float[] apply(long seed, long stream, long first, double p, float[] input);
  }
}
