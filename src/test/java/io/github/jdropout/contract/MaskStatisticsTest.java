package io.github.jdropout.contract;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jdropout.Dropout;
import io.github.jdropout.backend.BackendId;
import io.github.jdropout.spec.DropoutSpec;
import io.github.jdropout.spec.MaskKey;
import io.github.jdropout.spec.PackedMask;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.commons.statistics.distribution.BinomialDistribution;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Masks look like independent draws at the realised probability.
 *
 * <p>Seeds are fixed, so a test passes always or never. Bounds are exact binomial quantiles whose
 * error probability, 1e-3 for a whole test, is divided by the number of comparisons. The scalar
 * backend stands for all, which give the same bits.
 */
class MaskStatisticsTest {
  private static final double ERROR = 1e-3;
  private static final int COUNT = 1 << 20;
  private static final long SEED = 20_14;

  static Stream<Arguments> cases() {
    return Stream.of(0.1, 0.3).flatMap(p -> Stream.of(0L, 1L).map(s -> Arguments.of(p, s)));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void keepRate(double p, long stream) {
    PackedMask mask = mask(p, stream, 0, COUNT);
    assertPlausible(mask.keptCount(), COUNT, keep(p), 1, "kept");
  }

  @ParameterizedTest
  @MethodSource("cases")
  void everyLanePositionKeepsAtTheSameRate(double p, long stream) {
    PackedMask mask = mask(p, stream, 0, COUNT);
    for (int lane = 0; lane < 8; lane++) {
      int offset = lane;
      long kept =
          IntStream.range(0, COUNT / 8).filter(quad -> mask.isKept(8L * quad + offset)).count();
      assertPlausible(kept, COUNT / 8, keep(p), 8, "lane " + lane);
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void neighbouringStreamsAreIndependentAtEveryShift(double p, long stream) {
    PackedMask one = mask(p, stream, 0, COUNT);
    PackedMask next = mask(p, stream + 1, 0, COUNT);
    for (int shift = 0; shift <= 64; shift++) {
      assertIndependent(one, next, shift, p, 65);
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void elementsAreIndependentOfLaterOnes(double p, long stream) {
    PackedMask mask = mask(p, stream, 0, COUNT);
    int[] shifts =
        IntStream.concat(IntStream.rangeClosed(1, 64), IntStream.of(256, 4096)).toArray();
    for (int shift : shifts) {
      assertIndependent(mask, mask, shift, p, shifts.length);
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void rowsAreIndependent(double p, long stream) {
    int[] widths = {31, 32, 33, 128, 1000, 1024};
    PackedMask mask = mask(p, stream, 0, COUNT);
    for (int width : widths) {
      for (int distance : new int[] {1, 32}) {
        assertIndependent(mask, mask, width * distance, p, 2 * widths.length);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void neighbouringSeedsAreIndependent(double p, long stream) {
    PackedMask one = mask(p, stream, 0, COUNT);
    PackedMask next = PackedMask.allocate(COUNT);
    Dropout.of(DropoutSpec.of(p), BackendId.SCALAR).mask(next, new MaskKey(SEED + 1, stream));
    assertIndependent(one, next, 0, p, 1);
  }

  /** Both of a pair are kept at the rate of two independent draws. */
  private static void assertIndependent(
      PackedMask one, PackedMask other, int shift, double p, int comparisons) {
    // Pairs that share no element, so that their number is binomial exactly.
    int pairs = 0;
    long both = 0;
    int step = Math.max(shift, 1);
    for (int block = 0; block + 2 * step <= COUNT; block += 2 * step) {
      for (int i = block; i < block + step; i++) {
        pairs++;
        both += one.isKept(i) && other.isKept(i + shift) ? 1 : 0;
      }
    }
    assertPlausible(both, pairs, keep(p) * keep(p), comparisons, "shift " + shift);
  }

  private static void assertPlausible(
      long observed, int trials, double probability, int comparisons, String what) {
    BinomialDistribution binomial = BinomialDistribution.of(trials, probability);
    double tail = ERROR / comparisons / 2;
    int low = binomial.inverseCumulativeProbability(tail);
    int high = binomial.inverseSurvivalProbability(tail);
    assertTrue(
        low <= observed && observed <= high,
        what + ": " + observed + " of " + trials + " is outside [" + low + ", " + high + "]");
  }

  private static double keep(double p) {
    return DropoutSpec.of(p).keepProbability();
  }

  private static PackedMask mask(double p, long stream, long first, int count) {
    PackedMask mask = PackedMask.allocate(count);
    Dropout.of(DropoutSpec.of(p), BackendId.SCALAR).mask(mask, new MaskKey(SEED, stream), first);
    return mask;
  }
}
