package io.github.jdropout.cli.train;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * All that an experiment found out.
 *
 * @param plan what was trained
 * @param atATime networks that trained side by side
 * @param runs every network, seed by seed
 * @param uncertain digits that the first network with JDropout is least sure of
 */
public record Results(
    TrainingPlan plan, int atATime, List<TrainingRun> runs, List<UncertainDigit> uncertain) {
  /** Returns a figure of every run of a variant, in the order of the seeds. */
  List<Double> values(Variant variant, ToDoubleFunction<TrainingRun> figure) {
    return runs.stream()
        .filter(run -> run.variant() == variant)
        .map(figure::applyAsDouble)
        .toList();
  }

  /** Returns the mean and spread of a figure over the seeds. */
  public Sample sample(Variant variant, ToDoubleFunction<TrainingRun> figure) {
    return Sample.of(values(variant, figure));
  }

  /** Returns the mean and spread, over the seeds, of one variant's figure minus another's. */
  public Sample difference(
      Variant variant, Variant baseline, ToDoubleFunction<TrainingRun> figure) {
    List<Double> values = values(variant, figure);
    List<Double> base = values(baseline, figure);
    List<Double> differences = new ArrayList<>();
    for (int i = 0; i < values.size(); i++) {
      differences.add(values.get(i) - base.get(i));
    }
    return Sample.of(differences);
  }
}
