package io.github.jdropout.spec;

import io.github.jdropout.rng.KeepThreshold;
import java.util.Objects;

/**
 * What a layer does to the product of its matrices: activation and dropout, with a bias before and
 * a residual after where there are such.
 *
 * <p>{@code docs/contract.md}, section "Layers", defines it to the bit.
 *
 * @param activation applied to each element
 * @param threshold keep threshold T, in [0, 65536]
 * @param factor of kept elements
 * @param key selects the mask
 * @param firstIndex global index of the first row's first element
 * @param indexStride by how much the global index grows from a row to the next
 */
public record Epilogue(
    Activation activation,
    int threshold,
    float factor,
    MaskKey key,
    long firstIndex,
    long indexStride) {
  /** Rows of which one partial sum of the bias's gradient is made. */
  public static final int GROUP_ROWS = 32;

  /** Checks that nothing is missing; ranges are checked against a matrix. */
  public Epilogue {
    Objects.requireNonNull(activation, "activation");
    Objects.requireNonNull(key, "key");
  }

  /**
   * Returns the epilogue of a training step.
   *
   * @param indexStride columns of the whole, global matrix
   */
  public static Epilogue training(
      DropoutSpec spec, Activation activation, MaskKey key, long firstIndex, long indexStride) {
    return new Epilogue(
        activation, spec.threshold(), spec.scaleF32(), key, firstIndex, indexStride);
  }

  /** Returns the epilogue of inference, which keeps everything. */
  public static Epilogue inference(DropoutSpec spec, Activation activation) {
    float factor = (float) spec.inferenceScale();
    return new Epilogue(activation, KeepThreshold.KEEP_ALL, factor, new MaskKey(0, 0), 0, 0);
  }

  /** Returns the epilogue of the rows from one on. */
  public Epilogue atRow(long row) {
    long index = firstIndex + row * indexStride;
    return new Epilogue(activation, threshold, factor, key, index, indexStride);
  }

  /** Returns whether random bits decide: neither everything nor nothing is kept. */
  public boolean isRandom() {
    return threshold != KeepThreshold.KEEP_NONE && threshold != KeepThreshold.KEEP_ALL;
  }

  /**
   * Returns the size of the sign bits that ReLU keeps for its gradient: a bit for each element, 1
   * where its derivative is 1. Bit {@code j & 63} of a row's little-endian word {@code j >> 6} is
   * column j; each row begins with a word of its own, and bits after the last column are 0.
   */
  public static long signBytes(MatrixShape shape) {
    return Math.multiplyExact(
        shape.rows(), (shape.columns() / 64 + (shape.columns() % 64 == 0 ? 0 : 1)) * 8);
  }

  /** Returns how many rows of partial sums the gradient of the bias has. */
  public static long groups(long rows) {
    return rows / GROUP_ROWS + (rows % GROUP_ROWS == 0 ? 0 : 1);
  }
}
