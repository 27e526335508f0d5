package io.github.jdropout.parity;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** A call's memory between canaries; it holds poison until something is written. */
final class Guarded {
  static final byte CANARY = (byte) 0xA5;

  /** Bits that a result hardly has. */
  static final byte POISON = 0x5A;

  /** As many as are ever on one side. */
  private static final MemorySegment CANARIES =
      MemorySegment.ofArray(new byte[1 << 10]).fill(CANARY);

  private final MemorySegment whole;
  private final long start;
  private final MemorySegment inside;

  Guarded(MemorySegment whole, long start, long byteSize) {
    this.whole = whole;
    this.start = start;
    this.inside = whole.asSlice(start, byteSize);
    whole.asSlice(0, start).fill(CANARY);
    whole.asSlice(start + byteSize).fill(CANARY);
    inside.fill(POISON);
  }

  /** Returns the memory of the call. */
  MemorySegment memory() {
    return inside;
  }

  /**
   * Returns where the first canary was overwritten.
   *
   * @return bytes from the start of the memory, negative if before it; {@link Long#MIN_VALUE} if
   *     none was
   */
  long firstBrokenCanary() {
    long end = start + inside.byteSize();
    long before = MemorySegment.mismatch(whole, 0, start, CANARIES, 0, start);
    if (before >= 0) {
      return before - start;
    }
    long length = whole.byteSize() - end;
    long after = MemorySegment.mismatch(whole, end, whole.byteSize(), CANARIES, 0, length);
    return after < 0 ? Long.MIN_VALUE : inside.byteSize() + after;
  }

  /** Returns the byte at a distance from the start, which may be a canary's. */
  byte byteAt(long distance) {
    return whole.get(ValueLayout.JAVA_BYTE, start + distance);
  }
}
