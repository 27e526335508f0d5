package io.github.jdropout.backend.tiled;

/** One thread's working memory for a tile of an epilogue; it stays in the first-level cache. */
final class EpilogueScratch {
  /** Columns per tile; a multiple of 64. */
  static final int TILE = TileScratch.TILE;

  private static final ThreadLocal<EpilogueScratch> OF_THREAD =
      ThreadLocal.withInitial(EpilogueScratch::new);

  /** What the tiles of one epilogue share. */
  final long[] expandedKey = new long[TileKernels.EXPANDED_KEY_LENGTH];

  /**
   * Keep bits of the tile; a word more, for a start that is not a multiple of 64, and the kernels'
   * own.
   */
  final long[] keep = new long[TILE / 64 + 1 + TileKernels.EXTRA_WORDS];

  final long[] signs = new long[TILE / 64];

  /** What becomes the result. */
  final float[] values = new float[TILE];

  final float[] bias = new float[TILE];

  /** The residual, or the derivative of the activation. */
  final float[] operands = new float[TILE];

  /** Sums of the rows of a group. */
  final float[] sums = new float[TILE];

  final float[][] ofKernels = new float[TileKernels.SCRATCH_ARRAYS][TILE];
  final short[] stage = new short[TILE];

  private EpilogueScratch() {}

  static EpilogueScratch ofThread() {
    return OF_THREAD.get();
  }
}
