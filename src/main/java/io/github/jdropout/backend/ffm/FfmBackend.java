package io.github.jdropout.backend.ffm;

import io.github.jdropout.backend.BackendId;
import io.github.jdropout.backend.DropoutBackend;
import io.github.jdropout.backend.SharedBlocks;
import io.github.jdropout.backend.tiled.ParallelSlices;
import io.github.jdropout.spec.DropoutSpec;
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
  /** Elements of one call: half a millisecond where the library is slowest. */
  static final long CALL_ELEMENTS = 1L << 17;

  private final String description;
  private final long streamingBytes;

  FfmBackend(LibraryInfo info) {
    this.description = "native code through java.lang.foreign: " + info.features();
    this.streamingBytes = info.streamingBytes();
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
    int flags = flags(spec, input, output);
    inSlices(
        input,
        output,
        (at, count, source, target) ->
            forward(spec.p(), flags, key, firstIndex + at, input, source, target, count));
  }

  private void forward(
      double p,
      int flags,
      MaskKey key,
      long firstIndex,
      Elements elements,
      MemorySegment input,
      MemorySegment output,
      long count) {
    LibraryFunctions functions = functions();
    long seed = key.seed();
    long stream = key.stream();
    // One call in each case: the handle is then a constant of it.
    functions.check(
        switch (elements.type()) {
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
    if (input.length > CALL_ELEMENTS) {
      DropoutBackend.super.forward(spec, key, input, output);
      return;
    }
    LibraryFunctions functions = functions();
    functions.check(
        functions
            .f32()
            .forward(
                spec.p(),
                classical(spec),
                key.seed(),
                key.stream(),
                0,
                MemorySegment.ofArray(input),
                MemorySegment.ofArray(output),
                input.length));
  }

  @Override
  public final void forward(DropoutSpec spec, MaskKey key, double[] input, double[] output) {
    if (input.length > CALL_ELEMENTS) {
      DropoutBackend.super.forward(spec, key, input, output);
      return;
    }
    LibraryFunctions functions = functions();
    functions.check(
        functions
            .f64()
            .forward(
                spec.p(),
                classical(spec),
                key.seed(),
                key.stream(),
                0,
                MemorySegment.ofArray(input),
                MemorySegment.ofArray(output),
                input.length));
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
    LibraryFunctions functions = functions();
    inSlices(
        input,
        output,
        (begin, size, source, target) ->
            SharedBlocks.forEach(
                shape,
                firstIndex + begin,
                size,
                (maskIndex, outer, shared, inner, from, at, count) -> {
                  int bytes = input.type().bytes();
                  functions.check(
                      typed(functions, input)
                          .forwardShared(
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
                              count));
                }));
  }

  @Override
  public final void mask(DropoutSpec spec, MaskKey key, long firstIndex, PackedMask output) {
    LibraryFunctions functions = functions();
    MemorySegment bytes = output.bytes();
    long count = output.count();
    ParallelSlices.Body body =
        (from, to) -> {
          for (long at = from; at < to; at += CALL_ELEMENTS) {
            long bits = Math.min(CALL_ELEMENTS, to - at);
            MemorySegment part = bytes.asSlice(at >>> 3, PackedMask.bytesFor(bits));
            functions.check(
                functions.mask(spec.p(), key.seed(), key.stream(), firstIndex + at, part, bits));
          }
        };
    if (ParallelSlices.pays(count) && output.isSharedBetweenThreads()) {
      ParallelSlices.run(count, body);
    } else {
      body.run(0, count);
    }
  }

  @Override
  public final void applyMask(DropoutSpec spec, PackedMask mask, Elements input, Elements output) {
    int flags = flags(spec, input, output);
    LibraryFunctions functions = functions();
    MemorySegment bits = mask.bytes();
    Slice slice =
        (at, count, source, target) ->
            functions.check(
                typed(functions, input).apply(spec.p(), flags, bits, at, source, target, count));
    inSlices(input, output, mask.isSharedBetweenThreads(), slice);
  }

  @Override
  public final void scale(double factor, Elements input, Elements output) {
    int flags = streaming(input, output);
    LibraryFunctions functions = functions();
    inSlices(
        input,
        output,
        (at, count, source, target) ->
            functions.check(typed(functions, input).scale(factor, flags, source, target, count)));
  }

  private static TypedFunctions typed(LibraryFunctions functions, Elements elements) {
    return switch (elements.type()) {
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
  private interface Slice {
    void run(long at, long count, MemorySegment input, MemorySegment output);
  }

  private static void inSlices(Elements input, Elements output, Slice slice) {
    inSlices(input, output, true, slice);
  }

  /** Runs a call in parts, each short, and in parallel where that pays. */
  private static void inSlices(
      Elements input, Elements output, boolean isSharedBetweenThreads, Slice slice) {
    long count = input.count();
    MemorySegment source = input.segment();
    MemorySegment target = output.segment();
    if (count <= CALL_ELEMENTS) {
      slice.run(0, count, source, target);
      return;
    }
    int bytes = input.type().bytes();
    ParallelSlices.Body body =
        (from, to) -> {
          for (long at = from; at < to; at += CALL_ELEMENTS) {
            long length = Math.min(CALL_ELEMENTS, to - at);
            slice.run(
                at,
                length,
                source.asSlice(at * bytes, length * bytes),
                target.asSlice(at * bytes, length * bytes));
          }
        };
    if (isSharedBetweenThreads
        && ParallelSlices.pays(count)
        && input.isSharedBetweenThreads()
        && output.isSharedBetweenThreads()) {
      ParallelSlices.run(count, body);
    } else {
      body.run(0, count);
    }
  }
}
