package io.github.jdropout.cli.report;

import io.github.jdropout.parity.ParityReport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** The grid of a parity report as a PNG file, sharp at 800 pixels of width. */
public final class ParityCharts {
  private ParityCharts() {}

  /**
   * Writes the grid; a report without cells has none.
   *
   * @param png replaced if it is there
   * @return the file, or why it is missing
   */
  public static Written write(ParityReport report, Path png) throws IOException {
    Written all = new Written(List.of(), List.of());
    for (Plan plan : ParityPlans.grid(report)) {
      all = all.and(Drawing.picture(plan, png));
    }
    return all;
  }
}
