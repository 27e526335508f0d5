package io.github.jdropout.contract;

import io.github.jdropout.backend.BackendId;
import io.github.jdropout.backend.cuda.CudaDevice;
import io.github.jdropout.backend.cuda.CudaSupport;
import io.github.jdropout.parity.reference.ReferenceArithmetic;
import io.github.jdropout.parity.reference.ReferenceMask;
import io.github.jdropout.rng.KeepThreshold;
import io.github.jdropout.spec.Activation;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.Epilogue;
import io.github.jdropout.spec.MaskKey;
import io.github.jdropout.spec.MatrixShape;
import io.github.jdropout.testing.Backends;
import java.util.Arrays;
import java.util.SplittableRandom;

/** What products of dropped matrices are tested with: small integers, whose sums are exact. */
final class DroppedNumbers {
  /** Types that tensor cores multiply. */
  static final ElementType[] TYPES = {ElementType.F16, ElementType.BF16};

  private static final MaskKey KEY = new MaskKey(0x9E3779B97F4A7C15L, 1L << 40);

  /** What gaps hold: it must neither be read into a sum nor be overwritten. */
  private static final float POISON = Float.NaN;

  private DroppedNumbers() {}

  /** Returns the first device; the test is skipped if it does not multiply 16-bit numbers. */
  static CudaDevice device() {
    Backends.assumeAvailable(BackendId.CUDA);
    CudaDevice device = CudaSupport.devices().getFirst();
    boolean isUsable = device.capability() >= 80;
    Backends.assumeUsable(BackendId.CUDA, isUsable, device + " has no tensor cores for bf16");
    return device;
  }

  /** Returns dropout whose scale is a power of two, so that products are integers. */
  static Epilogue dropout(Activation activation, int threshold, long firstIndex, long stride) {
    float factor = KeepThreshold.scaleF32(threshold);
    return new Epilogue(activation, threshold, factor, KEY, firstIndex, stride);
  }

  /** Numbers where they lie in the matrix, and poison in the gaps. */
  static float[] numbers(MatrixShape shape, int largest, SplittableRandom random) {
    float[] values = new float[(int) shape.span()];
    for (int i = 0; i < values.length; i++) {
      boolean isGap = i % shape.rowStride() >= shape.columns();
      values[i] = isGap ? POISON : random.nextInt(2 * largest + 1) - largest;
    }
    return values;
  }

  static long[] bits(ElementType type, float[] values) {
    long[] bits = new long[values.length];
    Arrays.setAll(bits, i -> ReferenceArithmetic.narrow(type, values[i]));
    return bits;
  }

  static int at(MatrixShape shape, int row, int column) {
    return Math.toIntExact(row * shape.rowStride() + column);
  }

  static boolean isKept(Epilogue dropout, int row, int column) {
    long element = dropout.firstIndex() + row * dropout.indexStride() + column;
    return ReferenceMask.isKept(
        dropout.key().seed(), dropout.key().stream(), element, dropout.threshold());
  }

  /** Returns what dropout makes of a matrix: 0 where elements are dropped. */
  static float[] dropped(Epilogue dropout, MatrixShape shape, float[] values) {
    float[] dropped = new float[values.length];
    for (int row = 0; row < shape.rows(); row++) {
      for (int column = 0; column < shape.columns(); column++) {
        if (isKept(dropout, row, column)) {
          int place = at(shape, row, column);
          dropped[place] = values[place] * dropout.factor();
        }
      }
    }
    return dropped;
  }

  /** Puts NaN where elements are dropped. */
  static void poisonDropped(Epilogue dropout, MatrixShape shape, float[] values) {
    for (int row = 0; row < shape.rows(); row++) {
      for (int column = 0; column < shape.columns(); column += 1 + row % 3) {
        if (!isKept(dropout, row, column)) {
          values[at(shape, row, column)] = POISON;
        }
      }
    }
  }
}
