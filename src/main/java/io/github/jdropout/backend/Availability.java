package io.github.jdropout.backend;

/**
 * Whether a backend can run here, how fast, and why.
 *
 * @param isAvailable whether it can run
 * @param speed orders the backends that can: roughly the 10^9 elements of f32 in cache that a core
 *     computes in a second; 0 if automatic selection must not choose it
 * @param reason one line for people, in any case
 */
public record Availability(boolean isAvailable, double speed, String reason) {
  /** Returns that the backend can run and may be chosen. */
  public static Availability available(String reason, double speed) {
    return new Availability(true, speed, reason);
  }

  /** Returns that the backend can run but would be slow, so that it must be asked for. */
  public static Availability discouraged(String reason) {
    return new Availability(true, 0, reason);
  }

  /** Returns that the backend cannot run. */
  public static Availability unavailable(String reason) {
    return new Availability(false, 0, reason);
  }

  /** Returns whether automatic selection may choose the backend. */
  public boolean isRecommended() {
    return speed > 0;
  }
}
