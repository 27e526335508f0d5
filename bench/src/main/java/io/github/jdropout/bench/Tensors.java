package io.github.jdropout.bench;

import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.Elements;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** An input and an output, all pages touched, reused by every call. */
public class Tensors extends Extent {
  private static final int CHECKED_AT_ONCE = 1 << 16;
  private static final int PATTERN_WORDS = 512;
  private static final byte POISON = 0x5A;

  @Param public ElementType type;
  @Param public Storage storage;

  Elements input;
  Elements output;

  /** Computes what {@code output} must hold after elements {@code from} and following. */
  @FunctionalInterface
  interface Reference {
    void compute(long from, Elements input, Elements output);
  }

  /** Allocates both and fills the input. */
  @Setup
  public void allocate() {
    input = storage.allocate(type, size);
    output = storage.allocate(type, size);
    fill(input.segment());
    output.segment().fill(POISON);
  }

  /** Returns how many bytes the input has, and the output. */
  long bytes() {
    return (long) size * type.bytes();
  }

  /** Returns another tensor with the input's values. */
  Elements another() {
    Elements other = storage.allocate(type, size);
    other.segment().copyFrom(input.segment());
    return other;
  }

  /** Writes random values in [1, 2): no denormals, no overflow, every bit of the significand. */
  private void fill(MemorySegment memory) {
    long one =
        switch (type) {
          case F32 -> 0x3F80_0000_3F80_0000L;
          case F64 -> 0x3FF0_0000_0000_0000L;
          case F16 -> 0x3C00_3C00_3C00_3C00L;
          case BF16 -> 0x3F80_3F80_3F80_3F80L;
        };
    long significand =
        switch (type) {
          case F32 -> 0x007F_FFFF_007F_FFFFL;
          case F64 -> 0x000F_FFFF_FFFF_FFFFL;
          case F16 -> 0x03FF_03FF_03FF_03FFL;
          case BF16 -> 0x007F_007F_007F_007FL;
        };
    SplittableRandom random = new SplittableRandom(42);
    long[] pattern = new long[PATTERN_WORDS];
    Arrays.setAll(pattern, _ -> one | (random.nextLong() & significand));
    long bytes = memory.byteSize();
    long filled = Math.min(bytes, (long) PATTERN_WORDS * Long.BYTES);
    MemorySegment.copy(MemorySegment.ofArray(pattern), 0, memory, 0, filled);
    while (filled < bytes) {
      long more = Math.min(filled, bytes - filled);
      MemorySegment.copy(memory, 0, memory, filled, more);
      filled += more;
    }
  }

  /**
   * Runs the call once more over a poisoned output and compares every bit of it.
   *
   * @throws IllegalStateException if an element differs
   */
  void check(Runnable call, Reference reference) {
    check(output, call, reference);
  }

  /** Does the same for an output other than this one's. */
  void check(Elements output, Runnable call, Reference reference) {
    output.segment().fill(POISON);
    call.run();
    Elements expected = Storage.ARRAY.allocate(type, Math.min(size, CHECKED_AT_ONCE));
    for (long from = 0; from < size; from += CHECKED_AT_ONCE) {
      long count = Math.min(CHECKED_AT_ONCE, size - from);
      Elements want = expected.slice(0, count);
      reference.compute(from, input.slice(from, count), want);
      long mismatch = output.slice(from, count).segment().mismatch(want.segment());
      if (mismatch >= 0) {
        throw new IllegalStateException(
            "wrong output at element " + (from + mismatch / type.bytes()) + " of " + output);
      }
    }
  }
}
