package io.github.jdropout.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TourCommandTest {
  @TempDir private Path folder;

  /** Each stop is a command line that is accepted; their work has tests of its own. */
  @Test
  void stopsAreCommandLines() {
    List<String> names =
        TourCommand.stops(folder).stream()
            .map(TourCommand.Stop::arguments)
            .map(arguments ->
                Main.commandLine(CliRun.console())
                    .parseArgs(arguments.toArray(String[]::new))
                    .subcommand()
                    .commandSpec()
                    .name())
            .toList();
    assertEquals(List.of("info", "parity", "train", "bench"), names);
  }
}
