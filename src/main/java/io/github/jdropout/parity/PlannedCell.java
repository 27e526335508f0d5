package io.github.jdropout.parity;

import io.github.jdropout.spec.ElementType;
import java.util.List;
import java.util.Optional;

/**
 * What one cell of a report will be made of: the cases of an operation on a type.
 *
 * @param operation what is checked
 * @param type on which; empty for the mask
 * @param calls in the order of running
 */
public record PlannedCell(Operation operation, Optional<ElementType> type, List<ParityCase> calls) {
  /** Copies the list. */
  public PlannedCell {
    calls = List.copyOf(calls);
  }

  /** Returns the number of calls. */
  public long cases() {
    return calls.size();
  }

  /** Returns the elements of all calls together. */
  public long elements() {
    return calls.stream().mapToLong(ParityCase::elements).sum();
  }
}
