package io.github.jdropout.spec;

import io.github.jdropout.rng.KeepThreshold;
import java.util.Objects;

/**
 * The probability of dropping and the way of scaling.
 *
 * @param p probability of <em>dropping</em> an element, in [0, 1]
 * @param scaling where the compensating factor is applied
 */
public record DropoutSpec(double p, Scaling scaling) {
  /**
   * Checks the arguments.
   *
   * @throws IllegalArgumentException if {@code p} is NaN or outside [0, 1]
   */
  public DropoutSpec {
    KeepThreshold.checkProbability(p);
    p += 0.0; // Makes -0 equal to 0.
    Objects.requireNonNull(scaling, "scaling");
  }

  /**
   * Returns inverted dropout with probability {@code p} of dropping.
   *
   * @param p probability of dropping, in [0, 1]
   * @throws IllegalArgumentException if {@code p} is NaN or outside [0, 1]
   */
  public static DropoutSpec of(double p) {
    return new DropoutSpec(p, Scaling.INVERTED);
  }

  /** Returns the same probability with classical scaling. */
  public DropoutSpec classical() {
    return new DropoutSpec(p, Scaling.CLASSICAL);
  }

  /** Returns the keep threshold T, in [0, 65536]: a lane below it keeps its element. */
  public int threshold() {
    return KeepThreshold.of(p);
  }

  /** Returns the drop probability that the 16-bit threshold realises, {@code 1 - T / 65536}. */
  public double effectiveP() {
    return KeepThreshold.effectiveP(threshold());
  }

  /** Returns the realised probability of keeping, {@code T / 65536}; exact, also as a float. */
  public double keepProbability() {
    return KeepThreshold.keepProbability(threshold());
  }

  /**
   * Returns the factor of kept elements while training, for f64 data.
   *
   * <p>It is 1 with classical scaling. With inverted scaling it is {@code 65536 / T}, which makes
   * the expected value of the output the input, and 0 at {@code p == 1}, where nothing is kept.
   */
  public double scale() {
    return scaling == Scaling.CLASSICAL ? 1.0 : KeepThreshold.scale(threshold());
  }

  /** Returns {@link #scale()} rounded once to binary32, the factor for f32, f16 and bf16 data. */
  public float scaleF32() {
    return scaling == Scaling.CLASSICAL ? 1.0f : KeepThreshold.scaleF32(threshold());
  }

  /** Returns the factor of every element at inference: 1, or {@code T / 65536} when classical. */
  public double inferenceScale() {
    return scaling == Scaling.CLASSICAL ? keepProbability() : 1.0;
  }
}
