package io.github.jdropout.bench.training;

import java.util.List;
import org.apache.commons.statistics.distribution.TDistribution;

/**
 * What something adds to a time, in percent, with an interval of 95 % confidence.
 *
 * <p>Of each turn counts the logarithm of the ratio of its two times: what slows a whole turn down
 * cancels, and twice as slow weighs as much as twice as fast. The interval is Student's t of their
 * mean. It wants means that are distributed normally, which those of dozens of turns are, and its
 * width comes from the turns themselves: turns that were disturbed make it wider, not wrong. A
 * bootstrap would promise the same for more work, and is too narrow for few turns.
 *
 * @param percent exp of the mean, less 1: 1 means that a step takes 1.01 times as long
 * @param low the interval's lower end
 * @param high its upper end
 */
public record Overhead(double percent, double low, double high) {
  private static final double CONFIDENCE = 0.95;

  /**
   * Returns the overhead of some times over others, turn by turn.
   *
   * @throws IllegalArgumentException if there are fewer than two turns, or not as many of each, or
   *     a time is not positive
   */
  public static Overhead of(List<Double> off, List<Double> on) {
    int turns = off.size();
    if (turns < 2 || on.size() != turns) {
      throw new IllegalArgumentException(
          "off and on must have the same two turns or more but have "
              + turns
              + " and "
              + on.size());
    }
    double[] logs = new double[turns];
    double mean = 0;
    for (int turn = 0; turn < turns; turn++) {
      logs[turn] = Math.log(positive("on", on.get(turn)) / positive("off", off.get(turn)));
      mean += logs[turn] / turns;
    }
    double squares = 0;
    for (double log : logs) {
      squares += (log - mean) * (log - mean);
    }
    double quantile = TDistribution.of(turns - 1).inverseSurvivalProbability((1 - CONFIDENCE) / 2);
    double reach = quantile * Math.sqrt(squares / (turns - 1) / turns);
    return new Overhead(percent(mean), percent(mean - reach), percent(mean + reach));
  }

  private static double percent(double log) {
    return 100 * Math.expm1(log);
  }

  private static double positive(String name, double nanos) {
    if (!(nanos > 0)) {
      throw new IllegalArgumentException(name + " must be positive but has " + nanos);
    }
    return nanos;
  }
}
