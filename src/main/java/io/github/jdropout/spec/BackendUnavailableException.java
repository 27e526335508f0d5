package io.github.jdropout.spec;

/** Thrown when a backend was asked for by name and cannot run here; the message says why. */
public final class BackendUnavailableException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message the backend that was asked for and the reason of every backend
   */
  public BackendUnavailableException(String message) {
    super(message);
  }
}
