package io.github.jdropout.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.jdropout.spec.MaskShape;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Sub-tensors against {@link MaskShape#maskIndex}, element by element, from every start. */
class SharedSubtensorsTest {
  @Test
  void everyElementHasItsOwnDecision() {
    List<MaskShape> shapes =
        List.of(
            MaskShape.sharing(new long[] {}),
            MaskShape.sharing(new long[] {1, 1}),
            MaskShape.sharing(new long[] {7}),
            MaskShape.sharing(new long[] {7}, 0),
            MaskShape.sharing(new long[] {3, 4}, 0),
            MaskShape.sharing(new long[] {3, 4}, 1),
            MaskShape.sharing(new long[] {2, 3, 4}, 1),
            MaskShape.sharing(new long[] {2, 3, 4}, 0, 2),
            MaskShape.sharing(new long[] {2, 3, 1, 4}, 0, 2),
            MaskShape.sharing(new long[] {3, 2, 3, 2}, 0, 2),
            MaskShape.sharing(new long[] {2, 3, 2, 3, 2}, 1, 3),
            MaskShape.sharing(new long[] {2, 3, 2, 3, 2, 2}, 0, 2, 4));
    for (MaskShape shape : shapes) {
      for (long first = 0; first < shape.elementCount(); first++) {
        checkRange(shape, first, shape.elementCount() - first);
        checkRange(shape, first, 1);
      }
    }
  }

  private static void checkRange(MaskShape shape, long first, long count) {
    long[] done = {0};
    SharedSubtensors.forEach(
        shape,
        first,
        count,
        (maskIndex, outer, shared, inner, from, at, length) -> {
          assertEquals(done[0], at, shape.toString());
          for (long i = from; i < from + length; i++) {
            long decision = i / (shared * inner) * inner + i % inner;
            assertEquals(
                shape.maskIndex(first + done[0]), maskIndex + decision, shape + " from " + first);
            done[0]++;
          }
        });
    assertEquals(count, done[0], shape.toString());
  }

  @Test
  void emptyTensorHasNoSubtensors() {
    MaskShape shape = MaskShape.sharing(new long[] {3, 0, 2}, 0);
    SharedSubtensors.forEach(
        shape,
        0,
        0,
        (maskIndex, outer, shared, inner, from, at, count) -> {
          throw new AssertionError("a part of an empty tensor");
        });
    assertEquals(0, shape.elementCount());
  }
}
