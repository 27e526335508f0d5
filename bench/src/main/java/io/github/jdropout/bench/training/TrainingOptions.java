package io.github.jdropout.bench.training;

import java.util.Objects;

/**
 * What of training steps is measured.
 *
 * @param isOnDevice whether on the first GPU, and not on the CPU
 * @param shape of the layers
 * @param turns samples of each step, at least 2
 * @param isQuick whether to run for the numbers that are computed alone, so that times say nothing
 */
public record TrainingOptions(boolean isOnDevice, StepShape shape, int turns, boolean isQuick) {
  private static final int TURNS = 60;
  private static final int QUICK_TURNS = 2;

  /**
   * Checks the arguments.
   *
   * @throws IllegalArgumentException if there are fewer than two turns
   */
  public TrainingOptions {
    Objects.requireNonNull(shape, "shape");
    if (turns < 2) {
      throw new IllegalArgumentException("turns must be at least 2 but are " + turns);
    }
  }

  /** Returns the step that the claim is about: Llama's shapes on a GPU, in some seconds. */
  public static TrainingOptions device() {
    return new TrainingOptions(true, StepShape.LLAMA_1B, TURNS, false);
  }

  /** Returns a small step on the CPU, in less than 20 seconds. */
  public static TrainingOptions cpu() {
    return new TrainingOptions(false, StepShape.SMALL, TURNS, false);
  }

  /** Returns the same steps with few features, run for what they compute. */
  public TrainingOptions quick() {
    StepShape few = new StepShape(40, 32, 96, shape.type());
    return new TrainingOptions(isOnDevice, few, QUICK_TURNS, true);
  }
}
