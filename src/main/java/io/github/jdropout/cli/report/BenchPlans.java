package io.github.jdropout.cli.report;

import io.github.jdropout.bench.result.BenchRun;
import io.github.jdropout.bench.result.TrainingStep;
import java.util.ArrayList;
import java.util.List;

/**
 * All charts of a run of the benchmark, by section.
 *
 * @param rooflines cases against the speed of memory
 * @param peers beside other implementations
 * @param sweeps over sizes and other properties
 * @param crossovers of CPU and GPU
 * @param training overheads in a training step
 */
record BenchPlans(
    List<Plan> rooflines,
    List<Plan> peers,
    List<Plan> sweeps,
    List<Plan> crossovers,
    List<Plan> training) {
  static BenchPlans of(BenchRun run) {
    CaseNames names = new CaseNames(run);
    SpeedPlans speeds = new SpeedPlans(run, names);
    List<Plan> crossovers = new ArrayList<>();
    for (Crossover crossover : Crossover.of(run)) {
      crossovers.addAll(crossover.plans(crossovers.size() + 1));
    }
    return new BenchPlans(
        speeds.rooflines(),
        speeds.peers(),
        new SweepPlans(run, names).plans(),
        crossovers,
        training(run.training()));
  }

  private static List<Plan> training(List<TrainingStep> steps) {
    if (steps.isEmpty()) {
      return List.of();
    }
    List<Plan.Dot> dots = new ArrayList<>();
    for (TrainingStep step : steps) {
      dots.add(
          new Plan.Dot(dots.size(), step.overheadPercent(), step.lowPercent(), step.highPercent()));
    }
    return List.of(
        new Plan.Dots(
            "training",
            "What dropout adds to a training step",
            "Percent of the step without dropout, both timed in turns; the lines are intervals of"
                + " 95 % confidence. Less is better.",
            "percent",
            false,
            steps.stream()
                .map(step -> step.name() + ", " + step.where() + ", p " + Numbers.exact(step.p()))
                .toList(),
            List.of(new Plan.DotSeries("", Ink.SERIES_1, Plan.Shape.CIRCLE, dots)),
            0));
  }
}
