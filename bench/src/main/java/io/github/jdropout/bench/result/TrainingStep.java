package io.github.jdropout.bench.result;

import java.util.List;

/**
 * What dropout adds to a training step of some layers, both timed in turns.
 *
 * @param name such as {@code feed-forward half of a decoder block}
 * @param shape such as {@code 2048 tokens, hidden 2048, feed-forward 8192, bf16}
 * @param where {@code cpu} or {@code device}
 * @param by the products and the epilogues that did it
 * @param p probability of dropping in the steps with dropout
 * @param offNanos a step without dropout, in nanoseconds, turn by turn
 * @param onNanos a step with dropout in the same turns
 * @param overheadPercent what dropout adds, in percent of the step without: mean over the turns
 * @param lowPercent lower end of the overhead's interval of 95 % confidence
 * @param highPercent its upper end
 */
public record TrainingStep(
    String name,
    String shape,
    String where,
    String by,
    double p,
    List<Double> offNanos,
    List<Double> onNanos,
    double overheadPercent,
    double lowPercent,
    double highPercent) {
  /** Copies the samples. */
  public TrainingStep {
    offNanos = List.copyOf(offNanos);
    onNanos = List.copyOf(onNanos);
  }
}
