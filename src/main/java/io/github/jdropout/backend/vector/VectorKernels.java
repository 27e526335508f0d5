package io.github.jdropout.backend.vector;

import io.github.jdropout.backend.BackendId;
import io.github.jdropout.backend.DropoutBackend;
import io.github.jdropout.backend.tiled.TileKernels;
import io.github.jdropout.backend.tiled.TiledBackend;

/** The mask contract in the Vector API. */
public final class VectorKernels implements TileKernels {
  private VectorKernels() {}

  /** Returns the backend; {@link VectorSupport#probe()} tells whether it can run. */
  public static DropoutBackend backend() {
    return new TiledBackend(BackendId.VECTOR, describe(), new VectorKernels());
  }

  /** Returns one line for people; fails as the Vector API does where it is missing. */
  static String describe() {
    return Shapes.SHAPE.vectorBitSize() + "-bit vectors of jdk.incubator.vector";
  }

  @Override
  public void expandKey(long seed, int threshold, long[] expanded) {
    KeepBits.expandKey(seed, threshold, expanded);
  }

  @Override
  public void keepBits(
      long[] expandedKey, long stream, long firstWord, long[] words, int wordCount) {
    KeepBits.fill(expandedKey, stream, firstWord, words, wordCount);
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
    ApplyBits.f32(words, scale, input, inputOffset, output, outputOffset, count);
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
    ApplyBits.f64(words, scale, input, inputOffset, output, outputOffset, count);
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
    ApplyBits.f16(words, scale, input, inputOffset, output, outputOffset, count, scratch);
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
    ApplyBits.bf16(words, scale, input, inputOffset, output, outputOffset, count);
  }
}
