package io.github.jdropout.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.OperatingSystemMXBean;
import io.github.jdropout.Dropout;
import io.github.jdropout.oracle.OracleMask;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.Elements;
import io.github.jdropout.spec.MaskKey;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/** Indices are longs all the way: a tensor of more than 2^31 elements in native memory. */
class HugeTensorTest {
  private static final long COUNT = (1L << 31) + 1003;
  private static final short ONE = 0x3F80;

  @Test
  void elementsBeyondTheRangeOfIntFollowTheOracle() {
    long needed = 2 * COUNT + (1L << 30);
    long free =
        ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getFreeMemorySize();
    assumeTrue(
        free > needed, () -> "needs " + needed + " bytes of free memory but there are " + free);
    MaskKey key = new MaskKey(3, 4);
    try (Arena arena = Arena.ofShared()) {
      MemorySegment memory = arena.allocate(2 * COUNT, 2);
      long[] checked = {0, 77, (1L << 31) - 2, 1L << 31, COUNT - 1};
      for (long index : checked) {
        for (long i = Math.max(0, index - 64); i < Math.min(COUNT, index + 64); i++) {
          memory.setAtIndex(ValueLayout.JAVA_SHORT, i, ONE);
        }
      }
      Elements elements = Elements.of(ElementType.BF16, memory);
      Dropout.of(0.5).forward(elements, elements, key);
      for (long index : checked) {
        for (long i = Math.max(0, index - 64); i < Math.min(COUNT, index + 64); i++) {
          short expected = OracleMask.keep(3, 4, i, 0.5) ? (short) 0x4000 : 0;
          assertEquals(expected, memory.getAtIndex(ValueLayout.JAVA_SHORT, i), "element " + i);
        }
      }
    }
  }
}
