package io.github.jdropout.cli.parity;

import io.github.jdropout.cli.report.ParityCharts;
import io.github.jdropout.cli.report.ParityPage;
import io.github.jdropout.cli.report.Written;
import io.github.jdropout.parity.ParityReport;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
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
    List<Path> data =
        List.of(
            write(folder.resolve("parity.json"), ParityJson.write(report) + System.lineSeparator()),
            write(folder.resolve("parity.xml"), JUnitXml.write(report)));
    Written page = ParityPage.write(report, folder.resolve("parity.html"));
    return new Written(data, List.of()).and(page).and(result(picture));
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

  private static Path write(Path file, String text) throws IOException {
    Path temporary = Files.createTempFile(file.toAbsolutePath().getParent(), ".parity", ".tmp");
    try {
      Files.writeString(temporary, text);
      Files.move(temporary, file, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(temporary);
    }
    return file;
  }
}
