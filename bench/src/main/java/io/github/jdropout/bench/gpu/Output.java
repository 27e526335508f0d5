package io.github.jdropout.bench.gpu;

import io.github.jdropout.Dropout;
import io.github.jdropout.spec.DeviceElements;
import io.github.jdropout.spec.DeviceMask;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.Elements;
import io.github.jdropout.spec.MaskKey;
import io.github.jdropout.spec.PackedMask;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.LongStream;

/**
 * What a call writes, and what it must be: compared bit for bit, at the start, at the end, and at
 * random places between.
 */
final class Output {
  /** Elements compared at one place; a multiple of 8, so that masks begin at whole bytes. */
  private static final long WINDOW = 1 << 13;

  private static final int RANDOM_WINDOWS = 6;
  private static final byte POISON = 0x5A;

  private final long input;
  private final long output;
  private final int bitsPerElement;
  private final long count;
  private final Reference reference;

  /** Computes what must be there. */
  @FunctionalInterface
  private interface Reference {
    MemorySegment expected(long from, long elements, MemorySegment input, Arena arena);
  }

  /** Computes the elements from {@code from} on with the scalar backend. */
  @FunctionalInterface
  interface ElementReference {
    void compute(long from, Elements input, Elements output);
  }

  private Output(long input, long output, int bitsPerElement, long count, Reference reference) {
    this.input = input;
    this.output = output;
    this.bitsPerElement = bitsPerElement;
    this.count = count;
    this.reference = reference;
  }

  static Output of(DeviceElements input, DeviceElements output, ElementReference reference) {
    ElementType type = input.type();
    return new Output(
        input.address(),
        output.address(),
        type.bytes() * Byte.SIZE,
        input.count(),
        (from, elements, bytes, arena) -> {
          MemorySegment expected = arena.allocate(bytes.byteSize(), Long.BYTES);
          reference.compute(from, Elements.of(type, bytes), Elements.of(type, expected));
          return expected;
        });
  }

  static Output ofMask(DeviceMask output, Dropout reference, MaskKey key) {
    return new Output(
        output.address(),
        output.address(),
        1,
        output.count(),
        (from, elements, bytes, arena) -> {
          PackedMask mask = PackedMask.allocate(elements);
          reference.mask(mask, key, from);
          return mask.bytes().asSlice(0, bytes.byteSize());
        });
  }

  /**
   * Poisons the outputs, unless they are the input, runs the call and compares.
   *
   * @throws IllegalStateException if a bit differs
   */
  static void check(Gpu gpu, List<Output> outputs, Runnable call, long stream) {
    try (Arena arena = Arena.ofConfined()) {
      List<Runnable> comparisons = new ArrayList<>();
      for (Output output : outputs) {
        comparisons.addAll(output.prepare(gpu, stream, arena));
      }
      call.run();
      gpu.synchronize(stream);
      comparisons.forEach(Runnable::run);
    }
  }

  private List<Runnable> prepare(Gpu gpu, long stream, Arena arena) {
    List<Runnable> comparisons = new ArrayList<>();
    for (long from : windows()) {
      long elements = Math.min(WINDOW, count - from);
      long offset = from * bitsPerElement / Byte.SIZE;
      long bytes = (elements * bitsPerElement + Byte.SIZE - 1) / Byte.SIZE;
      MemorySegment before = gpu.download(input + offset, bytes, stream, arena);
      comparisons.add(() -> {
        MemorySegment expected = reference.expected(from, elements, before, arena);
        MemorySegment actual = gpu.download(output + offset, bytes, stream, arena);
        long mismatch = actual.mismatch(expected);
        if (mismatch >= 0) {
          throw new IllegalStateException(
              "wrong output at element " + (from + mismatch * Byte.SIZE / bitsPerElement));
        }
      });
    }
    if (input != output || bitsPerElement == 1) {
      long bytes = (count * bitsPerElement + Byte.SIZE - 1) / Byte.SIZE;
      gpu.fill(output, POISON, bytes, stream);
    }
    return comparisons;
  }

  private long[] windows() {
    long last = (count - 1) / WINDOW;
    SplittableRandom random = new SplittableRandom(count);
    LongStream between = random.longs(RANDOM_WINDOWS, 0, last + 1);
    return LongStream.concat(LongStream.of(0, last), between)
        .distinct()
        .map(window -> window * WINDOW)
        .toArray();
  }
}
