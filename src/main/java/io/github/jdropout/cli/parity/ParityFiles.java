package io.github.jdropout.cli.parity;

import io.github.jdropout.cli.file.FileOutput;
import io.github.jdropout.cli.report.ParityCharts;
import io.github.jdropout.cli.report.ParityPage;
import io.github.jdropout.cli.report.Written;
import io.github.jdropout.parity.ParityReport;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** The files of a report; each is there completely or not at all. */
final class ParityFiles {
  private ParityFiles() {}

  /**
   * Writes all files of a report.
   *
   * @param folder which exists
   * @return what was written, and why charts are missing
   */
  static Written write(ParityReport report, Path folder) throws IOException {
    // Drawing takes longest, most of all the first time.
    FutureTask<Written> picture =
        new FutureTask<>(() -> ParityCharts.write(report, folder.resolve("parity.png")));
    Thread.ofPlatform().start(picture);
    Path json = folder.resolve("parity.json");
    FileOutput.write(json, ParityJson.write(report) + System.lineSeparator());
    Path xml = folder.resolve("parity.xml");
    FileOutput.write(xml, JUnitXml.write(report));
    Written page = ParityPage.write(report, folder.resolve("parity.html"));
    return new Written(List.of(json, xml), List.of()).and(page).and(result(picture));
  }

  private static Written result(FutureTask<Written> picture) throws IOException {
    try {
      return picture.get();
    } catch (ExecutionException e) {
      throw new IOException("the picture cannot be written", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while the picture was written");
    }
  }
}
