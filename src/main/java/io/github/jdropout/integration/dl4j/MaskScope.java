package io.github.jdropout.integration.dl4j;

/**
 * Gives the forward passes of a block masks that depend on a sample number alone.
 *
 * <p>For Monte-Carlo dropout with samples that can be drawn again, in any order and from a restored
 * model, and for holding the masks fixed while gradients are checked:
 *
 * <pre>{@code
 * try (MaskScope _ = MaskScope.open(sample)) {
 *   INDArray output = network.output(x, true);
 * }
 * }</pre>
 *
 * <p>It applies to every {@link JDropout} that this thread runs until it is closed. Nested scopes
 * are closed in reverse order. One scope is good for one forward pass; {@link #rewind()} before the
 * next repeats its masks.
 */
public final class MaskScope implements AutoCloseable {
  private static final long IN_SCOPE = 1L << 42;

  private static final ThreadLocal<MaskScope> CURRENT = new ThreadLocal<>();

  private final long sample;
  private final MaskScope outer;
  private int calls;

  private MaskScope(int sample, MaskScope outer) {
    this.sample = sample;
    this.outer = outer;
  }

  /**
   * Opens a scope in this thread.
   *
   * @param sample number of the sample, at least 0
   * @throws IllegalArgumentException if {@code sample} is negative
   */
  public static MaskScope open(int sample) {
    if (sample < 0) {
      throw new IllegalArgumentException("sample must be at least 0 but is " + sample);
    }
    MaskScope scope = new MaskScope(sample, CURRENT.get());
    CURRENT.set(scope);
    return scope;
  }

  /** Makes the next forward pass draw the masks of the first one again. */
  public void rewind() {
    calls = 0;
  }

  /** Returns to the scope around this one, or to none. */
  @Override
  public void close() {
    if (outer == null) {
      CURRENT.remove();
    } else {
      CURRENT.set(outer);
    }
  }

  /** Returns the innermost open scope of this thread, or null. */
  static MaskScope current() {
    return CURRENT.get();
  }

  long nextStream() {
    return NetworkCalls.stream(calls++, IN_SCOPE | sample, Integer.SIZE - 1);
  }
}
