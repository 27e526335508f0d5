package io.github.jdropout.spec;

import java.util.Arrays;
import java.util.Objects;

/**
 * The shape of a tensor and of the mask that is broadcast over it.
 *
 * <p>The mask has the tensor's size on some axes and size 1 on the others, where one decision is
 * shared by all positions. Examples for tensors of shape
 *
 * <ul>
 *   <li>[batch, time, features]: {@code sharing(shape, 1)} is variational dropout, one mask for all
 *       time steps (Gal, Ghahramani, 2016);
 *   <li>[batch, channels, height, width]: {@code sharing(shape, 2, 3)} is spatial dropout, whole
 *       feature maps (Tompson et al., 2015);
 *   <li>[batch, …]: sharing all axes but 0 is stochastic depth, whole samples (Huang et al., 2016).
 * </ul>
 *
 * <p>Tensors are in row-major (C) order. The element index of the mask contract is the row-major
 * index in the <em>mask's</em> shape.
 */
public final class MaskShape {
  private final long[] tensor;
  private final long[] mask;
  private final long elementCount;
  private final long maskElementCount;

  /** Sizes of maximal groups of neighbouring axes that are all shared or all not, outer first. */
  private final long[] runs;

  private final boolean[] runShared;

  private MaskShape(long[] tensor, long[] mask) {
    this.tensor = tensor;
    this.mask = mask;
    this.elementCount = product(tensor);
    this.maskElementCount = elementCount == 0 ? 0 : product(mask);
    long[] sizes = new long[tensor.length];
    boolean[] shared = new boolean[tensor.length];
    int used = 0;
    for (int axis = 0; axis < tensor.length; axis++) {
      if (tensor[axis] == 1) {
        continue;
      }
      boolean isShared = mask[axis] != tensor[axis];
      if (used > 0 && shared[used - 1] == isShared) {
        sizes[used - 1] *= tensor[axis];
      } else {
        sizes[used] = tensor[axis];
        shared[used] = isShared;
        used++;
      }
    }
    this.runs = Arrays.copyOf(sizes, used);
    this.runShared = Arrays.copyOf(shared, used);
  }

  /**
   * Returns the mask shape that has size 1 on the given axes and the tensor's size elsewhere.
   *
   * @param tensor sizes of the tensor's axes, each at least 0, outermost first
   * @param sharedAxes axes in [0, tensor.length), in any order, each at most once
   * @throws IllegalArgumentException if a size or an axis is outside its range, an axis is given
   *     twice, or the tensor has 2^63 elements or more
   */
  public static MaskShape sharing(long[] tensor, int... sharedAxes) {
    Objects.requireNonNull(tensor, "tensor");
    Objects.requireNonNull(sharedAxes, "sharedAxes");
    long[] mask = tensor.clone();
    boolean[] seen = new boolean[tensor.length];
    for (int axis : sharedAxes) {
      if (axis < 0 || axis >= tensor.length) {
        throw new IllegalArgumentException(
            "sharedAxes must be in [0, " + tensor.length + ") but one is " + axis);
      }
      if (seen[axis]) {
        throw new IllegalArgumentException(
            "sharedAxes must differ but " + axis + " is there twice");
      }
      seen[axis] = true;
      mask[axis] = 1;
    }
    return of(tensor, mask);
  }

  /**
   * Returns the pair of a tensor's and a mask's shape.
   *
   * @param tensor sizes of the tensor's axes, each at least 0, outermost first
   * @param mask on each axis 1 or the tensor's size
   * @throws IllegalArgumentException if ranks differ, a size is outside its range, or the tensor
   *     has 2^63 elements or more
   */
  public static MaskShape of(long[] tensor, long[] mask) {
    Objects.requireNonNull(tensor, "tensor");
    Objects.requireNonNull(mask, "mask");
    if (tensor.length != mask.length) {
      throw new IllegalArgumentException(
          "mask must have the tensor's rank "
              + tensor.length
              + " but has "
              + mask.length
              + ": tensor "
              + Arrays.toString(tensor)
              + ", mask "
              + Arrays.toString(mask));
    }
    for (int axis = 0; axis < tensor.length; axis++) {
      if (tensor[axis] < 0) {
        throw new IllegalArgumentException(
            "tensor must have sizes of at least 0 but is " + Arrays.toString(tensor));
      }
      if (mask[axis] != 1 && mask[axis] != tensor[axis]) {
        throw new IllegalArgumentException(
            "mask must have size 1 or "
                + tensor[axis]
                + " on axis "
                + axis
                + " but is "
                + Arrays.toString(mask)
                + " for tensor "
                + Arrays.toString(tensor));
      }
    }
    return new MaskShape(tensor.clone(), mask.clone());
  }

  private static long product(long[] sizes) {
    for (long size : sizes) {
      if (size == 0) {
        return 0;
      }
    }
    long product = 1;
    for (long size : sizes) {
      if (Math.multiplyHigh(product, size) != 0 || product * size < 0) {
        throw new IllegalArgumentException(
            "tensor must have fewer than 2^63 elements but is " + Arrays.toString(sizes));
      }
      product *= size;
    }
    return product;
  }

  /** Returns the tensor's shape, a copy. */
  public long[] tensorShape() {
    return tensor.clone();
  }

  /** Returns the mask's shape, a copy. */
  public long[] maskShape() {
    return mask.clone();
  }

  /** Returns the number of elements of the tensor. */
  public long elementCount() {
    return elementCount;
  }

  /** Returns the number of decisions, the elements of the mask. */
  public long maskElementCount() {
    return maskElementCount;
  }

  /**
   * Returns the number of runs: maximal groups of neighbouring axes of one kind, without axes of
   * size 1. Runs alternate between shared and not shared.
   */
  public int runCount() {
    return runs.length;
  }

  /** Returns the number of positions of run {@code run}, counted from the outermost, 0. */
  public long runLength(int run) {
    return runs[run];
  }

  /** Returns whether the mask has size 1 on the axes of run {@code run}. */
  public boolean isRunShared(int run) {
    return runShared[run];
  }

  /**
   * Returns the mask's element for a tensor's element, both as row-major indices.
   *
   * @param tensorIndex in [0, elementCount()); not checked
   */
  public long maskIndex(long tensorIndex) {
    long rest = tensorIndex;
    long index = 0;
    long stride = 1;
    for (int run = runs.length - 1; run >= 0; run--) {
      if (!runShared[run]) {
        index += rest % runs[run] * stride;
        stride *= runs[run];
      }
      rest /= runs[run];
    }
    return index;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof MaskShape that
        && Arrays.equals(tensor, that.tensor)
        && Arrays.equals(mask, that.mask);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(tensor) + Arrays.hashCode(mask);
  }

  @Override
  public String toString() {
    return "MaskShape[tensor=" + Arrays.toString(tensor) + ", mask=" + Arrays.toString(mask) + "]";
  }
}
