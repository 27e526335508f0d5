package io.github.jdropout.cli.parity;

import io.github.jdropout.parity.ParityReport;

/** The command that runs one case of one variant again. */
final class Replay {
  private static final String COMMAND = "jdropout parity ";

  private Replay() {}

  /** Puts the variant into a cell, and its options into the command of the cell's difference. */
  static ParityReport.Cell complete(ParityReport.Cell cell, Variant variant) {
    return new ParityReport.Cell(
        variant.name(),
        cell.operation(),
        cell.type(),
        cell.outcome(),
        cell.reason(),
        cell.cases(),
        cell.elements(),
        cell.seconds(),
        cell.mismatch().map(mismatch -> complete(mismatch, variant)),
        cell.worstOfBound());
  }

  /** Returns a word as a shell reads it; the name of a nested class has a dollar sign. */
  private static String quoted(String word) {
    return word.matches("[\\w.-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
  }

  private static ParityReport.Mismatch complete(ParityReport.Mismatch mismatch, Variant variant) {
    String command = mismatch.command();
    if (command.startsWith(COMMAND)) {
      command =
          COMMAND
              + String.join(" ", variant.options().stream().map(Replay::quoted).toList())
              + " "
              + command.substring(COMMAND.length());
    }
    return new ParityReport.Mismatch(
        mismatch.seed(),
        mismatch.stream(),
        mismatch.p(),
        mismatch.firstIndex(),
        mismatch.count(),
        mismatch.index(),
        mismatch.input(),
        mismatch.expected(),
        mismatch.actual(),
        mismatch.details(),
        command);
  }
}
