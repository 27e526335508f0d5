package io.github.jdropout.parity;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** Memory that the cases of a cell use one after the other; for one thread. */
final class Workspace {
  private static final int ALIGNMENT = 64;

  private final List<MemorySegment> slots = new ArrayList<>();
  private final Tables tables;
  private int used;

  Workspace(Tables tables) {
    this.tables = tables;
  }

  /** Gives all memory back for the next case. */
  void reset() {
    used = 0;
  }

  /** Returns native memory of this case, at a multiple of 64, with arbitrary contents. */
  MemorySegment memory(long byteSize) {
    int slot = used++;
    if (slot == slots.size()) {
      slots.add(MemorySegment.NULL);
    }
    if (slots.get(slot).byteSize() < byteSize) {
      // A collector frees it, for an arena that is closed waits for all threads.
      slots.set(slot, Arena.ofAuto().allocate(Math.max(2 * byteSize, 1 << 12), ALIGNMENT));
    }
    return slots.get(slot).asSlice(0, byteSize);
  }

  /** Returns the tables. */
  Tables tables() {
    return tables;
  }
}
