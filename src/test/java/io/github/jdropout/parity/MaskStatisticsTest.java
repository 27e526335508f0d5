package io.github.jdropout.parity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jdropout.DropoutBackends;
import io.github.jdropout.backend.BackendId;
import io.github.jdropout.parity.ParityReport.StatisticalTest;
import io.github.jdropout.parity.reference.ReferenceMask;
import io.github.jdropout.spec.DropoutSpec;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.Elements;
import io.github.jdropout.spec.MaskKey;
import io.github.jdropout.spec.PackedMask;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A good mask passes; a bad one fails where it is bad. */
class MaskStatisticsTest {
  private static final double ERROR = 1e-4;

  private static final int COUNT = 1 << 20;

  private static final String LANES = "keep rate of each lane";
  private static final String PATTERNS = "patterns of eight";
  private static final String LAGS = "autocorrelation, lags 1 to 256";
  private static final String ROWS = "autocorrelation of rows";
  private static final String NEXT_CALL = "call against next call";
  private static final String STREAMS = "stream against stream";
  private static final String SEEDS = "seed against seed";
  private static final String RANGES = "range against far range";

  /** Generators with mistakes, and the test that must see each. */
  enum Bad {
    /** A threshold of eight bits, near 0.9 but not near enough. */
    RATE("keep rate") {
      @Override
      boolean isKept(MaskKey key, long element, int threshold) {
        return super.isKept(key, element, threshold + 128 & ~255);
      }
    },
    BIASED_LANE(LANES) {
      @Override
      boolean isKept(MaskKey key, long element, int threshold) {
        int bias = (element & 7) == 3 ? 600 : (element & 7) == 4 ? -600 : 0;
        return super.isKept(key, element, threshold + bias);
      }
    },
    BIASED_PLACE("keep rate of each place in 64") {
      @Override
      boolean isKept(MaskKey key, long element, int threshold) {
        int place = (int) (element & 63);
        return super.isKept(
            key, element, threshold + (place == 9 ? 2000 : place == 17 ? -2000 : 0));
      }
    },
    SAME_LANE_TWICE(PATTERNS) {
      @Override
      boolean isKept(MaskKey key, long element, int threshold) {
        return super.isKept(key, (element & 7) == 6 ? element - 4 : element, threshold);
      }
    },
    FEW_RUNS("runs") {
      @Override
      boolean isKept(MaskKey key, long element, int threshold) {
        return super.isKept(key, element % 5 == 1 ? element - 1 : element, threshold);
      }
    },
    ROWS_REPEAT_AFTER_32(LAGS) {
      @Override
      boolean isKept(MaskKey key, long element, int threshold) {
        return super.isKept(key, element % 97 == 0 ? element ^ 32 : element, threshold);
      }
    },
    ROWS_REPEAT_AFTER_1000(ROWS) {
      @Override
      boolean isKept(MaskKey key, long element, int threshold) {
        long row = element / 1000;
        return super.isKept(key, row % 2 == 1 ? element - 1000 : element, threshold);
      }
    },
    INDEX_OF_12_BITS(ROWS) {
      @Override
      boolean isKept(MaskKey key, long element, int threshold) {
        return super.isKept(key, element & 4095, threshold);
      }
    },
    STREAM_IS_REUSED(NEXT_CALL) {
      @Override
      boolean isKept(MaskKey key, long element, int threshold) {
        return super.isKept(key.withStream(key.stream() & ~1L), element, threshold);
      }
    },
    NEXT_CALL_IS_SHIFTED(NEXT_CALL) {
      @Override
      boolean isKept(MaskKey key, long element, int threshold) {
        long shift = 3 * (key.stream() & 63);
        return super.isKept(
            key.withStream(key.stream() & ~63L), element + 64 * 3 - shift, threshold);
      }
    },
    STREAM_OF_32_BITS(STREAMS) {
      @Override
      boolean isKept(MaskKey key, long element, int threshold) {
        return super.isKept(key.withStream(key.stream() & 0xFFFFFFFFL), element, threshold);
      }
    },
    SEED_AND_STREAM_ARE_ADDED(STREAMS) {
      @Override
      boolean isKept(MaskKey key, long element, int threshold) {
        return super.isKept(new MaskKey(key.seed() + key.stream(), 0), element, threshold);
      }
    },
    SEED_OF_32_BITS(SEEDS) {
      @Override
      boolean isKept(MaskKey key, long element, int threshold) {
        return super.isKept(
            new MaskKey(key.seed() & 0xFFFFFFFFL, key.stream()), element, threshold);
      }
    },
    INDEX_OF_32_BITS(RANGES) {
      @Override
      boolean isKept(MaskKey key, long element, int threshold) {
        return super.isKept(key, element & 0xFFFFFFFFL, threshold);
      }
    };

    private final String seenBy;

    Bad(String seenBy) {
      this.seenBy = seenBy;
    }

    boolean isKept(MaskKey key, long element, int threshold) {
      return ReferenceMask.isKept(key.seed(), key.stream(), element, threshold);
    }
  }

  private record Generator(Bad bad) implements Subject {
    @Override
    public Set<Operation> operations() {
      return EnumSet.of(Operation.MASK);
    }

    @Override
    public Set<ElementType> types() {
      return EnumSet.noneOf(ElementType.class);
    }

    @Override
    public void forward(
        DropoutSpec spec, MaskKey key, long firstIndex, Elements input, Elements output) {
      throw new UnsupportedOperationException("draws masks only");
    }

    @Override
    public void mask(DropoutSpec spec, MaskKey key, long firstIndex, PackedMask output) {
      int count = (int) output.count();
      long[] words = new long[count / 64];
      for (int i = 0; i < count; i++) {
        if (bad.isKept(key, firstIndex + i, spec.threshold())) {
          words[i >> 6] |= 1L << i;
        }
      }
      output.write(0, words, count);
    }
  }

  private static List<StatisticalTest> test(Implementation implementation, long seed) {
    return MaskStatistics.test(implementation, seed, ERROR, COUNT);
  }

  private static Implementation scalar() {
    return Implementation.of(DropoutBackends.get(BackendId.SCALAR));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 20_26, -1})
  void realMasksPass(long seed) {
    List<StatisticalTest> tests = test(scalar(), seed);
    assertEquals(33, tests.size());
    int comparisons = tests.stream().mapToInt(StatisticalTest::comparisons).sum();
    for (StatisticalTest test : tests) {
      assertTrue(test.passed(), test::toString);
      assertEquals(ERROR / comparisons, test.threshold());
      assertEquals("scalar", test.implementation());
    }
  }

  @Test
  void dropsThatAreMasksPassToo() {
    Implementation function =
        Implementation.of(
            "function",
            (key, p, first, input, output) ->
                scalar().subject().forward(DropoutSpec.of(p), key, first, input, output));
    assertEquals(
        test(scalar(), 5).stream().map(StatisticalTest::pValue).toList(),
        test(function, 5).stream().map(StatisticalTest::pValue).toList());
  }

  @ParameterizedTest
  @EnumSource
  void badMasksFailWhereTheyAreBad(Bad bad) {
    Implementation generator = Implementation.of(bad.name(), new Generator(bad));
    Set<String> failed =
        test(generator, 1).stream()
            .filter(test -> !test.passed())
            .map(StatisticalTest::name)
            .collect(Collectors.toCollection(TreeSet::new));
    assertTrue(failed.contains(bad.seenBy), () -> bad + " fails " + failed);
  }

  /** p-values of what is true are spread evenly: none too seldom, none too often. */
  @Test
  void valuesOfTrueHypothesesAreUniform() {
    SplittableRandom random = new SplittableRandom(8);
    int[] below = new int[3];
    int runs = 400;
    for (int run = 0; run < runs; run++) {
      MaskBits mask = MaskBits.draw(scalar(), new MaskKey(random.nextLong(), run), 0.3, 0, 1 << 14);
      double keep = ReferenceMask.threshold(0.3) / 65536.0;
      double different = 2 * keep * (1 - keep);
      double pairs = mask.count() - 1.0;
      double covariance = keep * (1 - keep) - different * different;
      double[] pValues = {
        PValues.ofBinomial(mask.kept(), mask.count(), keep),
        PValues.ofGroups(mask.keptAtPositions(), mask.count() / 64, keep),
        PValues.ofNormal(
            (double) mask.changes(),
            pairs * different,
            pairs * different * (1 - different) + 2 * (pairs - 1) * covariance)
      };
      for (int i = 0; i < pValues.length; i++) {
        below[i] += pValues[i] < 0.25 ? 1 : 0;
      }
    }
    for (int count : below) {
      // 100 are expected, with a deviation of 8.7.
      assertTrue(count > 60 && count < 140, "below 0.25: " + count + " of " + runs);
    }
  }

  @Test
  void argumentsOutsideTheirRangesAreRefused() {
    for (double error : new double[] {0, 1, -1, Double.NaN}) {
      IllegalArgumentException e =
          assertThrows(
              IllegalArgumentException.class, () -> MaskStatistics.test(scalar(), 1, error));
      assertEquals("error must be above 0 and below 1 but is " + error, e.getMessage());
    }
    for (int elements : new int[] {-64, 0, (1 << 19) - 64, (1 << 20) + 1, (1 << 30) + 64}) {
      IllegalArgumentException e =
          assertThrows(
              IllegalArgumentException.class,
              () -> MaskStatistics.test(scalar(), 1, ERROR, elements));
      assertEquals(
          "elements must be a multiple of 64 from 524288 to 1073741824 but is " + elements,
          e.getMessage());
    }
    Implementation noMasks = scalar().only(EnumSet.of(Operation.FORWARD), Set.of());
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> MaskStatistics.test(noMasks, 1, ERROR));
    assertEquals("implementation must draw masks but scalar does not", e.getMessage());
  }
}
