package io.github.jdropout.spec;

import static io.github.jdropout.testing.Messages.assertNullNamed;
import static io.github.jdropout.testing.Messages.assertRefused;
import static io.github.jdropout.testing.Messages.assertRefusedStarting;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jdropout.testing.SparseMemory;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ElementsTest {
  @Test
  void arraysAreViewedInPlace() {
    float[] floats = new float[10];
    Elements view = Elements.of(floats, 3, 4);
    assertEquals(ElementType.F32, view.type());
    assertEquals(4, view.count());
    assertSame(floats, view.array());
    assertEquals(3, view.arrayOffset());
    assertEquals("4 f32 in an array", view.toString());
    assertEquals(ElementType.F64, Elements.of(new double[2]).type());
    assertEquals(ElementType.F16, Elements.ofF16(new short[2]).type());
    assertEquals(ElementType.BF16, Elements.ofBf16(new short[2]).type());
    assertEquals(16, view.segment().byteSize());
  }

  @Test
  void segmentOverAnArrayOfTheTypeIsThatArray() {
    float[] floats = new float[10];
    MemorySegment segment = MemorySegment.ofArray(floats);
    Elements view = Elements.of(ElementType.F32, segment.asSlice(8, 12));
    assertSame(floats, view.array());
    assertEquals(2, view.arrayOffset());
    assertEquals(3, view.count());
    assertFalse(Elements.of(ElementType.F32, segment.asSlice(2, 12)).isArray());
    assertFalse(Elements.of(ElementType.F64, segment).isArray());
    assertFalse(Elements.of(ElementType.F32, segment.asReadOnly()).isArray());
  }

  @Test
  void slicesAndCopies() {
    short[] shorts = {0, 1, 2, 3, 4, 5, 6, 7};
    Elements part = Elements.ofF16(shorts, 1, 6).slice(2, 3);
    short[] tile = new short[3];
    part.read(0, tile, 3);
    assertArrayEquals(new short[] {3, 4, 5}, tile);
    part.write(1, new short[] {9, 9}, 2);
    assertArrayEquals(new short[] {0, 1, 2, 3, 9, 9, 6, 7}, shorts);
  }

  @Test
  void offsetsAreLongs(@TempDir Path folder) throws IOException {
    for (ElementType type : new ElementType[] {ElementType.BF16, ElementType.F64}) {
      long beyondInt = (1L << 31) / type.bytes();
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment memory =
            SparseMemory.map(folder.resolve(type.label()), (1L << 32) + 64, arena);
        Elements elements = Elements.of(type, memory);
        Object tile = type == ElementType.F64 ? new double[] {3, 4} : new short[] {3, 4};
        Object read = type == ElementType.F64 ? new double[2] : new short[2];
        for (long at : new long[] {beyondInt, 2 * beyondInt + 2}) {
          elements.write(at, tile, 2);
          MemorySegment written = memory.asSlice(at * type.bytes(), 2L * type.bytes());
          assertEquals(-1, written.mismatch(segmentOf(tile)), "element " + at);
          elements.read(at, read, 2);
          assertEquals(-1, segmentOf(read).mismatch(segmentOf(tile)), "element " + at);
        }
      }
    }
  }

  private static MemorySegment segmentOf(Object tile) {
    return tile instanceof double[] doubles
        ? MemorySegment.ofArray(doubles)
        : MemorySegment.ofArray((short[]) tile);
  }

  @Test
  void aliasingIsSeenThroughEveryView() {
    float[] floats = new float[16];
    MemorySegment segment = MemorySegment.ofArray(floats);
    Elements whole = Elements.of(floats);
    assertTrue(whole.isSamePlaceAs(Elements.of(ElementType.F32, segment)));
    assertTrue(whole.isSamePlaceAs(Elements.of(ElementType.F32, segment.asReadOnly())));
    assertTrue(Elements.of(ElementType.F32, segment.asReadOnly()).isSamePlaceAs(whole));
    assertTrue(Elements.of(floats, 0, 8).overlaps(Elements.of(floats, 7, 8)));
    assertFalse(Elements.of(floats, 0, 8).overlaps(Elements.of(floats, 8, 8)));
    assertFalse(Elements.of(floats, 8, 8).overlaps(Elements.of(floats, 0, 8)));
    assertFalse(Elements.of(floats, 0, 8).overlaps(Elements.of(floats, 4, 0)));
    assertFalse(Elements.of(floats, 0, 8).isSamePlaceAs(Elements.of(floats, 1, 8)));
    assertTrue(whole.overlaps(Elements.of(ElementType.F32, segment.asReadOnly())));
    assertTrue(whole.overlaps(Elements.of(ElementType.F32, segment.asSlice(2, 4))));
    assertFalse(whole.overlaps(Elements.of(new float[16])));
    try (Arena arena = Arena.ofShared()) {
      MemorySegment memory = arena.allocate(64, 8);
      Elements elements = Elements.of(ElementType.F32, memory);
      assertTrue(elements.isSamePlaceAs(Elements.of(ElementType.F32, memory.asReadOnly())));
      assertTrue(elements.isSamePlaceAs(Elements.of(ElementType.F32, memory.asSlice(0))));
      assertFalse(
          Elements.of(ElementType.F32, memory.asSlice(0, 32))
              .isSamePlaceAs(Elements.of(ElementType.F32, memory.asSlice(4, 32))));
      assertTrue(elements.overlaps(Elements.of(ElementType.F64, memory.asSlice(56))));
      assertFalse(elements.overlaps(whole));
    }
  }

  @Test
  void memoryThatCannotBeUsedIsNamed() {
    Arena arena = Arena.ofShared();
    Elements elements = Elements.of(ElementType.F32, arena.allocate(16, 4));
    assertTrue(elements.isSharedBetweenThreads());
    arena.close();
    assertRefusedStarting(
        "x is in an arena that has been closed", () -> elements.checkReadable("x"));
    Elements readOnly =
        Elements.of(ElementType.F32, MemorySegment.ofArray(new float[4]).asReadOnly());
    readOnly.checkReadable("x");
    assertRefusedStarting("x must be writable", () -> readOnly.checkWritable("x"));
  }

  @Test
  void memoryOfAnotherThreadIsNamed() throws InterruptedException {
    try (Arena confined = Arena.ofConfined()) {
      Elements elements = Elements.of(ElementType.F32, confined.allocate(16, 4));
      assertFalse(elements.isSharedBetweenThreads());
      elements.checkWritable("x");
      Throwable[] seen = new Throwable[1];
      Thread other =
          Thread.ofPlatform()
              .name("other")
              .start(() ->
                  seen[0] =
                      assertThrows(
                          IllegalArgumentException.class, () -> elements.checkReadable("x")));
      other.join();
      assertTrue(
          seen[0].getMessage().startsWith("x is in an arena confined to another thread than other"),
          seen[0].getMessage());
    }
  }

  @Test
  void rangesOutsideTheArrayAreRefused() {
    float[] floats = new float[10];
    assertRefused("offset must be in [0, 10] but is -1", () -> Elements.of(floats, -1, 1));
    assertRefused("offset must be in [0, 10] but is 11", () -> Elements.of(floats, 11, 0));
    assertRefused(
        "elementCount must be in [0, 7] (array length 10, offset 3) but is 8",
        () -> Elements.of(floats, 3, 8));
    assertRefused(
        "elementCount must be in [0, 2] (array length 2, offset 0) but is -1",
        () -> Elements.of(new double[2], 0, -1));
    assertRefused(
        "elementCount must be in [0, 1] (array length 2, offset 1) but is 2147483647",
        () -> Elements.ofF16(new short[2], 1, Integer.MAX_VALUE));
    assertRefused("offset must be in [0, 2] but is 3", () -> Elements.ofBf16(new short[2], 3, 0));
    assertRefused(
        "segment must hold a multiple of 8 bytes (f64) but holds 12",
        () -> Elements.of(ElementType.F64, MemorySegment.ofArray(new float[3])));
  }

  @Test
  void partsAndNullsAreChecked() {
    Elements five = Elements.of(new float[9], 2, 5);
    assertRefused("from must be in [0, 5] but is -1", () -> five.slice(-1, 1));
    assertRefused("from must be in [0, 5] but is 6", () -> five.slice(6, 0));
    assertRefused("elementCount must be in [0, 3] but is 4", () -> five.slice(2, 4));
    assertRefused("elementCount must be in [0, 3] but is -1", () -> five.slice(2, -1));
    float[] tile = new float[8];
    assertThrows(IndexOutOfBoundsException.class, () -> five.read(3, tile, 3));
    assertThrows(IndexOutOfBoundsException.class, () -> five.write(-1, tile, 3));
    assertThrows(IllegalArgumentException.class, () -> five.read(0, new double[3], 3));
    assertNullNamed("array", () -> Elements.of((float[]) null));
    assertNullNamed("array", () -> Elements.of((double[]) null, 0, 0));
    assertNullNamed("array", () -> Elements.ofF16(null));
    assertNullNamed("array", () -> Elements.ofBf16(null, 0, 0));
    assertNullNamed("type", () -> Elements.of(null, MemorySegment.NULL));
    assertNullNamed("segment", () -> Elements.of(ElementType.F32, null));
  }
}
