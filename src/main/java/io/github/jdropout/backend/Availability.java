package io.github.jdropout.backend;

/**
 * Whether a backend can run here, and why.
 *
 * @param isAvailable whether it can run
 * @param isRecommended whether automatic selection may choose it
 * @param reason one line for people, in either case
 */
public record Availability(boolean isAvailable, boolean isRecommended, String reason) {
  /** Returns that the backend can run and may be chosen. */
  public static Availability available(String reason) {
    return new Availability(true, true, reason);
  }

  /** Returns that the backend can run but would be slow, so that it must be asked for. */
  public static Availability discouraged(String reason) {
    return new Availability(true, false, reason);
  }

  /** Returns that the backend cannot run. */
  public static Availability unavailable(String reason) {
    return new Availability(false, false, reason);
  }
}
