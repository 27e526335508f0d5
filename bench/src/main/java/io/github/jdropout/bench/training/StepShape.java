package io.github.jdropout.bench.training;

import io.github.jdropout.spec.ElementType;

/**
 * The sizes of a feed-forward half.
 *
 * @param tokens of all sequences together, at least 1
 * @param hidden features of a token, at least 1
 * @param feedForward features between the two projections, at least 1
 * @param type of all matrices, f32 or bf16
 */
public record StepShape(long tokens, long hidden, long feedForward, ElementType type) {
  /** Llama 3.2 1B, one sequence of 2048 tokens. */
  public static final StepShape LLAMA_1B = new StepShape(2048, 2048, 8192, ElementType.BF16);

  /** An eighth of its features and few tokens: what a CPU does in some milliseconds. */
  public static final StepShape SMALL = new StepShape(64, 256, 1024, ElementType.F32);

  /**
   * Checks the arguments.
   *
   * @throws IllegalArgumentException if a size is not positive, or the type is another one
   */
  public StepShape {
    checkPositive("tokens", tokens);
    checkPositive("hidden", hidden);
    checkPositive("feedForward", feedForward);
    if (type != ElementType.F32 && type != ElementType.BF16) {
      throw new IllegalArgumentException("type must be f32 or bf16 but is " + type.label());
    }
  }

  private static void checkPositive(String name, long value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + " must be at least 1 but is " + value);
    }
  }

  /** Returns the sizes as people read them. */
  @Override
  public String toString() {
    return tokens
        + " tokens, hidden "
        + hidden
        + ", feed-forward "
        + feedForward
        + ", "
        + type.label();
  }
}
