package io.github.jdropout.parity;

import io.github.jdropout.parity.CaseResult.Difference;
import io.github.jdropout.spec.ElementType;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/** What the runners of all operations look at after a call. */
final class Checks {
  private Checks() {}

  /**
   * Compares elements.
   *
   * @param input bits beside which a difference is shown; null for none
   * @param isExact whether a NaN equals no other NaN
   * @param what is compared, where that is not the output; empty otherwise
   */
  static Optional<Difference> compare(
      ElementType type,
      MemorySegment expected,
      MemorySegment actual,
      MemorySegment input,
      boolean isExact,
      String what) {
    long index = ElementBits.firstDifference(type, expected, actual, isExact);
    if (index < 0) {
      return Optional.empty();
    }
    return Optional.of(
        new Difference(
            index,
            input == null ? "" : ElementBits.hex(type, ElementBits.get(type, input, index)),
            ElementBits.hex(type, ElementBits.get(type, expected, index)),
            ElementBits.hex(type, ElementBits.get(type, actual, index)),
            what));
  }

  /**
   * Checks the bytes around memory.
   *
   * @param elementBytes by which the place is counted
   */
  static Optional<Difference> canaries(Guarded guarded, int elementBytes, String what) {
    long at = guarded.firstBrokenCanary();
    if (at == Long.MIN_VALUE) {
      return Optional.empty();
    }
    return Optional.of(
        new Difference(
            Math.floorDiv(at, elementBytes),
            "",
            hex(Guarded.CANARY),
            hex(guarded.byteAt(at)),
            (at < 0 ? "before the " : "after the ") + what + " was written"));
  }

  /** Checks that an operand is what it was. */
  static Optional<Difference> unmodified(
      ElementType type, MemorySegment before, Guarded operand, String what) {
    return compare(type, before, operand.memory(), null, true, what + " was modified")
        .or(() -> canaries(operand, type.bytes(), what));
  }

  static String hex(byte bits) {
    return String.format("%02x", bits);
  }
}
