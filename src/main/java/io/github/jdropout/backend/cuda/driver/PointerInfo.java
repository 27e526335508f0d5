package io.github.jdropout.backend.cuda.driver;

import static io.github.jdropout.backend.cuda.driver.CudaConstants.CU_POINTER_ATTRIBUTE_CONTEXT;
import static io.github.jdropout.backend.cuda.driver.CudaConstants.CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL;
import static io.github.jdropout.backend.cuda.driver.CudaConstants.CU_POINTER_ATTRIBUTE_IS_MANAGED;
import static io.github.jdropout.backend.cuda.driver.CudaConstants.CU_POINTER_ATTRIBUTE_MEMORY_TYPE;
import static io.github.jdropout.backend.cuda.driver.CudaConstants.CU_POINTER_ATTRIBUTE_RANGE_SIZE;
import static io.github.jdropout.backend.cuda.driver.CudaConstants.CU_POINTER_ATTRIBUTE_RANGE_START_ADDR;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The arguments of {@code cuPointerGetAttributes} for {@link CudaDriver#pointerInfo}.
 *
 * <p>A thread has one and uses it for each of its calls.
 */
public final class PointerInfo {
  /** How many attributes are asked for. */
  public static final int COUNT = 6;

  private static final int[] ATTRIBUTES = {
    CU_POINTER_ATTRIBUTE_MEMORY_TYPE,
    CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL,
    CU_POINTER_ATTRIBUTE_RANGE_START_ADDR,
    CU_POINTER_ATTRIBUTE_RANGE_SIZE,
    CU_POINTER_ATTRIBUTE_CONTEXT,
    CU_POINTER_ATTRIBUTE_IS_MANAGED
  };

  private static final ThreadLocal<PointerInfo> OF_THREAD =
      ThreadLocal.withInitial(PointerInfo::new);

  private final MemorySegment attributes;
  private final MemorySegment values;
  private final MemorySegment pointers;

  private PointerInfo() {
    Arena arena = Arena.ofAuto();
    attributes = arena.allocateFrom(ValueLayout.JAVA_INT, ATTRIBUTES);
    // The driver writes four bytes of types and ordinals, eight of the others.
    values = arena.allocate(ValueLayout.JAVA_LONG, COUNT);
    pointers = arena.allocate(ValueLayout.ADDRESS, COUNT);
    for (int i = 0; i < COUNT; i++) {
      pointers.setAtIndex(
          ValueLayout.ADDRESS, i, values.asSlice(Long.BYTES * (long) i, Long.BYTES));
    }
  }

  /** Returns the calling thread's. */
  public static PointerInfo ofThread() {
    return OF_THREAD.get();
  }

  /** Returns the attributes asked for, for bindings that take arrays. */
  public static int[] attributeArray() {
    return ATTRIBUTES.clone();
  }

  /** Returns the attributes asked for, as {@code CUpointer_attribute *}. */
  public MemorySegment attributes() {
    return attributes;
  }

  /** Returns where the values go, as {@code void **}; clears what the last call has left. */
  public MemorySegment pointers() {
    values.fill((byte) 0);
    return pointers;
  }

  /** Copies the values to an array of length {@link #COUNT}. */
  public void copyTo(long[] info) {
    info[0] = values.get(ValueLayout.JAVA_INT, 0);
    info[1] = values.get(ValueLayout.JAVA_INT, Long.BYTES);
    info[2] = values.getAtIndex(ValueLayout.JAVA_LONG, 2);
    info[3] = values.getAtIndex(ValueLayout.JAVA_LONG, 3);
    info[4] = values.getAtIndex(ValueLayout.JAVA_LONG, 4);
    // A boolean, of which the driver writes one byte or four.
    info[5] = values.get(ValueLayout.JAVA_INT, 5L * Long.BYTES);
  }
}
