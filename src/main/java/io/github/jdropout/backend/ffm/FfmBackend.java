package io.github.jdropout.backend.ffm;

import io.github.jdropout.backend.BackendId;
import io.github.jdropout.backend.DropoutBackend;
import io.github.jdropout.backend.SharedSubtensors;
import io.github.jdropout.backend.tiled.ParallelSlices;
import io.github.jdropout.spec.DropoutSpec;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.Elements;
import io.github.jdropout.spec.MaskKey;
import io.github.jdropout.spec.MaskShape;
import io.github.jdropout.spec.PackedMask;
import io.github.jdropout.spec.Scaling;
import java.lang.foreign.MemorySegment;

/**
 * Dropout by the native library, on the caller's memory, on or off the heap, without a copy.
 *
 * <p>The garbage collector waits for calls that work on arrays, so each is kept short.
 */
abstract class FfmBackend implements DropoutBackend {
  /** A decision that few elements share takes several times as long as an element's own. */
  private static final int SHARED_SLOWER = 4;

  private final String description;

  /** Elements of one call: about half a millisecond of f64 from memory, less of other types. */
  private final long callElements;

  /** Up to here a tensor takes one call, from here on parts, which threads may share. */
  private final long undivided;

  private final long streamingBytes;

  FfmBackend(LibraryInfo info) {
    this.description = "native code through java.lang.foreign: " + info.features();
    this.callElements = callElements(info.isa());
    this.undivided = Math.min(callElements, ParallelSlices.MIN_ELEMENTS - 1);
    this.streamingBytes = info.streamingBytes();
  }

  /** Not fewer than need be where the library is fast: a new JVM makes calls slowly. */
  static long callElements(String isa) {
    return isa.equals("portable") ? 1L << 16 : 1L << 18;
  }

  /** Returns the functions; a constant, so that the JVM compiles calls to them directly. */
  abstract LibraryFunctions functions();

  @Override
  public final BackendId id() {
    return BackendId.FFM;
  }

  @Override
  public final String description() {
    return description;
  }

  @Override
  public final void forward(
      DropoutSpec spec, MaskKey key, long firstIndex, Elements input, Elements output) {
    double p = spec.p();
    int flags = flags(spec, input, output);
    long count = input.count();
    if (count <= undivided) {
      forward(p, flags, key, firstIndex, input.type(), input.segment(), output.segment(), count);
      return;
    }
    inParts(
        input,
        output,
        true,
        callElements,
        (at, size, source, target) ->
            forward(p, flags, key, firstIndex + at, input.type(), source, target, size));
  }

  private void forward(
      double p,
      int flags,
      MaskKey key,
      long firstIndex,
      ElementType type,
      MemorySegment input,
      MemorySegment output,
      long count) {
    LibraryFunctions functions = functions();
    long seed = key.seed();
    long stream = key.stream();
    // One call in each case: the handle is then a constant of it.
    functions.check(
        switch (type) {
          case F32 ->
              functions.f32().forward(p, flags, seed, stream, firstIndex, input, output, count);
          case F64 ->
              functions.f64().forward(p, flags, seed, stream, firstIndex, input, output, count);
          case F16 ->
              functions.f16().forward(p, flags, seed, stream, firstIndex, input, output, count);
          case BF16 ->
              functions.bf16().forward(p, flags, seed, stream, firstIndex, input, output, count);
        });
  }

  @Override
  public final void forward(DropoutSpec spec, MaskKey key, float[] input, float[] output) {
    if (input.length > undivided) {
      DropoutBackend.super.forward(spec, key, input, output);
      return;
    }
    MemorySegment source = MemorySegment.ofArray(input);
    MemorySegment target = MemorySegment.ofArray(output);
    forwardWhole(functions().f32(), spec, key, source, target, input.length);
  }

  @Override
  public final void forward(DropoutSpec spec, MaskKey key, double[] input, double[] output) {
    if (input.length > undivided) {
      DropoutBackend.super.forward(spec, key, input, output);
      return;
    }
    MemorySegment source = MemorySegment.ofArray(input);
    MemorySegment target = MemorySegment.ofArray(output);
    forwardWhole(functions().f64(), spec, key, source, target, input.length);
  }

  private void forwardWhole(
      TypedFunctions typed,
      DropoutSpec spec,
      MaskKey key,
      MemorySegment input,
      MemorySegment output,
      long count) {
    int flags = classical(spec);
    functions()
        .check(typed.forward(spec.p(), flags, key.seed(), key.stream(), 0, input, output, count));
  }

  @Override
  public final void forwardShared(
      DropoutSpec spec,
      MaskKey key,
      MaskShape shape,
      long firstIndex,
      Elements input,
      Elements output) {
    int flags = flags(spec, input, output);
    int bytes = input.type().bytes();
    TypedFunctions typed = typed(input.type());
    inParts(
        input,
        output,
        true,
        callElements / SHARED_SLOWER,
        (begin, size, source, target) ->
            SharedSubtensors.forEach(
                shape,
                firstIndex + begin,
                size,
                (maskIndex, outer, shared, inner, from, at, count) ->
                    functions()
                        .check(
                            typed.forwardShared(
                                spec.p(),
                                flags,
                                key.seed(),
                                key.stream(),
                                maskIndex,
                                outer,
                                shared,
                                inner,
                                from,
                                source.asSlice(at * bytes, count * bytes),
                                target.asSlice(at * bytes, count * bytes),
                                count))));
  }

  @Override
  public final void mask(DropoutSpec spec, MaskKey key, long firstIndex, PackedMask output) {
    long count = output.count();
    if (count <= undivided) {
      mask(spec, key, firstIndex, output.bytes(), count);
      return;
    }
    inParts(
        count,
        output.isSharedBetweenThreads(),
        callElements,
        (at, size) ->
            mask(
                spec,
                key,
                firstIndex + at,
                output.bytes().asSlice(at >>> 3, PackedMask.bytesFor(size)),
                size));
  }

  private void mask(
      DropoutSpec spec, MaskKey key, long firstIndex, MemorySegment output, long count) {
    LibraryFunctions functions = functions();
    functions.check(functions.mask(spec.p(), key.seed(), key.stream(), firstIndex, output, count));
  }

  @Override
  public final void applyMask(DropoutSpec spec, PackedMask mask, Elements input, Elements output) {
    double p = spec.p();
    int flags = flags(spec, input, output);
    MemorySegment bits = mask.bytes();
    long count = input.count();
    if (count <= undivided) {
      apply(p, flags, bits, 0, input.type(), input.segment(), output.segment(), count);
      return;
    }
    inParts(
        input,
        output,
        mask.isSharedBetweenThreads(),
        callElements,
        (at, size, source, target) ->
            apply(p, flags, bits, at, input.type(), source, target, size));
  }

  private void apply(
      double p,
      int flags,
      MemorySegment mask,
      long firstBit,
      ElementType type,
      MemorySegment input,
      MemorySegment output,
      long count) {
    LibraryFunctions functions = functions();
    functions.check(
        switch (type) {
          case F32 -> functions.f32().apply(p, flags, mask, firstBit, input, output, count);
          case F64 -> functions.f64().apply(p, flags, mask, firstBit, input, output, count);
          case F16 -> functions.f16().apply(p, flags, mask, firstBit, input, output, count);
          case BF16 -> functions.bf16().apply(p, flags, mask, firstBit, input, output, count);
        });
  }

  @Override
  public final void scale(double factor, Elements input, Elements output) {
    int flags = streaming(input, output);
    long count = input.count();
    if (count <= undivided) {
      scale(factor, flags, input.type(), input.segment(), output.segment(), count);
      return;
    }
    inParts(
        input,
        output,
        true,
        callElements,
        (at, size, source, target) -> scale(factor, flags, input.type(), source, target, size));
  }

  private void scale(
      double factor,
      int flags,
      ElementType type,
      MemorySegment input,
      MemorySegment output,
      long count) {
    LibraryFunctions functions = functions();
    functions.check(
        switch (type) {
          case F32 -> functions.f32().scale(factor, flags, input, output, count);
          case F64 -> functions.f64().scale(factor, flags, input, output, count);
          case F16 -> functions.f16().scale(factor, flags, input, output, count);
          case BF16 -> functions.bf16().scale(factor, flags, input, output, count);
        });
  }

  private TypedFunctions typed(ElementType type) {
    LibraryFunctions functions = functions();
    return switch (type) {
      case F32 -> functions.f32();
      case F64 -> functions.f64();
      case F16 -> functions.f16();
      case BF16 -> functions.bf16();
    };
  }

  private int flags(DropoutSpec spec, Elements input, Elements output) {
    return classical(spec) | streaming(input, output);
  }

  private static int classical(DropoutSpec spec) {
    return spec.scaling() == Scaling.CLASSICAL ? LibraryFunctions.CLASSICAL : 0;
  }

  /** The library sees parts only, so it must be told of the whole. */
  private int streaming(Elements input, Elements output) {
    return output.count() * output.type().bytes() >= streamingBytes && !input.isSamePlaceAs(output)
        ? LibraryFunctions.STREAMING
        : 0;
  }

  /** Computes elements {@code at} to {@code at + count - 1} of a call. */
  @FunctionalInterface
  private interface Part {
    void run(long at, long count);
  }

  /** Like {@link Part}, with these elements' memory. */
  @FunctionalInterface
  private interface ElementPart {
    void run(long at, long count, MemorySegment input, MemorySegment output);
  }

  private static void inParts(
      Elements input,
      Elements output,
      boolean isSharedBetweenThreads,
      long limit,
      ElementPart part) {
    int bytes = input.type().bytes();
    MemorySegment source = input.segment();
    MemorySegment target = output.segment();
    inParts(
        input.count(),
        isSharedBetweenThreads && input.isSharedBetweenThreads() && output.isSharedBetweenThreads(),
        limit,
        (at, count) ->
            part.run(
                at,
                count,
                source.asSlice(at * bytes, count * bytes),
                target.asSlice(at * bytes, count * bytes)));
  }

  /** Runs a call in parts of at most {@code limit} elements, and in parallel where that pays. */
  private static void inParts(long count, boolean isSharedBetweenThreads, long limit, Part part) {
    ParallelSlices.Body slice =
        (from, to) -> {
          for (long at = from; at < to; at += limit) {
            part.run(at, Math.min(limit, to - at));
          }
        };
    if (isSharedBetweenThreads && ParallelSlices.pays(count)) {
      ParallelSlices.run(count, slice);
    } else {
      slice.run(0, count);
    }
  }
}
