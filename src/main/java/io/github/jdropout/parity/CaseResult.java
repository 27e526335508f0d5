package io.github.jdropout.parity;

import java.util.Optional;

/**
 * How a case ended.
 *
 * @param difference the first one
 * @param worstOfBound the largest error as a part of its bound; 0 where bits are compared
 */
record CaseResult(Optional<Difference> difference, double worstOfBound) {
  static final CaseResult EQUAL = new CaseResult(Optional.empty(), 0);

  static CaseResult of(Difference difference) {
    return new CaseResult(Optional.of(difference), 0);
  }

  /**
   * Something that is not as it should be.
   *
   * @param index of the element within the call; negative or beyond the last for a canary
   * @param input the element's bits; empty if it has none
   * @param expected bits
   * @param actual bits
   * @param what it is, where that is not the output; empty otherwise
   */
  record Difference(long index, String input, String expected, String actual, String what) {}
}
