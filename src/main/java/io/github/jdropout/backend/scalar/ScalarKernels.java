package io.github.jdropout.backend.scalar;

import io.github.jdropout.backend.BackendId;
import io.github.jdropout.backend.DropoutBackend;
import io.github.jdropout.backend.EpilogueBackend;
import io.github.jdropout.backend.tiled.Bfloat16;
import io.github.jdropout.backend.tiled.ScalarActivations;
import io.github.jdropout.backend.tiled.TileKernels;
import io.github.jdropout.backend.tiled.TiledBackend;
import io.github.jdropout.backend.tiled.TiledEpilogues;
import io.github.jdropout.rng.Philox4x32;
import io.github.jdropout.spec.Activation;

/**
 * The reference: the mask contract in plain Java, an element at a time.
 *
 * <p>Other backends are fast versions of what is written here.
 */
public final class ScalarKernels implements TileKernels {
  private static final int LANES_PER_QUAD = 8;
  private static final int QUADS_PER_WORD = 8;

  private ScalarKernels() {}

  /** Returns the backend. */
  public static DropoutBackend backend() {
    return new TiledBackend(BackendId.SCALAR, "plain Java", new ScalarKernels());
  }

  /** Returns the epilogues of layers. */
  public static EpilogueBackend epilogues() {
    return new TiledEpilogues(new ScalarKernels());
  }

  @Override
  public void expandKey(long seed, int threshold, long[] expanded) {
    expanded[0] = seed;
    expanded[1] = threshold;
  }

  @Override
  public void keepBits(
      long[] expandedKey, long stream, long firstWord, long[] words, int wordCount) {
    long seed = expandedKey[0];
    long threshold = expandedKey[1];
    int[] quadWords = new int[4];
    for (int word = 0; word < wordCount; word++) {
      long bits = 0;
      for (int quad = 0; quad < QUADS_PER_WORD; quad++) {
        Philox4x32.quad(seed, stream, (firstWord + word) * QUADS_PER_WORD + quad, quadWords);
        for (int lane = 0; lane < LANES_PER_QUAD; lane++) {
          long value = (long) quadWords[lane >> 1] >>> (16 * (lane & 1)) & 0xFFFF;
          // The sign of the difference is 1 where value < threshold.
          bits |= (value - threshold) >>> 63 << (quad * LANES_PER_QUAD + lane);
        }
      }
      words[word] = bits;
    }
  }

  @Override
  public void applyF32(
      long[] words,
      float scale,
      float[] input,
      int inputOffset,
      float[] output,
      int outputOffset,
      int count) {
    for (int i = 0; i < count; i++) {
      int product = Float.floatToRawIntBits(input[inputOffset + i] * scale);
      output[outputOffset + i] = Float.intBitsToFloat(product & (int) onesIfKept(words, i));
    }
  }

  @Override
  public void applyF64(
      long[] words,
      double scale,
      double[] input,
      int inputOffset,
      double[] output,
      int outputOffset,
      int count) {
    for (int i = 0; i < count; i++) {
      long product = Double.doubleToRawLongBits(input[inputOffset + i] * scale);
      output[outputOffset + i] = Double.longBitsToDouble(product & onesIfKept(words, i));
    }
  }

  @Override
  public void applyF16(
      long[] words,
      float scale,
      short[] input,
      int inputOffset,
      short[] output,
      int outputOffset,
      int count,
      float[] scratch) {
    for (int i = 0; i < count; i++) {
      float product = Float.float16ToFloat(input[inputOffset + i]) * scale;
      output[outputOffset + i] = (short) (Float.floatToFloat16(product) & onesIfKept(words, i));
    }
  }

  @Override
  public void applyBf16(
      long[] words,
      float scale,
      short[] input,
      int inputOffset,
      short[] output,
      int outputOffset,
      int count) {
    for (int i = 0; i < count; i++) {
      float product = Bfloat16.toFloat(input[inputOffset + i]) * scale;
      output[outputOffset + i] = (short) (Bfloat16.fromFloat(product) & onesIfKept(words, i));
    }
  }

  @Override
  public void signs(float[] values, int count, long[] words) {
    for (int from = 0; from < count; from += 64) {
      long bits = 0;
      for (int i = 0; i < 64; i++) {
        bits |= (values[from + i] <= 0 ? 0L : 1L) << i;
      }
      words[from >>> 6] = bits;
    }
  }

  @Override
  public void activation(Activation activation, float[] values, int count, float[][] scratch) {
    ScalarActivations.activation(activation, values, count);
  }

  @Override
  public void derivative(Activation activation, float[] values, int count, float[][] scratch) {
    ScalarActivations.derivative(activation, values, count);
  }

  /**
   * Returns all ones where the element is kept, else 0: AND with it selects. A branch on random
   * bits would cost more than all the arithmetic.
   */
  private static long onesIfKept(long[] words, int element) {
    return -(words[element >>> 6] >>> element & 1);
  }
}
