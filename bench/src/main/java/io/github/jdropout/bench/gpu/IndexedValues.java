package io.github.jdropout.bench.gpu;

import io.github.jdropout.spec.ElementType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.stream.LongStream;

/** Values that follow from an element's index: any bits but those of NaN, whose payload is free. */
final class IndexedValues {
  /** Elements of a parallel task. */
  private static final long TASK = 1 << 16;

  private IndexedValues() {}

  /** Writes the elements from an index on, as many as the memory holds, on all cores. */
  static void write(ElementType type, long from, MemorySegment memory) {
    long count = memory.byteSize() / type.bytes();
    LongStream.range(0, (count + TASK - 1) / TASK)
        .parallel()
        .forEach(task -> {
          long end = Math.min(count, (task + 1) * TASK);
          for (long i = task * TASK; i < end; i++) {
            set(type, memory, i, mix(from + i));
          }
        });
  }

  private static void set(ElementType type, MemorySegment memory, long index, long bits) {
    switch (type) {
      case F32 ->
          memory.setAtIndex(
              ValueLayout.JAVA_INT, index, (int) withoutNaN(bits, 0x7F80_0000L, 0x007F_FFFFL));
      case F64 ->
          memory.setAtIndex(
              ValueLayout.JAVA_LONG, index, withoutNaN(bits, 0x7FF0L << 48, -1L >>> 12));
      case F16 ->
          memory.setAtIndex(
              ValueLayout.JAVA_SHORT, index, (short) withoutNaN(bits, 0x7C00L, 0x03FFL));
      case BF16 ->
          memory.setAtIndex(
              ValueLayout.JAVA_SHORT, index, (short) withoutNaN(bits, 0x7F80L, 0x007FL));
    }
  }

  /** Turns NaN into an infinity. */
  private static long withoutNaN(long bits, long exponent, long significand) {
    return (bits & exponent) == exponent ? bits & ~significand : bits;
  }

  /** The finalizer of SplitMix64. */
  private static long mix(long index) {
    long z = (index + 1) * 0x9E37_79B9_7F4A_7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58_476D_1CE4_E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D0_49BB_1331_11EBL;
    return z ^ (z >>> 31);
  }
}
