package io.github.jdropout.backend.cuda.driver;

import static io.github.jdropout.backend.cuda.driver.CudaConstants.CU_JIT_ERROR_LOG_BUFFER;
import static io.github.jdropout.backend.cuda.driver.CudaConstants.CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;

/** The options of {@code cuModuleLoadDataEx} that let the driver's compiler tell its errors. */
public final class LoadOptions {
  /** How many options there are. */
  public static final int COUNT = 2;

  private static final int[] KEYS = {CU_JIT_ERROR_LOG_BUFFER, CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES};
  private static final int LOG_BYTES = 1 << 14;

  private final MemorySegment keys;
  private final MemorySegment values;
  private final MemorySegment log;

  /** Allocates them in an arena. */
  public LoadOptions(Arena arena) {
    // One byte more than the driver is told of: the text ends in any case.
    log = arena.allocate(LOG_BYTES + 1);
    keys = arena.allocateFrom(ValueLayout.JAVA_INT, KEYS);
    values = arena.allocate(ValueLayout.ADDRESS, COUNT);
    values.setAtIndex(ValueLayout.ADDRESS, 0, log);
    // Numbers stand in the place of pointers.
    values.setAtIndex(ValueLayout.ADDRESS, 1, MemorySegment.ofAddress(LOG_BYTES));
  }

  /** Returns the options' keys, for bindings that take arrays. */
  public static int[] keyArray() {
    return KEYS.clone();
  }

  /** Returns the options' keys, as {@code CUjit_option *}. */
  public MemorySegment keys() {
    return keys;
  }

  /** Returns the options' values, as {@code void **}. */
  public MemorySegment values() {
    return values;
  }

  /** Returns the same as a direct buffer. */
  public ByteBuffer valuesBuffer() {
    return values.asByteBuffer();
  }

  /** Returns what the driver has written, without blanks at its ends. */
  public String log() {
    return log.getString(0).strip();
  }
}
