package io.github.jdropout.bench.compare;

import io.github.jdropout.bench.result.BenchCase;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * What became of one case.
 *
 * @param a the case in A
 * @param b the same case in B
 * @param time how its time in B is to that in A
 * @param copy how the time of the copy beside it is, if both have one
 * @param besideCopy how the time as a part of the copy's is, if both have one
 * @param corrected p-value of the time, corrected for the number of cases
 * @param verdict what follows
 */
public record CaseChange(
    BenchCase a,
    BenchCase b,
    Shift time,
    Optional<Shift> copy,
    Optional<Shift> besideCopy,
    double corrected,
    Verdict verdict) {
  /** Probability, at most, with which any of all cases is said to differ although none does. */
  static final double LEVEL = 0.05;

  /** Differences of less than 2 % are not reported: other runs of the same code have them. */
  static final double SMALLEST = 1.02;

  /** Compares the times alone, before they are corrected for their number. */
  static CaseChange of(BenchCase a, BenchCase b) {
    boolean haveCopies = !a.copyNanosPerCall().isEmpty() && !b.copyNanosPerCall().isEmpty();
    return new CaseChange(
        a,
        b,
        Shift.of(a.nanosPerCall(), b.nanosPerCall()),
        haveCopies
            ? Optional.of(Shift.of(a.copyNanosPerCall(), b.copyNanosPerCall()))
            : Optional.empty(),
        haveCopies ? Optional.of(Shift.of(ofCopy(a), ofCopy(b))) : Optional.empty(),
        1,
        Verdict.UNCLEAR);
  }

  private static List<Double> ofCopy(BenchCase measured) {
    return IntStream.range(0, measured.nanosPerCall().size())
        .mapToObj(i -> measured.nanosPerCall().get(i) / measured.copyNanosPerCall().get(i))
        .toList();
  }

  /** Returns this with the verdict that follows from the corrected p-value. */
  CaseChange judged(double correctedP) {
    return new CaseChange(a, b, time, copy, besideCopy, correctedP, verdict(correctedP));
  }

  private Verdict verdict(double correctedP) {
    boolean isSlower = time.ratio() > 1;
    if (correctedP >= LEVEL || !time.isClear(SMALLEST)) {
      return Verdict.UNCLEAR;
    }
    if (copyMoved()
        && besideCopy
            .filter(shift -> shift.isClear(SMALLEST) && shift.ratio() > 1 == isSlower)
            .isEmpty()) {
      return Verdict.COPY_MOVED;
    }
    return isSlower ? Verdict.SLOWER : Verdict.FASTER;
  }

  /** Returns whether the machine copied at another speed beside this case. */
  public boolean copyMoved() {
    return copy.filter(shift -> shift.isClear(SMALLEST)).isPresent();
  }

  /** Returns whether there are so few samples that no difference could have been clear. */
  boolean hasTooFewSamples(int cases) {
    return Shift.smallestPValue(a.nanosPerCall().size(), b.nanosPerCall().size()) * cases >= LEVEL;
  }
}
