package io.github.jdropout.spec;

import java.lang.foreign.MemorySegment;

/** Checks on caller-owned segments; null stands for an array, which is always usable. */
final class Memory {
  /** Never started; asks a segment whether threads other than its owner may touch it. */
  private static final Thread ANOTHER_THREAD = newThread();

  private Memory() {}

  private static Thread newThread() {
    Thread thread = Thread.ofPlatform().inheritInheritableThreadLocals(false).unstarted(() -> {});
    thread.setContextClassLoader(null); // It lives as long as this class.
    return thread;
  }

  static boolean isSharedBetweenThreads(MemorySegment segment) {
    return segment == null || segment.isAccessibleBy(ANOTHER_THREAD);
  }

  static void checkReadable(String name, MemorySegment segment) {
    if (segment == null) {
      return;
    }
    if (!segment.scope().isAlive()) {
      throw new IllegalArgumentException(name + " is in an arena that has been closed: " + segment);
    }
    if (!segment.isAccessibleBy(Thread.currentThread())) {
      throw new IllegalArgumentException(
          name
              + " is in an arena confined to another thread than "
              + Thread.currentThread().getName()
              + ": "
              + segment);
    }
  }

  static void checkWritable(String name, MemorySegment segment) {
    checkReadable(name, segment);
    if (segment != null && segment.isReadOnly()) {
      throw new IllegalArgumentException(name + " must be writable but is read-only: " + segment);
    }
  }
}
