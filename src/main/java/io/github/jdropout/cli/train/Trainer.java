package io.github.jdropout.cli.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.IntConsumer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Trains one network and keeps it. */
final class Trainer {
  private static final double NANOS_PER_MILLI = 1e6;

  /** Keeps the logarithm finite. */
  private static final double LEAST_PROBABILITY = 1e-10;

  private final TrainingPlan plan;
  private final Variant variant;
  private final long seed;
  private final Split split;
  private final MultiLayerNetwork network;

  Trainer(TrainingPlan plan, Variant variant, long seed, Split split) {
    this.plan = plan;
    this.variant = variant;
    this.seed = seed;
    this.split = split;
    this.network = Networks.create(plan, variant, seed);
  }

  MultiLayerNetwork network() {
    return network;
  }

  /**
   * Trains.
   *
   * @param afterEpoch receives the number of finished epochs
   */
  TrainingRun run(IntConsumer afterEpoch) {
    Random order = new Random(seed);
    List<Double> epochMillis = new ArrayList<>();
    List<TrainingRun.Point> points = new ArrayList<>();
    for (int epoch = 1; epoch <= plan.epochs(); epoch++) {
      int[] rows = Split.shuffled(split.training().count(), order);
      long start = System.nanoTime();
      fit(rows);
      epochMillis.add((System.nanoTime() - start) / NANOS_PER_MILLI);
      if (plan.isEvaluated(epoch)) {
        points.add(
            new TrainingRun.Point(epoch, score(split.training()), score(split.validation())));
      }
      afterEpoch.accept(epoch);
    }
    return new TrainingRun(variant, seed, epochMillis, points);
  }

  private void fit(int[] rows) {
    for (int from = 0; from < rows.length; from += plan.batch()) {
      int to = Math.min(rows.length, from + plan.batch());
      Digits batch = split.training().select(Arrays.copyOfRange(rows, from, to));
      network.fit(matrix(batch.pixels(), batch.count()), matrix(batch.oneHot(), batch.count()));
    }
  }

  private TrainingRun.Scores score(Digits digits) {
    float[] probabilities = probabilities(network, digits, false);
    int right = 0;
    double loss = 0;
    for (int row = 0; row < digits.count(); row++) {
      int label = digits.label(row);
      int first = row * Digits.CLASSES;
      double ofLabel = probabilities[first + label];
      boolean isRight = true;
      for (int other = 0; other < Digits.CLASSES; other++) {
        isRight &= other == label || probabilities[first + other] < ofLabel;
      }
      right += isRight ? 1 : 0;
      loss -= Math.log(Math.max(ofLabel, LEAST_PROBABILITY));
    }
    return new TrainingRun.Scores((double) right / digits.count(), loss / digits.count());
  }

  /** Returns {@code Digits.CLASSES} probabilities a digit; with dropout if {@code isTraining}. */
  static float[] probabilities(MultiLayerNetwork network, Digits digits, boolean isTraining) {
    INDArray output = network.output(matrix(digits.pixels(), digits.count()), isTraining);
    return output.dup('c').data().asFloat();
  }

  private static INDArray matrix(float[] values, int rows) {
    return Nd4j.create(values, new long[] {rows, values.length / rows}, 'c');
  }
}
