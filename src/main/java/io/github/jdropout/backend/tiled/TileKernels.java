package io.github.jdropout.backend.tiled;

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
}
