package io.github.jdropout.bench.training;

import io.github.jdropout.bench.result.TrainingStep;
import java.util.ArrayList;
import java.util.List;

/**
 * Measures what dropout adds to training steps, which take turns with the same steps without it.
 *
 * <p>A step without dropout runs the same layers with p = 0. For {@code DropoutLinear} that is the
 * same products and the same kernels, which then draw no random numbers but still add bias and
 * residual and make the bias's gradient: the overhead is that of drawing and applying the mask. For
 * {@code LoraLinear} it is the products alone, so the overhead has the passes over the adapter's
 * input too.
 *
 * <p>All that a step computes is compared with the scalar backend and with sums in binary64, at the
 * size that is measured, before it is timed and after.
 */
public final class TrainingSteps {
  /** What is measured, and what a whole model has besides, for reports. */
  public static final String WHAT =
      "The feed-forward half of a decoder block alone, forward and backward: two matrices with"
          + " biases where Llama has three without, no attention, no normalisation, no optimiser."
          + " A whole training step has more work that dropout adds nothing to, so it is slowed"
          + " down less. Without dropout the same layers run with p = 0, which draws no random"
          + " numbers.";

  /** Fewer have no spread, and no interval. */
  private static final int MIN_TURNS = 2;

  private static final double P = 0.1;
  private static final double LORA_P = 0.05;

  /** Hears how far the measuring is. */
  public interface Progress {
    /** Hears that one of {@link #turns} is over. */
    void turn(String step);

    /** Returns whether no more turns are wanted; asked after each. */
    default boolean isStopped() {
      return false;
    }

    /** Hears of a result as soon as it is there. */
    void done(TrainingStep step);
  }

  private TrainingSteps() {}

  /** Returns how many turns there are, of all steps together. */
  public static long turns(TrainingOptions options) {
    return 2L * options.turns();
  }

  /**
   * Measures dropout of 0.1 in the feed-forward half, and of 0.05 in front of its adapters.
   *
   * <p>If it is stopped, the results are of the turns until then, where there were two or more.
   *
   * @throws io.github.jdropout.spec.BackendUnavailableException if there is no such device, or
   *     nothing that multiplies
   * @throws IllegalStateException if a step computes wrong numbers, or the driver fails
   */
  public static List<TrainingStep> measure(TrainingOptions options, Progress progress) {
    List<TrainingStep> steps = new ArrayList<>();
    try (StepPlace place = StepPlace.open(options.isOnDevice())) {
      FeedForward layers = new FeedForward(place, options.shape());
      String name = "feed-forward half";
      measure(
          place,
          List.of(
              feedForward(layers, name, 0, 0),
              feedForward(layers, name + ", dropout of the output", 0, P),
              feedForward(layers, name + ", dropout of output and hidden features", P, P)),
          options,
          progress,
          steps);
    }
    if (progress.isStopped()) {
      return List.copyOf(steps);
    }
    try (StepPlace place = StepPlace.open(options.isOnDevice())) {
      LoraFeedForward layers = new LoraFeedForward(place, options.shape());
      String name = "feed-forward half, frozen, with LoRA of rank " + LoraFeedForward.RANK;
      measure(
          place,
          List.of(lora(layers, name, 0), lora(layers, name + ", dropout before it", LORA_P)),
          options,
          progress,
          steps);
    }
    return List.copyOf(steps);
  }

  private static Variant feedForward(
      FeedForward layers, String name, double hiddenP, double outputP) {
    return new Variant(
        name, outputP, layers.step(hiddenP, outputP), () -> layers.check(hiddenP, outputP));
  }

  private static Variant lora(LoraFeedForward layers, String name, double p) {
    Runnable step = layers.step(p);
    return new Variant(name, p, step, () -> layers.check(step, p));
  }

  /** Times the variants and compares all others with the first. */
  private static void measure(
      StepPlace place,
      List<Variant> variants,
      TrainingOptions options,
      Progress progress,
      List<TrainingStep> steps) {
    String name = variants.getFirst().name();
    List<List<Double>> samples =
        new Turns(place, variants)
            .run(
                options.turns(),
                options.isQuick(),
                () -> {
                  progress.turn(name);
                  return !progress.isStopped();
                });
    List<Double> off = samples.getFirst();
    if (off.size() < MIN_TURNS) {
      return;
    }
    for (int i = 1; i < variants.size(); i++) {
      Variant variant = variants.get(i);
      Overhead overhead = Overhead.of(off, samples.get(i));
      TrainingStep step =
          new TrainingStep(
              variant.name(),
              options.shape().toString(),
              place.name(),
              place.engine().description(),
              variant.p(),
              off,
              samples.get(i),
              overhead.percent(),
              overhead.low(),
              overhead.high());
      steps.add(step);
      progress.done(step);
    }
  }
}
