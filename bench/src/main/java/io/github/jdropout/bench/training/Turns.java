package io.github.jdropout.bench.training;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.BooleanSupplier;

/**
 * Times steps in turns: each turn runs every one, in an order drawn anew.
 *
 * <p>So what drifts, such as clocks, heat and neighbours, meets all alike, and none has the cache
 * that the same other one always leaves.
 */
final class Turns {
  private static final int MIN_WARMUPS = 5;
  private static final int MAX_WARMUPS = 200;
  private static final double WARMUP_NANOS = 2e9;

  /** A sample is some steps in a row, as many as take about this long. */
  private static final double SAMPLE_NANOS = 20e6;

  private static final int MAX_CALLS = 100;

  private final StepPlace place;
  private final List<Variant> variants;
  private final Random random = new Random(42);

  Turns(StepPlace place, List<Variant> variants) {
    this.place = place;
    this.variants = variants;
  }

  /**
   * Checks all steps, warms up, takes samples and checks again, what is then compiled code.
   *
   * @param count turns, at least 2
   * @param isQuick whether to leave the warm-up out, because times do not matter
   * @param afterTurn runs after each turn and returns whether to go on
   * @return for each step, in the order given, its nanoseconds turn by turn
   */
  List<List<Double>> run(int count, boolean isQuick, BooleanSupplier afterTurn) {
    variants.forEach(variant -> variant.check().run());
    int calls = isQuick ? 1 : warmUp();
    List<List<Double>> samples = new ArrayList<>();
    variants.forEach(_ -> samples.add(new ArrayList<>()));
    boolean goesOn = true;
    for (int turn = 0; turn < count && goesOn; turn++) {
      turn(calls, samples);
      goesOn = afterTurn.getAsBoolean();
    }
    variants.forEach(variant -> variant.check().run());
    return samples;
  }

  private void turn(int calls, List<List<Double>> samples) {
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < variants.size(); i++) {
      order.add(i);
    }
    Collections.shuffle(order, random);
    for (int i : order) {
      samples.get(i).add(place.nanosPerStep(variants.get(i).step(), calls));
    }
  }

  /** Returns how many steps make a sample. */
  private int warmUp() {
    double spent = 0;
    double last = 0;
    for (int round = 0;
        round < MIN_WARMUPS || (spent < WARMUP_NANOS && round < MAX_WARMUPS);
        round++) {
      for (Variant variant : variants) {
        last = place.nanosPerStep(variant.step(), 1);
        spent += last;
      }
    }
    return Math.clamp(Math.round(SAMPLE_NANOS / last), 1, MAX_CALLS);
  }
}
