package io.github.jdropout.backend.nativeaccess;

/** What a downcall handle may throw. */
public final class DowncallFailures {
  private DowncallFailures() {}

  /**
   * Passes on what is unchecked, as of an arena that has been closed; handles declare every {@link
   * Throwable}, but downcalls throw no other.
   *
   * @return never; so that a caller can end with {@code throw rethrow(e)}
   */
  public static RuntimeException rethrow(Throwable thrown) {
    switch (thrown) {
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      default -> throw new IllegalStateException("a downcall threw", thrown);
    }
  }
}
