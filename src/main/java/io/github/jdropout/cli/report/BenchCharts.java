package io.github.jdropout.cli.report;

import io.github.jdropout.bench.result.BenchRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The charts of a run of the benchmark as PNG files, sharp at 800 pixels of width. */
public final class BenchCharts {
  private BenchCharts() {}

  /**
   * Writes the charts, such as {@code bench-roofline-cpu.png}; a run without cases has none.
   *
   * @param folder made if it is not there
   * @return the files, and why charts are missing
   */
  public static Written write(BenchRun run, Path folder) throws IOException {
    BenchPlans plans = BenchPlans.of(run);
    Files.createDirectories(folder);
    Written all = new Written(List.of(), List.of());
    for (Plan plan :
        Stream.of(
                plans.rooflines(),
                plans.peers(),
                plans.sweeps(),
                plans.crossovers(),
                plans.training())
            .flatMap(List::stream)
            .toList()) {
      all = all.and(Drawing.picture(plan, folder.resolve("bench-" + plan.id() + ".png")));
    }
    return all;
  }
}
