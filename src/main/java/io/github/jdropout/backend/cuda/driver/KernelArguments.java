package io.github.jdropout.backend.cuda.driver;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The one parameter of a kernel, a structure, together with what {@code cuLaunchKernel} wants of
 * it: an array of the parameters' addresses.
 *
 * <p>Made once and filled for each launch; for one thread at a time.
 */
public final class KernelArguments {
  private final MemorySegment structure;
  private final MemorySegment pointers;

  /**
   * Allocates a structure of zeros.
   *
   * @param bytes its size
   */
  public KernelArguments(long bytes) {
    Arena arena = Arena.ofAuto();
    structure = arena.allocate(bytes, 16);
    pointers = arena.allocate(ValueLayout.ADDRESS);
    pointers.set(ValueLayout.ADDRESS, 0, structure);
  }

  /** Returns the structure, in native memory. */
  public MemorySegment structure() {
    return structure;
  }

  /** Returns the array of one address, in native memory. */
  public MemorySegment pointers() {
    return pointers;
  }
}
