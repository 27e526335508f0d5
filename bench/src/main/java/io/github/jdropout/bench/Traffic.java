package io.github.jdropout.bench;

import io.github.jdropout.backend.tiled.ParallelSlices;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.Elements;
import java.lang.foreign.MemorySegment;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.infra.BenchmarkParams;

/**
 * The bytes that a call must move, and the time of a plain copy that moves as many.
 *
 * <p>The copy runs before each iteration, in the same JVM and on the same cores: the memory
 * bandwidth that other programs leave drifts within minutes, and so each sample has its own.
 */
@State(Scope.Thread)
@AuxCounters(AuxCounters.Type.EVENTS)
public class Traffic {
  private static final long COPYING_NANOS = 10_000_000;
  private static final int MIN_COPIES = 2;

  private Elements source;
  private Elements target;
  private long bytesRead;
  private long bytesWritten;
  private double copyNanos;

  /**
   * Says what a call must move at least, and allocates what is copied beside it.
   *
   * @param storage where the copied elements lie
   * @param type of the copied elements
   */
  void declare(Storage storage, ElementType type, long read, long written) {
    bytesRead = read;
    bytesWritten = written;
    int count = Math.toIntExact((read + written) / 2 / type.bytes());
    source = storage.allocate(type, count);
    target = storage.allocate(type, count);
    source.segment().fill((byte) 0x2A);
    target.segment().fill((byte) 0x55);
  }

  /** Says that a call moves next to nothing, so that no copy is beside it. */
  void declareNothing() {
    source = null;
    target = null;
    bytesRead = 0;
    bytesWritten = 0;
  }

  /** Copies for a while, twice at least, or once where times do not matter. */
  @Setup(Level.Iteration)
  public void copy(BenchmarkParams benchmark) {
    if (source == null) {
      return;
    }
    int leastCopies = benchmark.getMode() == Mode.SingleShotTime ? 1 : MIN_COPIES;
    long start = System.nanoTime();
    long elapsed = 0;
    int copies = 0;
    while (copies < leastCopies || (elapsed < COPYING_NANOS && leastCopies > 1)) {
      copy();
      copies++;
      elapsed = System.nanoTime() - start;
    }
    copyNanos = elapsed / (double) copies;
  }

  /** Splits over the cores as dropout does. */
  private void copy() {
    long count = source.count();
    if (ParallelSlices.pays(count)) {
      ParallelSlices.run(count, this::copy);
    } else {
      copy(0, count);
    }
  }

  @SuppressWarnings("SuspiciousSystemArraycopy") // Both arrays come from one Storage and type.
  private void copy(long from, long to) {
    if (source.isArray()) {
      System.arraycopy(source.array(), (int) from, target.array(), (int) from, (int) (to - from));
    } else {
      int bytes = source.type().bytes();
      MemorySegment.copy(
          source.segment(), from * bytes, target.segment(), from * bytes, (to - from) * bytes);
    }
  }

  /** A copy that does not copy would make everything look slow. */
  @TearDown
  public void check() {
    if (source != null && target.segment().mismatch(source.segment()) >= 0) {
      throw new IllegalStateException("the copy beside the calls is wrong");
    }
  }

  /** Returns nanoseconds of a copy before this iteration; 0 if the call moves next to nothing. */
  public double copyNanos() {
    return copyNanos;
  }

  /** Returns the bytes that a call must read. */
  public double bytesRead() {
    return bytesRead;
  }

  /** Returns the bytes that a call must write. */
  public double bytesWritten() {
    return bytesWritten;
  }
}
