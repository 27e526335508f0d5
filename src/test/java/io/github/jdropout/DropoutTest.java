package io.github.jdropout;

import static io.github.jdropout.testing.Messages.assertNullNamed;
import static io.github.jdropout.testing.Messages.assertRefused;
import static io.github.jdropout.testing.Messages.assertRefusedStarting;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jdropout.backend.BackendId;
import io.github.jdropout.spec.DropoutSpec;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.Elements;
import io.github.jdropout.spec.MaskKey;
import io.github.jdropout.spec.MaskShape;
import io.github.jdropout.spec.PackedMask;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.concurrent.ForkJoinPool;
import org.junit.jupiter.api.Test;

/** The face: conveniences agree with each other, and bad input is refused before any write. */
class DropoutTest {
  private static final MaskKey KEY = new MaskKey(42, 7);

  private final Dropout dropout = Dropout.of(0.5);
  private final float[] input = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
  private final float[] output = poisoned(10);

  @Test
  void wholeArraysEqualViews() {
    dropout.forward(input, output, KEY);
    float[] viewed = poisoned(10);
    dropout.forward(Elements.of(input), Elements.of(viewed), KEY);
    assertArrayEquals(output, viewed);
    float[] backward = poisoned(10);
    dropout.backward(input, backward, KEY);
    assertArrayEquals(output, backward);
    double[] doubles = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
    dropout.forward(doubles, doubles, KEY);
    for (int i = 0; i < 10; i++) {
      assertEquals(output[i], doubles[i]); // the scale is 2, so that both types are exact
    }
    double[] gradient = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
    dropout.backward(gradient, gradient, KEY);
    assertArrayEquals(doubles, gradient);
  }

  @Test
  void realisedValuesAreExposed() {
    Dropout tenth = Dropout.of(DropoutSpec.of(0.1), BackendId.SCALAR);
    assertEquals(6554 / 65536.0, tenth.effectiveP());
    assertEquals(65536.0 / 58982, tenth.scale());
    assertEquals(DropoutSpec.of(0.1), tenth.spec());
    assertEquals(BackendId.SCALAR, tenth.backend().id());
    assertEquals("Dropout[DropoutSpec[p=0.1, scaling=INVERTED], backend=scalar]", tenth.toString());
  }

  @Test
  void monteCarloSamplesDifferByStream() {
    float[] second = poisoned(10);
    dropout.forward(input, output, KEY);
    dropout.forward(input, second, KEY.withStream(8));
    assertTrue(!Arrays.equals(output, second));
  }

  @Test
  void confinedMemoryIsProcessedByItsOwner() {
    try (Arena confined = Arena.ofConfined()) {
      int count = 300_000;
      MemorySegment memory = confined.allocate(4L * count, 4);
      Elements elements = Elements.of(ElementType.F32, memory);
      float[] expected = new float[count];
      Arrays.fill(expected, 3);
      elements.write(0, expected, count);
      dropout.forward(expected, expected, KEY);
      dropout.forward(elements, elements, KEY);
      float[] actual = new float[count];
      elements.read(0, actual, count);
      assertArrayEquals(expected, actual);
    }
  }

  @Test
  void confinedMemoryMayBeAnyArgument() throws Exception {
    int count = 300_000;
    float[] ones = new float[count];
    Arrays.fill(ones, 1);
    // A pool of two, so that the call would be split on any machine.
    try (ForkJoinPool pool = new ForkJoinPool(2)) {
      for (double p : new double[] {0, 0.5, 1}) {
        pool.submit(() -> checkConfinedArguments(Dropout.of(p), ones)).get();
      }
    }
  }

  private static void checkConfinedArguments(Dropout dropout, float[] ones) {
    int count = ones.length;
    float[] expected = poisoned(count);
    dropout.forward(ones, expected, KEY);
    PackedMask expectedMask = PackedMask.allocate(count);
    dropout.mask(expectedMask, KEY);
    float[] actual = poisoned(count);
    try (Arena arena = Arena.ofConfined()) {
      Elements confined = Elements.of(ElementType.F32, arena.allocate(4L * count, 4));
      PackedMask mask = PackedMask.of(arena.allocate(count / 8, 1), count);

      confined.write(0, ones, count);
      dropout.forward(confined, Elements.of(actual), KEY);
      assertArrayEquals(expected, actual);
      dropout.forward(Elements.of(ones), confined, KEY);
      confined.read(0, actual, count);
      assertArrayEquals(expected, actual);

      dropout.mask(mask, KEY);
      assertEquals(-1, expectedMask.bytes().mismatch(mask.bytes()));
      Arrays.fill(actual, -77);
      dropout.applyMask(mask, Elements.of(ones), Elements.of(actual));
      assertArrayEquals(expected, actual);
    }
  }

  @Test
  void lastIndexMayBeTheLargestLong() {
    dropout.forward(Elements.of(input), Elements.of(output), KEY, Long.MAX_VALUE - 9);
    assertTrue(output[9] == 0 || output[9] == 20);
    PackedMask mask = PackedMask.allocate(1);
    dropout.mask(mask, KEY, Long.MAX_VALUE);
    assertEquals(output[9] == 20, mask.isKept(0));
  }

  @Test
  void emptyInputIsNoWork() {
    dropout.forward(new float[0], new float[0], KEY);
    dropout.forward(Elements.of(input, 10, 0), Elements.of(input, 0, 0), KEY, Long.MAX_VALUE);
    dropout.mask(PackedMask.allocate(0), KEY);
    assertArrayEquals(new float[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, input);
  }

  @Test
  void badPairsAreRefused() {
    Elements ten = Elements.of(input);
    assertRefused(
        "output has 9 elements but input has 10", () -> dropout.forward(input, new float[9], KEY));
    assertRefused(
        "gradInput has 11 elements but gradOutput has 10",
        () -> dropout.backward(input, new float[11], KEY));
    assertRefused(
        "output has 3 elements but input has 2",
        () -> dropout.forward(new double[2], new double[3], KEY));
    assertRefused(
        "gradInput has 1 elements but gradOutput has 2",
        () -> dropout.backward(new double[2], new double[1], KEY));
    assertRefused(
        "output is f64 but input is f32",
        () -> dropout.forward(ten, Elements.of(new double[10]), KEY));
    assertRefused(
        "output is bf16 but input is f16",
        () -> dropout.infer(Elements.ofF16(new short[3]), Elements.ofBf16(new short[3])));
    assertRefused(
        "output overlaps input but is not the same place",
        () -> dropout.forward(Elements.of(input, 0, 5), Elements.of(input, 1, 5), KEY));
    assertRefused(
        "gradInput overlaps gradOutput but is not the same place",
        () -> dropout.backward(Elements.of(input, 4, 5), Elements.of(input, 1, 5), KEY));
    assertRefusedStarting(
        "output must be writable but is read-only",
        () ->
            dropout.forward(
                ten,
                Elements.of(ElementType.F32, MemorySegment.ofArray(output).asReadOnly()),
                KEY));
    Arena arena = Arena.ofShared();
    Elements closed = Elements.of(ElementType.F32, arena.allocate(40, 4));
    arena.close();
    assertRefusedStarting(
        "input is in an arena that has been closed",
        () -> dropout.forward(closed, Elements.of(output), KEY));
    assertUnwritten();
  }

  @Test
  void badIndicesAreRefused() {
    Elements in = Elements.of(input);
    Elements out = Elements.of(output);
    assertRefused(
        "firstIndex must be in [0, 2^63 - 10] but is -1", () -> dropout.forward(in, out, KEY, -1));
    assertRefused(
        "firstIndex must be in [0, 2^63 - 10] but is 9223372036854775799",
        () -> dropout.backward(in, out, KEY, Long.MAX_VALUE - 8));
    assertRefused(
        "firstIndex must be in [0, 2^63 - 3] but is -5",
        () -> dropout.mask(PackedMask.allocate(3), KEY, -5));
    assertUnwritten();
  }

  @Test
  void badShapesAreRefused() {
    Elements in = Elements.of(input);
    Elements out = Elements.of(output);
    MaskShape shape = MaskShape.sharing(new long[] {3, 4}, 1);
    assertRefused(
        "input has 10 elements but shape has 12: MaskShape[tensor=[3, 4], mask=[3, 1]]",
        () -> dropout.forward(in, out, KEY, shape));
    assertRefused(
        "gradOutput has 10 elements but shape has 12: MaskShape[tensor=[3, 4], mask=[3, 1]]",
        () -> dropout.backward(in, out, KEY, shape));
    assertRefused(
        "firstIndex must be in [0, 2] but is 3", () -> dropout.forward(in, out, KEY, shape, 3));
    assertRefused(
        "firstIndex must be in [0, 2] but is -1", () -> dropout.backward(in, out, KEY, shape, -1));
    assertRefusedStarting(
        "input has 10 elements but shape has 4",
        () -> dropout.forward(in, out, KEY, MaskShape.sharing(new long[] {4}), 0));
    assertUnwritten();
  }

  @Test
  void badMasksAreRefused() {
    Elements in = Elements.of(input);
    assertRefused(
        "mask has 9 elements but input has 10",
        () -> dropout.applyMask(PackedMask.allocate(9), in, Elements.of(output)));
    PackedMask within = PackedMask.of(MemorySegment.ofArray(output), 10);
    assertRefused(
        "output must not overlap mask", () -> dropout.applyMask(within, in, Elements.of(output)));
    Arena arena = Arena.ofShared();
    PackedMask closed = PackedMask.of(arena.allocate(2, 1), 10);
    arena.close();
    assertRefusedStarting(
        "mask is in an arena that has been closed",
        () -> dropout.applyMask(closed, in, Elements.of(output)));
    assertRefusedStarting(
        "output is in an arena that has been closed", () -> dropout.mask(closed, KEY));
    assertRefusedStarting(
        "output must be writable but is read-only",
        () ->
            dropout.mask(PackedMask.of(MemorySegment.ofArray(new byte[2]).asReadOnly(), 10), KEY));
    assertUnwritten();
  }

  @Test
  void nullsAreNamed() {
    Elements in = Elements.of(input);
    Elements out = Elements.of(output);
    MaskShape shape = MaskShape.sharing(new long[] {10});
    assertNullNamed("spec", () -> Dropout.of((DropoutSpec) null));
    assertNullNamed("id", () -> Dropout.of(DropoutSpec.of(0.5), null));
    assertNullNamed("input", () -> dropout.forward((float[]) null, output, KEY));
    assertNullNamed("output", () -> dropout.forward(input, null, KEY));
    assertNullNamed("gradOutput", () -> dropout.backward((double[]) null, new double[1], KEY));
    assertNullNamed("gradInput", () -> dropout.backward(in, null, KEY));
    assertNullNamed("key", () -> dropout.forward(input, output, null));
    assertNullNamed("key", () -> dropout.backward(input, output, null));
    assertNullNamed("key", () -> dropout.forward(new double[1], new double[1], null));
    assertNullNamed("key", () -> dropout.backward(new double[1], new double[1], null));
    assertNullNamed("key", () -> dropout.forward(in, out, null));
    assertNullNamed("key", () -> dropout.forward(in, out, null, shape));
    assertNullNamed("shape", () -> dropout.forward(in, out, KEY, null));
    assertNullNamed("shape", () -> dropout.backward(in, out, KEY, null, 0));
    assertNullNamed("output", () -> dropout.mask(null, KEY));
    assertNullNamed("key", () -> dropout.mask(PackedMask.allocate(1), null));
    assertNullNamed("mask", () -> dropout.applyMask(null, in, out));
    assertNullNamed("input", () -> dropout.infer(null, out));
    assertUnwritten();
  }

  @Test
  void everyOperationRefusesBadPairs() {
    Elements low = Elements.of(input, 0, 5);
    Elements high = Elements.of(input, 1, 5);
    String overlap = "output overlaps input but is not the same place";
    PackedMask mask = PackedMask.allocate(5);
    MaskShape shape = MaskShape.sharing(new long[] {5}, 0);
    assertRefused(overlap, () -> dropout.infer(low, high));
    assertRefused(overlap, () -> dropout.applyMask(mask, low, high));
    assertRefused(overlap, () -> dropout.forward(low, high, KEY, shape));
    assertRefused(
        "gradInput overlaps gradOutput but is not the same place",
        () -> dropout.backward(low, high, KEY, shape, 0));
    assertNullNamed("output", () -> dropout.infer(low, null));
    assertNullNamed("input", () -> dropout.applyMask(mask, null, low));
    assertNullNamed("output", () -> dropout.applyMask(mask, low, null));
    assertNullNamed("tensor", () -> MaskShape.sharing(null));
    assertNullNamed("sharedAxes", () -> MaskShape.sharing(new long[] {5}, (int[]) null));
    assertNullNamed("mask", () -> MaskShape.of(new long[] {5}, null));
    assertNullNamed("streams", () -> MaskKey.next(null));
    assertEquals(0, MaskShape.sharing(new long[] {1L << 40, 0, 1L << 40}, 1).maskElementCount());
    assertEquals(DropoutSpec.of(0.0), DropoutSpec.of(-0.0));
    assertUnwritten();
  }

  private void assertUnwritten() {
    assertArrayEquals(poisoned(10), output);
    assertArrayEquals(new float[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, input);
  }

  private static float[] poisoned(int count) {
    float[] array = new float[count];
    Arrays.fill(array, -77);
    return array;
  }
}
