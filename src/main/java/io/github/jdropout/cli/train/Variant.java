package io.github.jdropout.cli.train;

/** What is compared. */
public enum Variant {
  /** The network as it is. */
  NONE("no dropout"),
  /** Deeplearning4j's {@code Dropout}. */
  DL4J("DL4J dropout"),
  /** This library. */
  JDROPOUT("JDropout");

  private final String label;

  Variant(String label) {
    this.label = label;
  }

  /** Returns the name in tables and charts. */
  public String label() {
    return label;
  }
}
