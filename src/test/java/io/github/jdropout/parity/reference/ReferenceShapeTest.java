package io.github.jdropout.parity.reference;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.jdropout.oracle.OracleMask;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

/** Shared decisions, beside loops over the axes. */
class ReferenceShapeTest {
  @Test
  void indicesFollowTheLoops() {
    ReferenceShape shape = new ReferenceShape(new long[] {3, 4, 5}, new long[] {3, 1, 5});
    long element = 0;
    for (int i = 0; i < 3; i++) {
      for (int j = 0; j < 4; j++) {
        for (int k = 0; k < 5; k++) {
          assertEquals(i * 5 + k, shape.maskIndex(element++));
        }
      }
    }
  }

  @Test
  void rangesAreMadeOfTheOraclesDecisions() {
    long[] tensor = {2, 7, 3, 11};
    ReferenceShape shape = new ReferenceShape(tensor, new long[] {2, 1, 3, 1});
    int first = 45;
    int count = 300;
    byte[] bits = new byte[(count + 63) / 64 * 8];
    shape.fill(1, 2, 40_000, first, count, MemorySegment.ofArray(bits));
    for (int i = 0; i < count; i++) {
      int lane = OracleMask.lane(1, 2, shape.maskIndex(first + i));
      assertEquals(lane < 40_000 ? 1 : 0, bits[i / 8] >> (i % 8) & 1, "element " + i);
    }
  }
}
