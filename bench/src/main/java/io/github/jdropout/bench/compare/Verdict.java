package io.github.jdropout.bench.compare;

/** What a comparison of a case says about B. */
public enum Verdict {
  /** B takes less time. */
  FASTER("faster"),
  /** B takes more time. */
  SLOWER("slower"),
  /** The difference is smaller than what matters, or as may come by chance. */
  UNCLEAR("no clear difference"),
  /** B's time differs, but so does the copy's, and beside the copy nothing differs clearly. */
  COPY_MOVED("no clear difference: the copy moved, too");

  private final String label;

  Verdict(String label) {
    this.label = label;
  }

  /** Returns the verdict in words. */
  public String label() {
    return label;
  }
}
