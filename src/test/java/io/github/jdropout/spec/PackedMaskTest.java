package io.github.jdropout.spec;

import static io.github.jdropout.testing.Messages.assertRefused;
import static io.github.jdropout.testing.Messages.assertRefusedStarting;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class PackedMaskTest {
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
}
