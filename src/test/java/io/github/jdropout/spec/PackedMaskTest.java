package io.github.jdropout.spec;

import static io.github.jdropout.testing.Messages.assertNullNamed;
import static io.github.jdropout.testing.Messages.assertRefused;
import static io.github.jdropout.testing.Messages.assertRefusedStarting;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jdropout.testing.SparseMemory;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PackedMaskTest {
  private static final ValueLayout.OfLong LITTLE_ENDIAN_LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  @Test
  void bitsLieAsTheContractSays() {
    byte[] bytes = {(byte) 0b10000001, 0, 0, 0, 0, 0, 0, 0, 0b00000010, 7};
    PackedMask mask = PackedMask.of(MemorySegment.ofArray(bytes), 70);
    assertTrue(mask.isKept(0));
    assertFalse(mask.isKept(1));
    assertTrue(mask.isKept(7));
    assertTrue(mask.isKept(65));
    assertEquals(3, mask.keptCount());
    assertEquals(9, mask.bytes().byteSize());
    assertEquals("PackedMask[70 elements]", mask.toString());
  }

  @Test
  void bitsPastTheEndAreIgnoredAndWrittenAsZero() {
    byte[] bytes = {-1, -1, 55};
    PackedMask mask = PackedMask.of(MemorySegment.ofArray(bytes), 11);
    assertEquals(11, mask.keptCount());
    mask.write(0, new long[] {-1L}, 11);
    assertArrayEquals(new byte[] {-1, 0b111, 55}, bytes);
    long[] words = {-1L};
    mask.read(0, words, 11);
    assertEquals(0x7FF, words[0]);
  }

  @Test
  void countsInFullSize() {
    PackedMask mask = PackedMask.allocate(100_001);
    long[] ones = {-1L};
    for (long from = 0; from < 100_001; from += 64) {
      mask.write(from, ones, (int) Math.min(64, 100_001 - from));
    }
    assertEquals(100_001, mask.keptCount());
    assertEquals(0, PackedMask.allocate(0).keptCount());
  }

  @Test
  void offsetsAreLongs(@TempDir Path folder) throws IOException {
    long count = (1L << 35) + 1003;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory =
          SparseMemory.map(folder.resolve("mask"), PackedMask.bytesFor(count), arena);
      PackedMask mask = PackedMask.of(memory, count);
      for (long at : new long[] {1L << 34, 1L << 35}) {
        mask.write(at, new long[] {0x0123456789ABCDEFL, 5}, 67);
        assertEquals(0x0123456789ABCDEFL, memory.get(LITTLE_ENDIAN_LONG, at / 8));
        assertEquals(5, memory.get(ValueLayout.JAVA_BYTE, at / 8 + 8));
        assertTrue(mask.isKept(at + 66));
        assertFalse(mask.isKept(at + 65));
        long[] words = {-1, -1};
        mask.read(at, words, 67);
        assertArrayEquals(new long[] {0x0123456789ABCDEFL, 5}, words);
      }
      assertEquals(0, memory.get(LITTLE_ENDIAN_LONG, 0));
    }
  }

  @Test
  void badInputIsNamed() {
    MemorySegment three = MemorySegment.ofArray(new byte[3]);
    assertRefused(
        "bytes must hold at least 4 bytes for 25 elements but holds 3",
        () -> PackedMask.of(three, 25));
    assertRefusedStarting("elementCount must be in [0, ", () -> PackedMask.of(three, -1));
    assertRefused(
        "elementCount must be in [0, 17179869112] but is 17179869113",
        () -> PackedMask.allocate(17179869113L));
    PackedMask mask = PackedMask.of(three, 20);
    assertEquals(
        "index must be in [0, 20) but is 20",
        assertThrows(IndexOutOfBoundsException.class, () -> mask.isKept(20)).getMessage());
    assertThrows(IndexOutOfBoundsException.class, () -> mask.isKept(-1));
  }

  @Test
  void rangesAreCheckedBeforeAnythingIsWritten() {
    byte[] bytes = new byte[16];
    PackedMask mask = PackedMask.of(MemorySegment.ofArray(bytes), 100);
    long[] ones = {-1L, -1L};
    assertRefused("from must be a multiple of 64 but is 1", () -> mask.write(1, ones, 10));
    assertRefused("from must be a multiple of 64 but is 8", () -> mask.read(8, ones, 10));
    assertThrows(IndexOutOfBoundsException.class, () -> mask.write(0, ones, 101));
    assertThrows(IndexOutOfBoundsException.class, () -> mask.write(64, ones, 37));
    assertThrows(IndexOutOfBoundsException.class, () -> mask.write(0, new long[] {-1L}, 65));
    assertThrows(IndexOutOfBoundsException.class, () -> mask.read(-64, ones, 10));
    assertArrayEquals(new byte[16], bytes);
    assertRefusedStarting("elementCount must be in [0, ", () -> PackedMask.bytesFor(-1));
    assertNullNamed("bytes", () -> PackedMask.of(null, 1));
    assertNullNamed("elements", () -> mask.overlaps(null));
  }
}
