package io.github.jdropout.process;

/** Words of a command that a user shall paste into a shell. */
public final class ShellWord {
  private ShellWord() {}

  /** Returns a word as a shell reads it, in quotes where it needs them. */
  public static String quoted(String word) {
    return word.matches("[\\w./-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
  }
}
