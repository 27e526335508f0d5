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
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Indices are longs all the way: sizes and offsets beyond 2^31 in native memory. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HugeTensorTest {
  private static final MaskKey KEY = new MaskKey(3, 4);
  private static final short ONE = 0x3F80;
  private static final long ELEMENTS = (1L << 31) + 1003;
  private static final long MASK_ELEMENTS = (1L << 34) + 1003;

  /** The same for all tests: the system takes longer to find it than most take to use it. */
  private Arena arena = Arena.ofShared();

  private MemorySegment memory = MemorySegment.NULL;

  @AfterAll
  void giveMemoryBack() {
    arena.close();
  }

  @ParameterizedTest
  @EnumSource(names = {"VECTOR", "FFM"})
  void elementsBeyondTheRangeOfIntFollowTheOracle(BackendId backend) throws IOException {
    Backends.assumeAvailable(backend);
    MemorySegment bytes = memory(2 * ELEMENTS);
    long[] checked = {0, 77, 1L << 30, (1L << 31) - 2, 1L << 31, ELEMENTS - 1};
    for (long index : checked) {
      for (long i = Math.max(0, index - 64); i < Math.min(ELEMENTS, index + 64); i++) {
        bytes.setAtIndex(ValueLayout.JAVA_SHORT, i, ONE);
      }
    }
    Elements elements = Elements.of(ElementType.BF16, bytes);
    Dropout.of(DropoutSpec.of(0.5), backend).forward(elements, elements, KEY);
    for (long index : checked) {
      for (long i = Math.max(0, index - 64); i < Math.min(ELEMENTS, index + 64); i++) {
        short expected = isKept(i) ? (short) 0x4000 : 0;
        assertEquals(expected, bytes.getAtIndex(ValueLayout.JAVA_SHORT, i), "element " + i);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"VECTOR", "FFM"})
  void maskBytesBeyondTheRangeOfIntFollowTheOracle(BackendId backend) throws IOException {
    Backends.assumeAvailable(backend);
    MemorySegment bytes = memory(PackedMask.bytesFor(MASK_ELEMENTS));
    PackedMask mask = PackedMask.of(bytes, MASK_ELEMENTS);
    long[] checked = {64, 1L << 33, 1L << 34, MASK_ELEMENTS - 64};
    for (long index : checked) {
      for (long i = index - 64; i < index + 64; i++) {
        // Not the bits that another backend has left there.
        bytes.set(ValueLayout.JAVA_BYTE, i / 8, (byte) (isKept(i) ? 0 : 0xFF));
      }
    }
    Dropout.of(DropoutSpec.of(0.5), backend).mask(mask, KEY);
    for (long index : checked) {
      for (long i = index - 64; i < index + 64; i++) {
        assertEquals(isKept(i), mask.isKept(i), "element " + i);
      }
    }
  }

  /** Returns memory of any contents; aborts the test where it is not to be had. */
  private MemorySegment memory(long bytes) throws IOException {
    if (memory.byteSize() < bytes) {
      arena.close();
      arena = Arena.ofShared();
      memory = MemorySegment.NULL;
      long largest = Math.max(2 * ELEMENTS, PackedMask.bytesFor(MASK_ELEMENTS));
      long size = isAvailable(largest) ? largest : bytes;
      assumeTrue(
          isAvailable(size),
          () -> "needs " + needed(size) + " bytes of memory but less are available");
      memory = arena.allocate(size, 2);
    }
    return memory.asSlice(0, bytes);
  }

  private static boolean isKept(long element) {
    return OracleMask.keep(KEY.seed(), KEY.stream(), element, 0.5);
  }

  /** Half a gigabyte is for the rest. */
  private static long needed(long bytes) {
    return bytes + (1L << 29);
  }

  private static boolean isAvailable(long bytes) throws IOException {
    return availableMemory() > needed(bytes);
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
