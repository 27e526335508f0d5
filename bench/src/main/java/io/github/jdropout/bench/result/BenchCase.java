package io.github.jdropout.bench.result;

import io.github.jdropout.backend.BackendId;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/**
 * One thing that was timed, with every sample.
 *
 * @param place where the time passes, see {@link Place}
 * @param by who did it: {@code scalar}, {@code vector}, {@code ffm}, {@code cuda}, or a peer such
 *     as {@code DL4J}, {@code PyTorch}, {@code PyTorch compiled}, {@code Triton}
 * @param operation such as {@code forward}; the same word for the same work of a peer
 * @param type of the elements, such as {@code f32}
 * @param storage where host elements lie, {@code array} or {@code native}; {@code device} on a GPU
 * @param elements in a call
 * @param p probability of dropping
 * @param threads that may work on a call; 0 on a GPU
 * @param bytesRead that a call must read at least
 * @param bytesWritten that a call must write at least
 * @param nanosPerCall each sample, in the order of measuring
 * @param copyNanosPerCall a copy that reads and writes {@code bytesRead + bytesWritten} bytes
 *     altogether, sample by sample next to {@code nanosPerCall}; empty where there is no such copy
 * @param theoreticalBytesPerSecond what the card's memory could do by its clock and width; 0 where
 *     that is unknown
 */
public record BenchCase(
    Place place,
    String by,
    String operation,
    String type,
    String storage,
    long elements,
    double p,
    int threads,
    long bytesRead,
    long bytesWritten,
    List<Double> nanosPerCall,
    List<Double> copyNanosPerCall,
    double theoreticalBytesPerSecond) {

  /** Where the time of a case passes. */
  public enum Place {
    /** A call on host memory, computed by the CPU. */
    CPU,
    /** Work of a GPU on its own memory, by the GPU's clock. */
    DEVICE,
    /** A call that queues work for a GPU, until it returns. */
    CALL,
    /** A call on host memory, computed by a GPU: both copies over the bus are part of it. */
    STAGED
  }

  private static final double MOST_DRIFT = 1.5;

  /**
   * What must be equal for times to be of the same work; where the elements lie need not.
   *
   * @param threads that may work on a call; 0 on a GPU
   */
  public record Work(
      Place place, String operation, String type, long elements, double p, int threads) {}

  /** Copies the samples. */
  public BenchCase {
    nanosPerCall = List.copyOf(nanosPerCall);
    copyNanosPerCall = List.copyOf(copyNanosPerCall);
    if (nanosPerCall.isEmpty()) {
      throw new IllegalArgumentException("a case needs at least one sample: " + operation);
    }
    if (!copyNanosPerCall.isEmpty() && copyNanosPerCall.size() != nanosPerCall.size()) {
      throw new IllegalArgumentException(
          "copyNanosPerCall has "
              + copyNanosPerCall.size()
              + " samples but nanosPerCall has "
              + nanosPerCall.size());
    }
  }

  /** Returns what identifies the case within a run and across runs, such as for comparing them. */
  public String id() {
    return String.join(
        "/",
        place.name().toLowerCase(Locale.ROOT),
        by,
        operation,
        type,
        storage,
        Long.toString(elements),
        "p" + p,
        threads + "t");
  }

  /** Returns what was done, without who did it. */
  public Work work() {
    return new Work(place, operation, type, elements, p, threads);
  }

  /** Returns whether a name is of none of this library's backends, whatever follows theirs. */
  public static boolean isPeer(String by) {
    String first = by.split("[ ,]", 2)[0];
    return Arrays.stream(BackendId.values()).noneMatch(id -> id.label().equals(first));
  }

  /**
   * Returns whether the time stayed the same from the first quarter of the samples to the last, but
   * for a factor of 1.5. If it did not, code was still being compiled, or the machine did something
   * else, and the median says little.
   */
  public boolean hasSettled() {
    int quarter = nanosPerCall.size() / 4;
    if (quarter == 0) {
      return true;
    }
    double first = Samples.median(nanosPerCall.subList(0, quarter));
    double last =
        Samples.median(nanosPerCall.subList(nanosPerCall.size() - quarter, nanosPerCall.size()));
    return Math.max(first, last) <= MOST_DRIFT * Math.min(first, last);
  }

  /** Returns the median time of a call in nanoseconds. */
  public double median() {
    return Samples.median(nanosPerCall);
  }

  /** Returns how fast bytes were read and written, in 10^9 bytes per second; 0 if none must be. */
  public double gigabytesPerSecond() {
    return (bytesRead + bytesWritten) / median();
  }

  /** Returns 10^9 elements per second. */
  public double gigaelementsPerSecond() {
    return elements / median();
  }

  /** Returns the speed as a part of the copy's, 1 for equal: the median over pairs of samples. */
  public OptionalDouble ofCopy() {
    return copyNanosPerCall.isEmpty()
        ? OptionalDouble.empty()
        : OptionalDouble.of(Samples.medianRatio(copyNanosPerCall, nanosPerCall));
  }

  /** Returns the speed as a part of what the card's memory could do, 1 for equal. */
  public OptionalDouble ofTheoretical() {
    return theoreticalBytesPerSecond == 0 || bytesRead + bytesWritten == 0
        ? OptionalDouble.empty()
        : OptionalDouble.of(gigabytesPerSecond() * 1e9 / theoreticalBytesPerSecond);
  }
}
