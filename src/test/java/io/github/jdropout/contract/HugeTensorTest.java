package io.github.jdropout.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.OperatingSystemMXBean;
import io.github.jdropout.Dropout;
import io.github.jdropout.backend.BackendId;
import io.github.jdropout.oracle.OracleMask;
import io.github.jdropout.spec.DropoutSpec;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.Elements;
import io.github.jdropout.spec.MaskKey;
import io.github.jdropout.spec.PackedMask;
import io.github.jdropout.testing.Backends;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Indices are longs all the way: sizes and offsets beyond 2^31 in native memory. */
class HugeTensorTest {
  private static final MaskKey KEY = new MaskKey(3, 4);
  private static final short ONE = 0x3F80;

  @ParameterizedTest
  @EnumSource(names = {"VECTOR", "FFM"})
  void elementsBeyondTheRangeOfIntFollowTheOracle(BackendId backend) throws IOException {
    Backends.assumeAvailable(backend);
    long count = (1L << 31) + 1003;
    assumeMemory(2 * count);
    try (Arena arena = Arena.ofShared()) {
      MemorySegment memory = arena.allocate(2 * count, 2);
      long[] checked = {0, 77, 1L << 30, (1L << 31) - 2, 1L << 31, count - 1};
      for (long index : checked) {
        for (long i = Math.max(0, index - 64); i < Math.min(count, index + 64); i++) {
          memory.setAtIndex(ValueLayout.JAVA_SHORT, i, ONE);
        }
      }
      Elements elements = Elements.of(ElementType.BF16, memory);
      Dropout.of(DropoutSpec.of(0.5), backend).forward(elements, elements, KEY);
      for (long index : checked) {
        for (long i = Math.max(0, index - 64); i < Math.min(count, index + 64); i++) {
          short expected = isKept(i) ? (short) 0x4000 : 0;
          assertEquals(expected, memory.getAtIndex(ValueLayout.JAVA_SHORT, i), "element " + i);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"VECTOR", "FFM"})
  void maskBytesBeyondTheRangeOfIntFollowTheOracle(BackendId backend) throws IOException {
    Backends.assumeAvailable(backend);
    long count = (1L << 34) + 1003;
    assumeMemory(PackedMask.bytesFor(count));
    try (Arena arena = Arena.ofShared()) {
      PackedMask mask = PackedMask.of(arena.allocate(PackedMask.bytesFor(count), 1), count);
      Dropout.of(DropoutSpec.of(0.5), backend).mask(mask, KEY);
      for (long index : new long[] {64, 1L << 33, 1L << 34, count - 64}) {
        for (long i = index - 64; i < index + 64; i++) {
          assertEquals(isKept(i), mask.isKept(i), "element " + i);
        }
      }
    }
  }

  private static boolean isKept(long element) {
    return OracleMask.keep(KEY.seed(), KEY.stream(), element, 0.5);
  }

  /** Aborts the test where the memory and half a gigabyte for the rest are not to be had. */
  private static void assumeMemory(long bytes) throws IOException {
    long needed = bytes + (1L << 29);
    long available = availableMemory();
    assumeTrue(
        available > needed,
        () -> "needs " + needed + " bytes of memory but " + available + " are available");
  }

  /** Linux counts its file cache as used, though it gives it up; only this line leaves it out. */
  private static long availableMemory() throws IOException {
    long free =
        ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getFreeMemorySize();
    Path memory = Path.of("/proc/meminfo");
    if (!Files.isReadable(memory)) {
      return free;
    }
    return Files.readAllLines(memory).stream()
        .filter(line -> line.startsWith("MemAvailable:"))
        .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElse(free);
  }
}
