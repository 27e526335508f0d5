package io.github.jdropout.cli.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.jdropout.bench.result.BenchCase.Place;
import io.github.jdropout.bench.result.BenchRun;
import io.github.jdropout.cli.file.FileOutput;
import io.github.jdropout.cli.report.BenchCharts;
import io.github.jdropout.cli.report.BenchPage;
import io.github.jdropout.cli.report.Written;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The files of a run. */
public final class BenchFiles {
  private static final int DATE_LENGTH = "2026-01-01".length();

  private static final String JSON = ".json";

  private final Path folder;

  /**
   * Creates one.
   *
   * @param folder of the files, which exists
   */
  public BenchFiles(Path folder) {
    this.folder = folder;
  }

  /**
   * Writes all files that are made of a run. No older result is replaced; the page is beside it,
   * and the pictures, which are of the newest run.
   *
   * @return the files, and why charts are missing
   * @throws IOException if one cannot be written
   */
  public Written write(BenchRun run) throws IOException {
    String name = unused(name(run));
    Path json = folder.resolve(name + JSON);
    FileOutput.write(
        json,
        new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(run)
            + System.lineSeparator());
    Written written =
        new Written(List.of(json), List.of())
            .and(BenchPage.write(run, folder.resolve(name + ".html")));
    // Pictures are for showing times.
    return run.run().isQuick() ? written : written.and(BenchCharts.write(run, folder));
  }

  private String unused(String name) {
    String unused = name;
    for (int number = 2; Files.exists(folder.resolve(unused + JSON)); number++) {
      unused = name + "-" + number;
    }
    return unused;
  }

  /** Returns the date and what was measured: the device if anything was measured on one. */
  static String name(BenchRun run) {
    String device =
        isOfDevice(run)
            ? run.devices().getFirst().getOrDefault("device", "gpu")
            : run.machine().getOrDefault("cpu", "cpu");
    return run.run().date().substring(0, DATE_LENGTH)
        + "-"
        + device.replaceAll("[^A-Za-z0-9]+", "-").replaceAll("^-|-$", "");
  }

  private static boolean isOfDevice(BenchRun run) {
    return !run.devices().isEmpty()
        && (run.cases().stream().anyMatch(measured -> measured.place() != Place.CPU)
            || run.training().stream().anyMatch(step -> step.where().equals("device")));
  }
}
