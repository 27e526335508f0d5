package io.github.jdropout.parity.reference;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.jdropout.oracle.OracleMask;
import io.github.jdropout.testing.KnownAnswers;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The parity suite's masks are the oracle's, which share no code and no arithmetic with them. */
class ReferenceMaskTest {
  @Test
  void knownMasks() {
    for (KnownAnswers.Mask known : KnownAnswers.masks()) {
      MemorySegment bits = MemorySegment.ofArray(new byte[8]);
      ReferenceMask.fill(
          known.key().seed(),
          known.key().stream(),
          known.first(),
          ReferenceMask.threshold(known.p()),
          bits,
          0,
          64);
      assertEquals(known.bits(), bits.get(ValueLayout.JAVA_LONG_UNALIGNED, 0), known.toString());
    }
  }

  @Test
  void thresholdsAreTheOracles() {
    SplittableRandom random = new SplittableRandom(3);
    for (int i = 0; i < 2000; i++) {
      double p = i % 2 == 0 ? random.nextDouble() : (2 * random.nextInt(65536) + 1) * 0x1p-17;
      assertEquals(OracleMask.threshold(p), ReferenceMask.threshold(p), "p " + p);
    }
    for (double p : new double[] {0, Double.MIN_VALUE, 1e-9, Math.nextDown(1.0), 1}) {
      assertEquals(OracleMask.threshold(p), ReferenceMask.threshold(p), "p " + p);
    }
  }

  @Test
  void randomRangesAreTheOracles() {
    SplittableRandom random = new SplittableRandom(4);
    for (int call = 0; call < 200; call++) {
      long seed = random.nextLong();
      long stream = random.nextLong();
      long first = random.nextLong() >>> random.nextInt(1, 63);
      int count = 1 + random.nextInt(200);
      int from = 64 * random.nextInt(1 + count / 64);
      int threshold = random.nextInt(65537);
      first = Math.min(first, Long.MAX_VALUE - count);
      byte[] bytes = new byte[(count + 63) / 64 * 8];
      ReferenceMask.fill(seed, stream, first, threshold, MemorySegment.ofArray(bytes), from, count);
      int[] lanes = OracleMask.lanes(seed, stream, first, count);
      for (int i = from; i < 8 * bytes.length; i++) {
        int expected = i < count && lanes[i] < threshold ? 1 : 0;
        assertEquals(expected, bytes[i / 8] >> (i % 8) & 1, "element " + i + " of " + count);
        if (i < count) {
          assertEquals(
              expected == 1, ReferenceMask.isKept(seed, stream, first + i, threshold), "at " + i);
        }
      }
    }
  }
}
