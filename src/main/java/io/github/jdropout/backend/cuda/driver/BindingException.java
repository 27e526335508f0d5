package io.github.jdropout.backend.cuda.driver;

/** Says in one line why a binding of the CUDA driver cannot be used. */
public final class BindingException extends Exception {
  private static final long serialVersionUID = 1L;

  /** Creates it with the reason. */
  public BindingException(String reason) {
    super(reason);
  }

  /** Creates it with the reason and what caused it, which the message then tells. */
  public BindingException(String reason, Throwable cause) {
    super(reason + ": " + firstLine(cause.toString()), cause);
  }

  private static String firstLine(String text) {
    return text.lines().findFirst().orElse("");
  }
}
