package io.github.jdropout.cli.parity;

import io.github.jdropout.parity.ParityReport;
import java.util.List;

/** Is told what comes of a run as it comes, by several threads. */
interface ParityListener {
  /**
   * Work goes on.
   *
   * @param units done since the last call, of {@link ParityRun#units}
   * @param doing what is done now
   */
  void progress(long units, String doing);

  /**
   * Work turned out not to be there, such as that of a variant that cannot run here.
   *
   * @param units of it, of {@link ParityRun#units}
   */
  void dropped(long units);

  /** A variant has come to its end, with these cells. */
  void ended(List<ParityReport.Cell> cells);
}
