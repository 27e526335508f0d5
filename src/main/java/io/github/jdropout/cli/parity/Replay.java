package io.github.jdropout.cli.parity;

import io.github.jdropout.parity.ParityReport;
import io.github.jdropout.process.ShellWord;

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

  private static ParityReport.Mismatch complete(ParityReport.Mismatch mismatch, Variant variant) {
    String command = mismatch.command();
    if (command.startsWith(COMMAND)) {
      command =
          COMMAND
              + String.join(" ", variant.options().stream().map(ShellWord::quoted).toList())
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
