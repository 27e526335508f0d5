package io.github.jdropout.bench.gpu;

import io.github.jdropout.spec.ElementType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;

/** Fills device memory with values that look random to the hardware: constants may run faster. */
final class RandomData {
  private static final long CHUNK_BYTES = 16 << 20;

  private RandomData() {}

  /** Writes random values in [1, 2) and their negatives, every bit of the significand. */
  static void fill(Gpu gpu, ElementType type, long address, long bytes, long stream) {
    long filled = Math.min(bytes, CHUNK_BYTES);
    try (Arena arena = Arena.ofConfined()) {
      gpu.upload(chunk(type, filled, arena), address, stream);
    }
    while (filled < bytes) {
      long more = Math.min(filled, bytes - filled);
      gpu.copy(address + filled, address, more, stream);
      filled += more;
    }
    gpu.synchronize(stream);
  }

  private static MemorySegment chunk(ElementType type, long bytes, Arena arena) {
    long one =
        switch (type) {
          case F32 -> 0x3F80_0000_3F80_0000L;
          case F64 -> 0x3FF0_0000_0000_0000L;
          case F16 -> 0x3C00_3C00_3C00_3C00L;
          case BF16 -> 0x3F80_3F80_3F80_3F80L;
        };
    long signAndSignificand =
        switch (type) {
          case F32 -> 0x807F_FFFF_807F_FFFFL;
          case F64 -> 0x800F_FFFF_FFFF_FFFFL;
          case F16 -> 0x83FF_83FF_83FF_83FFL;
          case BF16 -> 0x807F_807F_807F_807FL;
        };
    // Whole words; no buffer is so small that its size is not a multiple of one.
    MemorySegment chunk = arena.allocate(bytes, Long.BYTES);
    SplittableRandom random = new SplittableRandom(42);
    for (long at = 0; at < bytes; at += Long.BYTES) {
      chunk.set(ValueLayout.JAVA_LONG, at, one | (random.nextLong() & signAndSignificand));
    }
    return chunk;
  }
}
