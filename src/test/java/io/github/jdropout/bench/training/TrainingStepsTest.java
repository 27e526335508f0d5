package io.github.jdropout.bench.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jdropout.bench.result.TrainingStep;
import io.github.jdropout.gemm.cublas.Cublas;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** The steps run, small, with their numbers checked, on the CPU and on a GPU. */
class TrainingStepsTest {
  @Test
  void stepsOnTheCpu() {
    check(TrainingOptions.cpu().quick(), "cpu", "40 tokens, hidden 32, feed-forward 96, f32");
  }

  @Test
  void stepsOnTheDevice() {
    Cublas.device();
    check(
        TrainingOptions.device().quick(), "device", "40 tokens, hidden 32, feed-forward 96, bf16");
  }

  @Test
  void stoppedStepsHaveTheTurnsUntilThen() {
    assertEquals(List.of(3, 3), turnsOfStepsStoppedAfter(3));
    assertEquals(List.of(), turnsOfStepsStoppedAfter(1));
  }

  private static List<Integer> turnsOfStepsStoppedAfter(int last) {
    TrainingOptions quick = TrainingOptions.cpu().quick();
    AtomicInteger turns = new AtomicInteger();
    List<TrainingStep> steps =
        TrainingSteps.measure(
            new TrainingOptions(false, quick.shape(), 5, true),
            new TrainingSteps.Progress() {
              @Override
              public void turn(String step) {
                turns.incrementAndGet();
              }

              @Override
              public boolean isStopped() {
                return turns.get() >= last;
              }

              @Override
              public void done(TrainingStep step) {}
            });
    assertEquals(last, turns.get());
    return steps.stream().map(step -> step.onNanos().size()).toList();
  }

  private static void check(TrainingOptions options, String where, String shape) {
    List<TrainingStep> heard = new ArrayList<>();
    List<String> turns = new ArrayList<>();
    List<TrainingStep> steps =
        TrainingSteps.measure(
            options,
            new TrainingSteps.Progress() {
              @Override
              public void turn(String step) {
                turns.add(step);
              }

              @Override
              public void done(TrainingStep step) {
                heard.add(step);
              }
            });
    assertEquals(TrainingSteps.turns(options), turns.size());
    assertEquals(steps, heard);
    assertEquals(
        List.of(
            "feed-forward half, dropout of the output",
            "feed-forward half, dropout of output and hidden features",
            "feed-forward half, frozen, with LoRA of rank 16, dropout before it"),
        steps.stream().map(TrainingStep::name).toList());
    assertEquals(List.of(0.1, 0.1, 0.05), steps.stream().map(TrainingStep::p).toList());
    for (TrainingStep step : steps) {
      assertEquals(where, step.where());
      assertEquals(shape, step.shape());
      assertEquals(2, step.offNanos().size());
      assertEquals(2, step.onNanos().size());
      assertTrue(step.offNanos().stream().allMatch(nanos -> nanos > 0), step.toString());
      assertTrue(step.lowPercent() <= step.overheadPercent(), step.toString());
      assertTrue(step.overheadPercent() <= step.highPercent(), step.toString());
    }
  }
}
