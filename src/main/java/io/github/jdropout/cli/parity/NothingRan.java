package io.github.jdropout.cli.parity;

import io.github.jdropout.parity.ParityReport;
import io.github.jdropout.parity.ParityReport.Cell;
import io.github.jdropout.parity.ParityReport.Outcome;
import java.util.List;
import java.util.Optional;

/** A report that has nothing to say is a failure, and says why. */
final class NothingRan {
  private NothingRan() {}

  /** Returns why nothing was compared; empty if something was. */
  static Optional<String> reason(ParityReport report) {
    if (report.count(Outcome.PASSED) + report.count(Outcome.FAILED) > 0) {
      return Optional.empty();
    }
    List<String> reasons = report.cells().stream().map(Cell::reason).distinct().toList();
    return Optional.of(
        switch (reasons.size()) {
          case 0 -> "nothing ran: what was chosen has none of the chosen operations and types";
          case 1 -> "nothing ran: " + reasons.getFirst();
          default -> "nothing ran: " + reasons.getFirst() + "; and other reasons";
        });
  }
}
