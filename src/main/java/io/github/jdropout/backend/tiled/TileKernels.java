package io.github.jdropout.backend.tiled;

import io.github.jdropout.spec.Activation;

/**
 * The inner loops of a backend that works in tiles on the CPU.
 *
 * <p>Bits are in words of 64 elements: element i of the tile is bit {@code i & 63} of word {@code i
 * >> 6}, 1 = keep. Arguments are not checked.
 */
public interface TileKernels {
  /** Length of the array that {@link #expandKey} receives. */
  int EXPANDED_KEY_LENGTH = 24;

  /** Words that {@link #keepBits} may write past the last one asked for. */
  int EXTRA_WORDS = 3;

  /** Arrays that {@link #activation} and {@link #derivative} work in. */
  int SCRATCH_ARRAYS = 3;

  /**
   * Computes what all tiles of one application share, in a form of the implementation's own.
   *
   * @param threshold the keep threshold, in [1, 65535]
   */
  void expandKey(long seed, int threshold, long[] expanded);

  /**
   * Writes the keep bits of {@code 64 * wordCount} elements from {@code 64 * firstWord}.
   *
   * @param expandedKey from {@link #expandKey}
   * @param words may be written up to {@value #EXTRA_WORDS} words beyond {@code wordCount}
   */
  void keepBits(long[] expandedKey, long stream, long firstWord, long[] words, int wordCount);

  /**
   * Writes the keep bits of elements from any index.
   *
   * @param expandedKey from {@link #expandKey}
   * @param count at least 1; bit 0 of {@code words[0]} belongs to the first
   * @param words may be written up to {@value #EXTRA_WORDS} + 1 words beyond those of the elements
   */
  default void keepBitsFrom(
      long[] expandedKey, long stream, long firstIndex, int count, long[] words) {
    int shift = (int) (firstIndex & 63);
    int wordCount = BitRanges.wordsFor(count + shift);
    keepBits(expandedKey, stream, firstIndex >>> 6, words, wordCount);
    if (shift != 0) {
      BitRanges.shiftDown(words, wordCount, shift);
    }
  }

  /**
   * Writes {@code input * scale} where the bit is 1 and +0 elsewhere.
   *
   * @param count number of elements; bit 0 of {@code words[0]} belongs to the first
   */
  void applyF32(
      long[] words,
      float scale,
      float[] input,
      int inputOffset,
      float[] output,
      int outputOffset,
      int count);

  /** Like {@link #applyF32}, in binary64. */
  void applyF64(
      long[] words,
      double scale,
      double[] input,
      int inputOffset,
      double[] output,
      int outputOffset,
      int count);

  /**
   * Like {@link #applyF32}, on binary16 bits: widened, multiplied in binary32, rounded once.
   *
   * @param scratch at least {@code count} floats for the kernel's own use
   */
  void applyF16(
      long[] words,
      float scale,
      short[] input,
      int inputOffset,
      short[] output,
      int outputOffset,
      int count,
      float[] scratch);

  /** Like {@link #applyF32}, on bfloat16 bits: widened, multiplied in binary32, rounded once. */
  void applyBf16(
      long[] words,
      float scale,
      short[] input,
      int inputOffset,
      short[] output,
      int outputOffset,
      int count);

  /**
   * Writes bits that tell where the derivative of ReLU is 1: 0 where a value is at most 0.
   *
   * @param values a multiple of 64 long
   * @param words may be written up to the end of the word of the last value
   */
  void signs(float[] values, int count, long[] words);

  /**
   * Replaces values by their activation.
   *
   * @param activation one that {@linkplain Activation#needsProduct() is a curve}
   * @param values a multiple of 64 long; what follows {@code count} may change up to the next one
   * @param scratch {@value #SCRATCH_ARRAYS} arrays as long, for the kernel's own use
   */
  void activation(Activation activation, float[] values, int count, float[][] scratch);

  /** Replaces values by the activation's derivative there; see {@link #activation}. */
  void derivative(Activation activation, float[] values, int count, float[][] scratch);
}
