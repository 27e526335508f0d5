package io.github.jdropout.cli.train;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Trains every variant with every seed, then looks for uncertain digits. */
public final class Experiment {
  /** Digits in the picture. */
  static final int UNCERTAIN = 12;

  private final TrainingPlan plan;
  private final Progress progress;

  /** Creates an experiment; {@link #run} does it. */
  public Experiment(TrainingPlan plan, Progress progress) {
    this.plan = plan;
    this.progress = progress;
  }

  /**
   * Checks that the experiment can run here.
   *
   * @throws IllegalStateException if Deeplearning4j is not on the class path
   */
  public static void checkAvailable() {
    Dl4j.require();
  }

  /** Is told how far the work is, from several threads. */
  public interface Progress {
    /** A network has finished an epoch. */
    void epoch(Variant variant, long seed, int epoch);

    /** What comes after training begins. */
    void phase(String what);
  }

  private record Trained(TrainingRun run, List<UncertainDigit> uncertain) {}

  /**
   * Does the work.
   *
   * <p>As many networks train at a time as there are processors, each in one thread; the results do
   * not depend on how many that is.
   *
   * @throws IllegalStateException as {@link #checkAvailable}
   */
  public Results run() throws InterruptedException, ExecutionException {
    Dl4j.require();
    Dl4j.useOneThreadPerOperation();
    Digits digits = Digits.load();
    warmUp(digits);
    int atATime = Math.min(Runtime.getRuntime().availableProcessors(), 3 * plan.seeds());
    List<Future<Trained>> pending = new ArrayList<>();
    List<TrainingRun> runs = new ArrayList<>();
    List<UncertainDigit> uncertain = new ArrayList<>();
    ExecutorService threads = Executors.newFixedThreadPool(atATime);
    try {
      for (int i = 0; i < plan.seeds(); i++) {
        long seed = plan.seed() + i;
        for (Variant variant : Variant.values()) {
          pending.add(threads.submit(() -> train(digits, variant, seed)));
        }
      }
      for (Future<Trained> trained : pending) {
        runs.add(trained.get().run());
        uncertain.addAll(trained.get().uncertain());
      }
    } finally {
      threads.shutdownNow();
    }
    return new Results(plan, atATime, runs, uncertain);
  }

  /** Loads and compiles what the measured epochs need, so that the first network does not pay. */
  private void warmUp(Digits digits) {
    progress.phase("warming up");
    TrainingPlan brief =
        new TrainingPlan(plan.p(), plan.hidden(), 2, plan.batch(), plan.trainSize(), 0, 1, 2);
    Split split = Split.of(digits, plan.trainSize(), 0);
    for (Variant variant : Variant.values()) {
      new Trainer(brief, variant, 0, split).run(epoch -> {});
    }
  }

  private Trained train(Digits digits, Variant variant, long seed) {
    Split split = Split.of(digits, plan.trainSize(), seed);
    Trainer trainer = new Trainer(plan, variant, seed, split);
    TrainingRun run = trainer.run(epoch -> progress.epoch(variant, seed, epoch));
    // The first seed's network also shows what dropout is good for after training.
    boolean isShown = variant == Variant.JDROPOUT && seed == plan.seed();
    return new Trained(
        run,
        isShown
            ? UncertainDigit.find(trainer.network(), split.validation(), plan.samples(), UNCERTAIN)
            : List.of());
  }
}
