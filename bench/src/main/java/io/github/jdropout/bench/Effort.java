package io.github.jdropout.bench;

/** How long each case is timed. */
public enum Effort {
  /** Every case once, in this JVM: for the output, not the time. */
  QUICK(0, 0, 1),
  /** In a JVM of its own. */
  NORMAL(1, 3, 20),
  /** In two of them: a compiler is lucky or not. */
  FULL(2, 3, 20);

  private final int forks;
  private final int warmups;
  private final int iterations;

  Effort(int forks, int warmups, int iterations) {
    this.forks = forks;
    this.warmups = warmups;
    this.iterations = iterations;
  }

  /** Returns how many fresh JVMs time a case; 0 for this one. */
  public int forks() {
    return forks;
  }

  int warmups() {
    return warmups;
  }

  int iterations() {
    return iterations;
  }

  /** Returns the samples of a case where nothing else decides. */
  public int samples() {
    return this == QUICK ? 2 : 21;
  }
}
