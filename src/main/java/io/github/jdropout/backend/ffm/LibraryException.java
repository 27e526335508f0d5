package io.github.jdropout.backend.ffm;

/** Says in one line why the native library cannot be used. */
final class LibraryException extends Exception {
  private static final long serialVersionUID = 1L;

  LibraryException(String reason) {
    super(reason);
  }

  LibraryException(String reason, Throwable cause) {
    super(reason + ": " + cause, cause);
  }
}
