package io.github.jdropout.backend.tiled;

import io.github.jdropout.backend.BackendId;
import io.github.jdropout.backend.DropoutBackend;
import io.github.jdropout.rng.KeepThreshold;
import io.github.jdropout.spec.DropoutSpec;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.Elements;
import io.github.jdropout.spec.MaskKey;
import io.github.jdropout.spec.MaskShape;
import io.github.jdropout.spec.PackedMask;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Dropout on the CPU, one tile after the other: first the tile's keep bits, then its elements.
 *
 * <p>Bits of every origin – computed, given, shared along axes – meet elements of every type in
 * {@link TileScratch}, so that neither knows the other. Arrays are read and written in place;
 * segments pass through the tile, which costs a copy inside the first-level cache.
 */
public final class TiledBackend implements DropoutBackend {
  private static final int TILE = TileScratch.TILE;

  private final BackendId id;
  private final String description;
  private final TileKernels kernels;

  /**
   * Creates a backend.
   *
   * @param description one line for people
   * @param kernels the inner loops
   */
  public TiledBackend(BackendId id, String description, TileKernels kernels) {
    this.id = id;
    this.description = description;
    this.kernels = kernels;
  }

  @Override
  public BackendId id() {
    return id;
  }

  @Override
  public String description() {
    return description;
  }

  @Override
  public void forward(
      DropoutSpec spec, MaskKey key, long firstIndex, Elements input, Elements output) {
    int threshold = spec.threshold();
    if (isTrivial(threshold, input, output)) {
      return;
    }
    long count = input.count();
    if (splits(input, output)) {
      ParallelSlices.run(
          count, (from, to) -> forward(spec, threshold, key, firstIndex, input, output, from, to));
    } else {
      forward(spec, threshold, key, firstIndex, input, output, 0, count);
    }
  }

  private void forward(
      DropoutSpec spec,
      int threshold,
      MaskKey key,
      long firstIndex,
      Elements input,
      Elements output,
      long from,
      long to) {
    TileScratch scratch = TileScratch.ofThread();
    kernels.expandKey(key.seed(), threshold, scratch.expandedKey);
    double scale = spec.scale();
    float scaleF32 = spec.scaleF32();
    for (long at = from; at < to; at += TILE) {
      int count = (int) Math.min(TILE, to - at);
      keepBits(scratch, key.stream(), firstIndex + at, count, scratch.words);
      apply(scratch, scale, scaleF32, input, output, at, count);
    }
  }

  @Override
  public void forward(DropoutSpec spec, MaskKey key, float[] input, float[] output) {
    int threshold = spec.threshold();
    if (!isRandom(threshold) || ParallelSlices.pays(input.length)) {
      DropoutBackend.super.forward(spec, key, input, output);
      return;
    }
    TileScratch scratch = TileScratch.ofThread();
    kernels.expandKey(key.seed(), threshold, scratch.expandedKey);
    float scale = spec.scaleF32();
    for (int at = 0; at < input.length; at += TILE) {
      int count = Math.min(TILE, input.length - at);
      keepBits(scratch, key.stream(), at, count, scratch.words);
      kernels.applyF32(scratch.words, scale, input, at, output, at, count);
    }
  }

  @Override
  public void forward(DropoutSpec spec, MaskKey key, double[] input, double[] output) {
    int threshold = spec.threshold();
    if (!isRandom(threshold) || ParallelSlices.pays(input.length)) {
      DropoutBackend.super.forward(spec, key, input, output);
      return;
    }
    TileScratch scratch = TileScratch.ofThread();
    kernels.expandKey(key.seed(), threshold, scratch.expandedKey);
    double scale = spec.scale();
    for (int at = 0; at < input.length; at += TILE) {
      int count = Math.min(TILE, input.length - at);
      keepBits(scratch, key.stream(), at, count, scratch.words);
      kernels.applyF64(scratch.words, scale, input, at, output, at, count);
    }
  }

  @Override
  public void forwardShared(
      DropoutSpec spec,
      MaskKey key,
      MaskShape shape,
      long firstIndex,
      Elements input,
      Elements output) {
    int threshold = spec.threshold();
    if (isTrivial(threshold, input, output)) {
      return;
    }
    ParallelSlices.Body body =
        (from, to) -> {
          TileScratch scratch = TileScratch.ofThread();
          kernels.expandKey(key.seed(), threshold, scratch.expandedKey);
          SharedMaskBits bits = new SharedMaskBits(this, key.stream(), shape, scratch);
          double scale = spec.scale();
          float scaleF32 = spec.scaleF32();
          for (long at = from; at < to; at += TILE) {
            int count = (int) Math.min(TILE, to - at);
            bits.fill(firstIndex + at, count, scratch.words);
            apply(scratch, scale, scaleF32, input, output, at, count);
          }
        };
    run(body, input.count(), splits(input, output));
  }

  @Override
  public void mask(DropoutSpec spec, MaskKey key, long firstIndex, PackedMask output) {
    int threshold = spec.threshold();
    long count = output.count();
    if (ParallelSlices.pays(count) && output.isSharedBetweenThreads()) {
      ParallelSlices.run(count, (from, to) -> mask(threshold, key, firstIndex, output, from, to));
    } else {
      mask(threshold, key, firstIndex, output, 0, count);
    }
  }

  private void mask(
      int threshold, MaskKey key, long firstIndex, PackedMask output, long from, long to) {
    TileScratch scratch = TileScratch.ofThread();
    boolean isRandom = isRandom(threshold);
    if (isRandom) {
      kernels.expandKey(key.seed(), threshold, scratch.expandedKey);
    } else {
      Arrays.fill(scratch.words, threshold == KeepThreshold.KEEP_ALL ? -1L : 0L);
    }
    for (long at = from; at < to; at += TILE) {
      int count = (int) Math.min(TILE, to - at);
      if (isRandom) {
        keepBits(scratch, key.stream(), firstIndex + at, count, scratch.words);
      }
      output.write(at, scratch.words, count);
    }
  }

  @Override
  public void applyMask(DropoutSpec spec, PackedMask mask, Elements input, Elements output) {
    if (spec.threshold() == KeepThreshold.KEEP_NONE) {
      fillWithZeros(output);
      return;
    }
    long count = input.count();
    if (splits(input, output) && mask.isSharedBetweenThreads()) {
      ParallelSlices.run(count, (from, to) -> applyMask(spec, mask, input, output, from, to));
    } else {
      applyMask(spec, mask, input, output, 0, count);
    }
  }

  private void applyMask(
      DropoutSpec spec, PackedMask mask, Elements input, Elements output, long from, long to) {
    TileScratch scratch = TileScratch.ofThread();
    double scale = spec.scale();
    float scaleF32 = spec.scaleF32();
    for (long at = from; at < to; at += TILE) {
      int count = (int) Math.min(TILE, to - at);
      mask.read(at, scratch.words, count);
      apply(scratch, scale, scaleF32, input, output, at, count);
    }
  }

  @Override
  public void scale(double factor, Elements input, Elements output) {
    if (factor == 1) {
      copy(input, output);
    } else if (splits(input, output)) {
      ParallelSlices.run(input.count(), (from, to) -> scale(factor, input, output, from, to));
    } else {
      scale(factor, input, output, 0, input.count());
    }
  }

  private void scale(double factor, Elements input, Elements output, long from, long to) {
    TileScratch scratch = TileScratch.ofThread();
    Arrays.fill(scratch.words, -1L);
    for (long at = from; at < to; at += TILE) {
      int count = (int) Math.min(TILE, to - at);
      apply(scratch, factor, (float) factor, input, output, at, count);
    }
  }

  /**
   * Writes the bits of {@code count} elements, at most a tile, from any element index.
   *
   * @param scratch holds the expanded key
   */
  void keepBits(TileScratch scratch, long stream, long firstIndex, int count, long[] words) {
    kernels.keepBitsFrom(scratch.expandedKey, stream, firstIndex, count, words);
  }

  private static boolean isRandom(int threshold) {
    return threshold != KeepThreshold.KEEP_ALL && threshold != KeepThreshold.KEEP_NONE;
  }

  /** Handles the probabilities for which no random number is drawn. */
  private static boolean isTrivial(int threshold, Elements input, Elements output) {
    switch (threshold) {
      case KeepThreshold.KEEP_ALL -> copy(input, output);
      case KeepThreshold.KEEP_NONE -> fillWithZeros(output);
      default -> {
        return false;
      }
    }
    return true;
  }

  private void apply(
      TileScratch scratch,
      double scale,
      float scaleF32,
      Elements input,
      Elements output,
      long at,
      int count) {
    ElementType type = input.type();
    Object source = input.array();
    int sourceAt = 0;
    if (source != null) {
      sourceAt = (int) (input.arrayOffset() + at);
    } else {
      source = scratch.stage(type);
      input.read(at, source, count);
    }
    Object target = output.array();
    if (target != null) {
      int targetAt = (int) (output.arrayOffset() + at);
      apply(type, scratch, scale, scaleF32, source, sourceAt, target, targetAt, count);
    } else {
      target = scratch.stage(type);
      apply(type, scratch, scale, scaleF32, source, sourceAt, target, 0, count);
      output.write(at, target, count);
    }
  }

  private void apply(
      ElementType type,
      TileScratch scratch,
      double scale,
      float scaleF32,
      Object source,
      int sourceAt,
      Object target,
      int targetAt,
      int count) {
    long[] words = scratch.words;
    switch (type) {
      case F32 ->
          kernels.applyF32(
              words, scaleF32, (float[]) source, sourceAt, (float[]) target, targetAt, count);
      case F64 ->
          kernels.applyF64(
              words, scale, (double[]) source, sourceAt, (double[]) target, targetAt, count);
      case F16 ->
          kernels.applyF16(
              words,
              scaleF32,
              (short[]) source,
              sourceAt,
              (short[]) target,
              targetAt,
              count,
              scratch.floats);
      case BF16 ->
          kernels.applyBf16(
              words, scaleF32, (short[]) source, sourceAt, (short[]) target, targetAt, count);
    }
  }

  private static void copy(Elements input, Elements output) {
    if (input.isSamePlaceAs(output)) {
      return;
    }
    long count = input.count();
    if (input.isArray() && output.isArray() && !ParallelSlices.pays(count)) {
      System.arraycopy(
          input.array(), input.arrayOffset(), output.array(), output.arrayOffset(), (int) count);
      return;
    }
    MemorySegment source = input.segment();
    MemorySegment target = output.segment();
    int bytes = input.type().bytes();
    run(
        (from, to) ->
            MemorySegment.copy(source, from * bytes, target, from * bytes, (to - from) * bytes),
        count,
        splits(input, output));
  }

  private static void fillWithZeros(Elements output) {
    MemorySegment target = output.segment();
    int bytes = output.type().bytes();
    run(
        (from, to) -> target.asSlice(from * bytes, (to - from) * bytes).fill((byte) 0),
        output.count(),
        splits(output, output));
  }

  private static void run(ParallelSlices.Body body, long count, boolean isSplit) {
    if (isSplit) {
      ParallelSlices.run(count, body);
    } else {
      body.run(0, count);
    }
  }

  private static boolean splits(Elements input, Elements output) {
    return ParallelSlices.pays(input.count())
        && input.isSharedBetweenThreads()
        && output.isSharedBetweenThreads();
  }
}
