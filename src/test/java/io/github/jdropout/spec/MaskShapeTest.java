package io.github.jdropout.spec;

import static io.github.jdropout.testing.Messages.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class MaskShapeTest {
  @Test
  void neighbouringAxesOfOneKindAreOneRun() {
    MaskShape shape = MaskShape.sharing(new long[] {2, 3, 1, 4, 5}, 3, 4);
    assertArrayEquals(new long[] {2, 3, 1, 1, 1}, shape.maskShape());
    assertEquals(120, shape.elementCount());
    assertEquals(6, shape.maskElementCount());
    assertEquals(2, shape.runCount());
    assertEquals(6, shape.runLength(0));
    assertFalse(shape.isRunShared(0));
    assertEquals(20, shape.runLength(1));
    assertTrue(shape.isRunShared(1));
    assertEquals(5, shape.maskIndex(119));
  }

  @Test
  void shapesAreValues() {
    MaskShape one = MaskShape.sharing(new long[] {2, 3}, 1);
    MaskShape same = MaskShape.of(new long[] {2, 3}, new long[] {2, 1});
    assertEquals(one, same);
    assertEquals(one.hashCode(), same.hashCode());
    assertNotEquals(one, MaskShape.sharing(new long[] {2, 3}, 0));
    assertEquals("MaskShape[tensor=[2, 3], mask=[2, 1]]", one.toString());
    long[] tensor = one.tensorShape();
    tensor[0] = 9;
    assertEquals(2, one.tensorShape()[0]);
  }

  @Test
  void emptyTensorsHaveNoElements() {
    assertEquals(0, MaskShape.sharing(new long[] {1L << 40, 0, 1L << 40}).elementCount());
    assertEquals(1, MaskShape.sharing(new long[] {}).elementCount());
  }

  @Test
  void badInputIsNamed() {
    assertRefused(
        "sharedAxes must be in [0, 2) but one is 2", () -> MaskShape.sharing(new long[] {2, 3}, 2));
    assertRefused(
        "sharedAxes must be in [0, 2) but one is -1",
        () -> MaskShape.sharing(new long[] {2, 3}, -1));
    assertRefused(
        "sharedAxes must differ but 1 is there twice",
        () -> MaskShape.sharing(new long[] {2, 3}, 1, 1));
    assertRefused(
        "tensor must have sizes of at least 0 but is [2, -3]",
        () -> MaskShape.sharing(new long[] {2, -3}));
    assertRefused(
        "mask must have the tensor's rank 2 but has 1: tensor [2, 3], mask [2]",
        () -> MaskShape.of(new long[] {2, 3}, new long[] {2}));
    assertRefused(
        "mask must have size 1 or 3 on axis 1 but is [2, 2] for tensor [2, 3]",
        () -> MaskShape.of(new long[] {2, 3}, new long[] {2, 2}));
    assertRefused(
        "tensor must have fewer than 2^63 elements but is [4294967296, 2147483648]",
        () -> MaskShape.sharing(new long[] {1L << 32, 1L << 31}));
    assertRefused( // the low 64 bits of the product are 0
        "tensor must have fewer than 2^63 elements but is [4294967296, 4294967296]",
        () -> MaskShape.sharing(new long[] {1L << 32, 1L << 32}));
  }
}
