package io.github.jdropout.parity;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * All that one run of the parity suite found out.
 *
 * @param schema {@link #SCHEMA}
 * @param run what was run and when, name to value, in order
 * @param machine what it ran on, name to value, in order
 * @param cells every comparison, in the order of running
 * @param statistics tests of the mask's randomness
 * @param seconds the whole took
 * @param isComplete whether it came to its end, and was not interrupted
 */
public record ParityReport(
    String schema,
    Map<String, String> run,
    Map<String, String> machine,
    List<Cell> cells,
    List<StatisticalTest> statistics,
    double seconds,
    boolean isComplete) {
  /** Name and version of the format. */
  public static final String SCHEMA = "jdropout-parity-1";

  /** Copies the lists. */
  public ParityReport {
    cells = List.copyOf(cells);
    statistics = List.copyOf(statistics);
  }

  /** How a cell ended. */
  public enum Outcome {
    /** All compared bits were equal, or all errors within their bound. */
    PASSED,
    /** Something differed, or a call failed. */
    FAILED,
    /** It could not run here. */
    SKIPPED
  }

  /**
   * One operation on one type by one implementation, over all sizes, p, keys, places and threads.
   *
   * @param implementation such as {@code vector, 256 bits} or {@code cuda by ffm, launch 96x3}
   * @param operation such as {@code forward}
   * @param type such as {@code f32}; empty for an operation without elements, such as the mask
   * @param outcome how it ended
   * @param reason why it was skipped, or what failed; empty if it passed
   * @param cases calls that were compared
   * @param elements compared in all calls together
   * @param seconds it took, reference included
   * @param mismatch the first difference
   * @param worstOfBound for products, the largest error as a part of its bound; 0 where bits are
   *     compared
   */
  public record Cell(
      String implementation,
      String operation,
      String type,
      Outcome outcome,
      String reason,
      long cases,
      long elements,
      double seconds,
      Optional<Mismatch> mismatch,
      double worstOfBound) {}

  /**
   * The first element that differs.
   *
   * @param seed of the call
   * @param stream of the call
   * @param p probability of dropping
   * @param firstIndex of the call
   * @param count elements in the call
   * @param index of the element within the call
   * @param input the element's input bits, in hexadecimal; empty if it has none
   * @param expected bits by the reference, in hexadecimal
   * @param actual bits that the implementation gave
   * @param details the rest of the call, such as the threads, the alignment and the shape
   * @param command that runs this call alone, by this library's backends; {@code jdropout parity
   *     --implementation} adds the class to it. A program of one's own gives the case that stands
   *     in it to {@link ParityCase#parse} and {@link ParitySuite#run(ParityCase)}.
   */
  public record Mismatch(
      long seed,
      long stream,
      double p,
      long firstIndex,
      long count,
      long index,
      String input,
      String expected,
      String actual,
      String details,
      String command) {}

  /**
   * A test of the hypothesis that elements are kept independently, at the realised probability.
   *
   * @param name such as {@code autocorrelation, lags 1 to 256}
   * @param implementation whose mask it is
   * @param p probability of dropping
   * @param comparisons p-values of which {@code pValue} is the smallest
   * @param pValue in [0, 1], before any correction
   * @param threshold below which it fails: the suite's error, divided by all its p-values
   */
  public record StatisticalTest(
      String name,
      String implementation,
      double p,
      int comparisons,
      double pValue,
      double threshold) {
    /** Returns whether the mask may be what it should be. */
    public boolean passed() {
      return pValue >= threshold;
    }
  }

  /** Returns how many cells ended so. */
  public long count(Outcome outcome) {
    return cells.stream().filter(cell -> cell.outcome() == outcome).count();
  }

  /** Returns whether something was compared and nothing failed, statistics included. */
  public boolean passed() {
    return count(Outcome.FAILED) == 0
        && count(Outcome.PASSED) > 0
        && statistics.stream().allMatch(StatisticalTest::passed);
  }
}
