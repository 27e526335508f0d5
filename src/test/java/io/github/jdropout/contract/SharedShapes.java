package io.github.jdropout.contract;

import io.github.jdropout.spec.MaskShape;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** Shapes of shared masks: the usual ones, and random ones of any rank with a fixed seed. */
final class SharedShapes {
  private SharedShapes() {}

  static List<MaskShape> all() {
    List<MaskShape> shapes = new ArrayList<>();
    shapes.add(MaskShape.sharing(new long[] {}));
    shapes.add(MaskShape.sharing(new long[] {1, 1}));
    shapes.add(MaskShape.sharing(new long[] {1, 1}, 0));
    shapes.add(MaskShape.sharing(new long[] {5000}));
    shapes.add(MaskShape.sharing(new long[] {5000}, 0));
    shapes.add(MaskShape.sharing(new long[] {3, 0, 5}, 2));
    shapes.add(MaskShape.sharing(new long[] {4, 9, 130}, 1)); // variational over time
    shapes.add(MaskShape.sharing(new long[] {4, 20, 12, 11}, 2, 3)); // spatial, NCHW
    shapes.add(MaskShape.sharing(new long[] {4, 12, 11, 20}, 1, 2)); // spatial, NHWC
    shapes.add(MaskShape.sharing(new long[] {40, 7, 30}, 1, 2)); // stochastic depth
    shapes.add(MaskShape.sharing(new long[] {6, 1500, 2}, 0)); // rows longer than a tile
    shapes.add(MaskShape.sharing(new long[] {7, 1024}, 0)); // rows of exactly a tile
    shapes.add(MaskShape.sharing(new long[] {3, 2049}, 1)); // runs longer than a tile
    shapes.add(MaskShape.sharing(new long[] {300, 2, 500}, 1)); // large enough to be split
    SplittableRandom random = new SplittableRandom(20);
    while (shapes.size() < 60) {
      int rank = 1 + random.nextInt(5);
      long[] tensor =
          IntStream.range(0, rank)
              .mapToLong(axis -> 1 + random.nextInt(12 - 2 * rank + 3))
              .toArray();
      int[] shared = IntStream.range(0, rank).filter(axis -> random.nextBoolean()).toArray();
      shapes.add(MaskShape.sharing(tensor, shared));
    }
    return shapes;
  }

  /** More elements than an int counts, in the tensor and, but for one, in the mask. */
  static List<MaskShape> huge() {
    return List.of(
        MaskShape.sharing(new long[] {(1L << 33) + 9}),
        MaskShape.sharing(new long[] {3, (1L << 60) + 7}, 0), // long rows, repeated
        MaskShape.sharing(new long[] {5, 2, 1L << 33}, 1), // rows far apart
        MaskShape.sharing(new long[] {1L << 40, 5, 6}, 1), // short rows
        MaskShape.sharing(new long[] {(1L << 34) + 1, 77}, 1), // many decisions, each for a few
        MaskShape.sharing(new long[] {50, 1L << 33}, 1)); // few decisions, each for very many
  }

  /** Returns a shape of up to about {@code largest} elements and up to six axes. */
  static MaskShape random(SplittableRandom random, int largest) {
    int rank = 1 + random.nextInt(6);
    int largestAxis = (int) Math.pow(largest, 1.0 / rank);
    long[] tensor =
        LongStream.generate(() -> 1 + random.nextInt(largestAxis)).limit(rank).toArray();
    int[] shared = IntStream.range(0, rank).filter(axis -> random.nextBoolean()).toArray();
    return MaskShape.sharing(tensor, shared);
  }

  /** The index in the mask, through the coordinates on every axis. */
  static long maskIndex(MaskShape shape, long element) {
    long[] tensor = shape.tensorShape();
    long[] mask = shape.maskShape();
    long[] coordinates = new long[tensor.length];
    long rest = element;
    for (int axis = tensor.length - 1; axis >= 0; axis--) {
      coordinates[axis] = rest % tensor[axis];
      rest /= tensor[axis];
    }
    long index = 0;
    for (int axis = 0; axis < tensor.length; axis++) {
      index = index * mask[axis] + (mask[axis] == 1 ? 0 : coordinates[axis]);
    }
    return index;
  }
}
