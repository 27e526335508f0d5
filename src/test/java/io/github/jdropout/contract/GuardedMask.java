package io.github.jdropout.contract;

import io.github.jdropout.spec.PackedMask;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The memory of a packed mask at an odd address, between canaries. */
final class GuardedMask {
  private static final int GUARD = 67;
  private static final byte CANARY = 0x5A;

  private final MemorySegment whole;
  private final int count;

  private GuardedMask(MemorySegment whole, int count) {
    this.whole = whole;
    this.count = count;
    whole.fill(CANARY);
  }

  static GuardedMask onHeap(int count) {
    return new GuardedMask(MemorySegment.ofArray(new byte[totalBytes(count)]), count);
  }

  static GuardedMask offHeap(int count) {
    return new GuardedMask(Arena.ofAuto().allocate(totalBytes(count), 64), count);
  }

  /** Returns what the bytes must be for {@code keep} bits of 0 and 1. */
  static byte[] pack(int[] keep, int count) {
    byte[] bytes = new byte[(count + 7) / 8];
    for (int i = 0; i < count; i++) {
      bytes[i / 8] |= (byte) (keep[i] << (i % 8));
    }
    return bytes;
  }

  private static int totalBytes(int count) {
    return (count + 7) / 8 + 2 * GUARD;
  }

  private MemorySegment memory() {
    return whole.asSlice(GUARD, (count + 7) / 8);
  }

  PackedMask mask() {
    return PackedMask.of(memory(), count);
  }

  byte[] bytes() {
    return memory().toArray(ValueLayout.JAVA_BYTE);
  }

  void setBytes(byte[] bytes) {
    memory().copyFrom(MemorySegment.ofArray(bytes));
  }

  boolean areGuardsIntact() {
    byte[] all = whole.toArray(ValueLayout.JAVA_BYTE);
    for (int i = 0; i < GUARD; i++) {
      if (all[i] != CANARY || all[all.length - 1 - i] != CANARY) {
        return false;
      }
    }
    return true;
  }
}
