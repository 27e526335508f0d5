package io.github.jdropout.backend.tiled;

import io.github.jdropout.spec.ElementType;

/** One thread's working memory for a tile, small enough to stay in the first-level cache. */
final class TileScratch {
  /** Elements per tile; a multiple of 64. */
  static final int TILE = 1024;

  private static final ThreadLocal<TileScratch> OF_THREAD =
      ThreadLocal.withInitial(TileScratch::new);

  /**
   * One word more than the tile, for a start that is not a multiple of 64, and the kernels' own.
   */
  private static final int WORDS = TILE / 64 + 1 + TileKernels.EXTRA_WORDS;

  /** What the tiles of one application share. */
  final long[] expandedKey = new long[TileKernels.EXPANDED_KEY_LENGTH];

  /** Keep bits of the tile. */
  final long[] words = new long[WORDS];

  /** Keep bits of one row of a shared mask, before they are laid out over the tile. */
  final long[] rowWords = new long[WORDS];

  /** Stage of f32 elements, and what f16 kernels work in. */
  final float[] floats = new float[TILE];

  private final double[] doubles = new double[TILE];
  private final short[] shorts = new short[TILE];

  private TileScratch() {}

  static TileScratch ofThread() {
    return OF_THREAD.get();
  }

  /** Returns an array of TILE elements that holds values of the type. */
  Object stage(ElementType type) {
    return switch (type) {
      case F32 -> floats;
      case F64 -> doubles;
      case F16, BF16 -> shorts;
    };
  }
}
