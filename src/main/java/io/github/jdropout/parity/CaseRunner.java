package io.github.jdropout.parity;

/** Makes the call of a case and compares. */
interface CaseRunner {
  CaseResult run(ParityCase given, Subject subject, Workspace workspace, Threads threads);

  /** Runs a call with a number of threads, 0 for the caller's alone. */
  @FunctionalInterface
  interface Threads {
    /** Returns when the call has returned, also in a thread that is interrupted meanwhile. */
    void run(int count, Runnable call);
  }

  /** Returns what runs the cases of an operation. */
  static CaseRunner of(Operation operation) {
    return switch (operation) {
      case MASK -> new MaskRunner();
      case EPILOGUE -> new EpilogueRunner();
      case EPILOGUE_GRADIENT -> new GradientRunner();
      case BIAS_GRADIENT -> new BiasRunner();
      case PRODUCT -> new ProductRunner();
      default -> new ElementRunner();
    };
  }
}
