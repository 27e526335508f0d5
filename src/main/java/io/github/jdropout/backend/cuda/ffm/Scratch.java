package io.github.jdropout.backend.cuda.ffm;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Native memory of a thread for what the driver returns through pointers. */
final class Scratch {
  private static final ThreadLocal<Scratch> OF_THREAD = ThreadLocal.withInitial(Scratch::new);

  private final MemorySegment value = Arena.ofAuto().allocate(JAVA_LONG);

  private Scratch() {}

  /** Returns eight bytes, all zero. */
  static MemorySegment value() {
    MemorySegment value = OF_THREAD.get().value;
    value.set(JAVA_LONG, 0, 0);
    return value;
  }
}
