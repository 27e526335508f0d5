package io.github.jdropout.backend;

import io.github.jdropout.spec.DropoutSpec;
import io.github.jdropout.spec.Elements;
import io.github.jdropout.spec.MaskKey;
import io.github.jdropout.spec.MaskShape;
import io.github.jdropout.spec.PackedMask;

/**
 * One way of evaluating the mask contract.
 *
 * <p>Arguments arrive checked: equal types and counts, ranges, liveness, and input and output
 * either the same place or disjoint. Every backend returns the same bits. Implementations are safe
 * for use by several threads and return when the output is complete.
 */
public interface DropoutBackend {
  /** Returns which backend this is. */
  BackendId id();

  /** Returns one line for people: what it computes with. */
  String description();

  /**
   * Writes each element times the training scale where the mask keeps it, +0 elsewhere.
   *
   * @param firstIndex global index of the first element
   */
  void forward(DropoutSpec spec, MaskKey key, long firstIndex, Elements input, Elements output);

  /**
   * Like {@link #forward(DropoutSpec, MaskKey, long, Elements, Elements)} on whole arrays from
   * index 0, for backends that can do without views: a training loop calls this often.
   */
  default void forward(DropoutSpec spec, MaskKey key, float[] input, float[] output) {
    forward(spec, key, 0, Elements.of(input), Elements.of(output));
  }

  /** Like {@link #forward(DropoutSpec, MaskKey, float[], float[])}, on f64. */
  default void forward(DropoutSpec spec, MaskKey key, double[] input, double[] output) {
    forward(spec, key, 0, Elements.of(input), Elements.of(output));
  }

  /**
   * Like {@link #forward(DropoutSpec, MaskKey, long, Elements, Elements)}, with one decision shared
   * along some axes.
   *
   * @param shape shapes of the whole tensor and its mask
   * @param firstIndex index of the first element in the whole tensor
   */
  void forwardShared(
      DropoutSpec spec,
      MaskKey key,
      MaskShape shape,
      long firstIndex,
      Elements input,
      Elements output);

  /**
   * Writes the mask of the elements from {@code firstIndex}, as many as {@code output} holds.
   *
   * @param firstIndex global index of the element of bit 0
   */
  void mask(DropoutSpec spec, MaskKey key, long firstIndex, PackedMask output);

  /**
   * Like {@link #forward(DropoutSpec, MaskKey, long, Elements, Elements)}, with the decisions read
   * from {@code mask} instead of computed.
   */
  void applyMask(DropoutSpec spec, PackedMask mask, Elements input, Elements output);

  /** Writes each element times {@code factor}, rounded to binary32 first but for f64 data. */
  void scale(double factor, Elements input, Elements output);
}
