package io.github.jdropout.parity;

import io.github.jdropout.parity.ParityReport.StatisticalTest;
import io.github.jdropout.parity.reference.ReferenceMask;
import io.github.jdropout.spec.MaskKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * Tests whether masks look like independent draws at the realised probability.
 *
 * <p>All is fixed before anything is drawn: the tests, their p-values and the threshold, which is
 * the whole error divided by the number of all p-values. So a good mask fails with a probability
 * below the error.
 *
 * <ul>
 *   <li>The <b>keep rate</b> has an exact p-value, that of the binomial distribution.
 *   <li>The rates of the eight <b>lanes</b> and of the 64 <b>places</b> in a word, and the
 *       frequencies of the patterns of a <b>quad</b>, have those of chi-square, near enough for
 *       thousands of trials; patterns of which fewer than ten are expected are taken together, and
 *       left out if they are still fewer than ten together.
 *   <li><b>Runs</b> are counted by the changes from an element to the next. The number is a sum of
 *       very many terms of which only neighbours depend on each other, so normal but for an error
 *       far below its p-value.
 *   <li><b>Correlations</b> are sums of (x - q)(y - q) over all pairs of a kind, with q the
 *       probability of keeping. The terms are uncorrelated, so the sum is normal likewise.
 * </ul>
 *
 * <p>Needs {@code org.apache.commons:commons-statistics-distribution}.
 */
public final class MaskStatistics {
  private static final int USUAL_ELEMENTS = 1 << 22;

  /** More than are between the rows that are compared. */
  private static final int MIN_ELEMENTS = 1 << 19;

  private static final int MAX_ELEMENTS = 1 << 30;

  private static final double[] PROBABILITIES = {0.1, 0.3, 0.5};

  private static final int LAGS = 256;

  private static final int SHIFTS = 64;

  private static final int[] ROW_WIDTHS = {31, 32, 33, 64, 128, 768, 1000, 1024, 4096, 11_008};

  /** Rows between those that are compared; a warp has 32 of what one thread has once. */
  private static final int[] ROW_DISTANCES = {1, 2, 32};

  private final Implementation implementation;
  private final MaskKey key;
  private final int count;
  private final List<Finding> findings = new ArrayList<>();

  private record Finding(String name, double p, int comparisons, double pValue) {}

  private MaskStatistics(Implementation implementation, MaskKey key, int count) {
    this.implementation = implementation;
    this.key = key;
    this.count = count;
  }

  /**
   * Tests masks of 2^22 elements at p of 0.1, 0.3 and 0.5.
   *
   * @param implementation draws masks, or drops elements from which its masks are taken
   * @param seed of the masks
   * @param error the probability, above 0 and below 1, with which a good implementation fails
   * @return the tests, each with the smallest of its p-values
   * @throws IllegalArgumentException if the error is outside its range, or the implementation draws
   *     no masks
   */
  public static List<StatisticalTest> test(Implementation implementation, long seed, double error) {
    return test(implementation, seed, error, USUAL_ELEMENTS);
  }

  /**
   * Tests masks of as many elements as asked for: the more, the smaller the flaws that are found.
   *
   * @param elements of each mask, a multiple of 64 from 2^19 to 2^30
   * @throws IllegalArgumentException likewise, or if the number of elements is none of these
   * @see #test(Implementation, long, double)
   */
  public static List<StatisticalTest> test(
      Implementation implementation, long seed, double error, int elements) {
    Objects.requireNonNull(implementation, "implementation");
    if (!(error > 0 && error < 1)) {
      throw new IllegalArgumentException("error must be above 0 and below 1 but is " + error);
    }
    if (elements < MIN_ELEMENTS || elements > MAX_ELEMENTS || elements % Long.SIZE != 0) {
      throw new IllegalArgumentException(
          "elements must be a multiple of 64 from "
              + MIN_ELEMENTS
              + " to "
              + MAX_ELEMENTS
              + " but is "
              + elements);
    }
    if (!implementation.operations().contains(Operation.MASK)) {
      throw new IllegalArgumentException(
          "implementation must draw masks but " + implementation.name() + " does not");
    }
    MaskStatistics statistics =
        new MaskStatistics(implementation, new MaskKey(seed, ~seed), elements);
    for (double p : PROBABILITIES) {
      statistics.test(p);
    }
    int comparisons = statistics.findings.stream().mapToInt(Finding::comparisons).sum();
    return statistics.findings.stream()
        .map(finding ->
            new StatisticalTest(
                finding.name,
                implementation.name(),
                finding.p,
                finding.comparisons,
                finding.pValue,
                error / comparisons))
        .toList();
  }

  private void test(double p) {
    double keep = ReferenceMask.threshold(p) / 65536.0;
    MaskBits mask = draw(key, p, 0);
    add("keep rate", p, PValues.ofBinomial(mask.kept(), count, keep));
    long[] places = mask.keptAtPositions();
    long[] lanes = new long[8];
    for (int place = 0; place < places.length; place++) {
      lanes[place % 8] += places[place];
    }
    add("keep rate of each lane", p, PValues.ofGroups(lanes, count / lanes.length, keep));
    add("keep rate of each place in 64", p, PValues.ofGroups(places, count / places.length, keep));
    add("patterns of eight", p, PValues.ofFrequencies(mask.quads(), quads(keep)));
    add("runs", p, runs(mask, keep));
    add("autocorrelation, lags 1 to " + LAGS, p, correlations(mask, mask, keep, lags()));
    add("autocorrelation of rows", p, correlations(mask, mask, keep, rows()));
    int[] shifts = IntStream.rangeClosed(0, SHIFTS).toArray();
    MaskKey next = key.withStream(key.stream() + 1);
    add("call against next call", p, correlations(mask, draw(next, p, 0), keep, shifts));
    addPairs("stream against stream", p, keep, mask, otherStreams());
    addPairs("seed against seed", p, keep, mask, otherSeeds());
    addIndices(p, keep, mask);
  }

  private MaskBits draw(MaskKey drawn, double p, long first) {
    return MaskBits.draw(implementation, drawn, p, first, count);
  }

  private void add(String name, double p, double... pValues) {
    findings.add(
        new Finding(
            name,
            p,
            pValues.length,
            IntStream.range(0, pValues.length).mapToDouble(i -> pValues[i]).min().orElseThrow()));
  }

  /** Returns how often each pattern of eight elements is expected. */
  private double[] quads(double keep) {
    double[] expected = new double[256];
    for (int pattern = 0; pattern < expected.length; pattern++) {
      int kept = Integer.bitCount(pattern);
      expected[pattern] = count / 8.0 * Math.pow(keep, kept) * Math.pow(1 - keep, 8.0 - kept);
    }
    return expected;
  }

  private double runs(MaskBits mask, double keep) {
    double different = 2 * keep * (1 - keep);
    double variance = different * (1 - different);
    // Two changes that share an element.
    double covariance = keep * (1 - keep) - different * different;
    double pairs = count - 1.0;
    return PValues.ofNormal(
        (double) mask.changes(),
        pairs * different,
        pairs * variance + 2 * (pairs - 1) * covariance);
  }

  private static int[] lags() {
    return IntStream.rangeClosed(1, LAGS).toArray();
  }

  private static int[] rows() {
    return IntStream.of(ROW_WIDTHS)
        .flatMap(width -> IntStream.of(ROW_DISTANCES).map(distance -> width * distance))
        .filter(lag -> lag > LAGS)
        .distinct()
        .toArray();
  }

  private double[] correlations(MaskBits one, MaskBits other, double keep, int[] shifts) {
    return IntStream.of(shifts)
        .mapToDouble(shift -> correlation(one, other, keep, shift))
        .toArray();
  }

  /** Returns the p-value of the correlation of elements with later ones. */
  private static double correlation(MaskBits one, MaskBits other, double keep, int shift) {
    double pairs = one.count() - shift;
    double kept = one.keptBefore(one.count() - shift);
    double keptLater = other.kept() - other.keptBefore(shift);
    double sum = one.keptWith(other, shift) - keep * (kept + keptLater) + pairs * keep * keep;
    double variance = keep * (1 - keep);
    return PValues.ofNormal(sum, 0, pairs * variance * variance);
  }

  /** Streams that differ from the mask's in one bit or in all, and the key the other way round. */
  private List<MaskKey> otherStreams() {
    return List.of(
        key.withStream(key.stream() ^ 1L << 31),
        key.withStream(key.stream() ^ 1L << 32),
        key.withStream(key.stream() ^ 1L << 63),
        key.withStream(~key.stream()),
        new MaskKey(/* seed= */ key.stream(), /* stream= */ key.seed()));
  }

  private List<MaskKey> otherSeeds() {
    return List.of(
        new MaskKey(key.seed() + 1, key.stream()),
        new MaskKey(key.seed() ^ 1L << 32, key.stream()),
        new MaskKey(key.seed() ^ 1L << 63, key.stream()));
  }

  private void addPairs(String name, double p, double keep, MaskBits mask, List<MaskKey> others) {
    double[] pValues =
        others.stream()
            .mapToDouble(other -> correlation(mask, draw(other, p, 0), keep, 0))
            .toArray();
    add(name, p, pValues);
  }

  /** Ranges whose indices differ in the quad's high and low half. */
  private void addIndices(double p, double keep, MaskBits mask) {
    add(
        "range against far range",
        p,
        correlation(mask, draw(key, p, 1L << 32), keep, 0),
        correlation(mask, draw(key, p, 1L << 35), keep, 0),
        correlation(mask, draw(key, p, 1L << 62), keep, 0));
  }
}
