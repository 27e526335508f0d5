package io.github.jdropout.cli.parity;

import io.github.jdropout.cli.report.ParityCharts;
import io.github.jdropout.cli.report.ParityPage;
import io.github.jdropout.cli.report.Written;
import io.github.jdropout.parity.ParityReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

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
    List<Path> data =
        List.of(
            write(folder.resolve("parity.json"), ParityJson.write(report) + System.lineSeparator()),
            write(folder.resolve("parity.xml"), JUnitXml.write(report)));
    return new Written(data, List.of())
        .and(ParityPage.write(report, folder.resolve("parity.html")))
        .and(ParityCharts.write(report, folder.resolve("parity.png")));
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
