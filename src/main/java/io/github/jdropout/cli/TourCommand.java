package io.github.jdropout.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code jdropout tour}: one command that shows what the library is and does. */
@Command(
    name = "tour",
    mixinStandardHelpOptions = true,
    description = {
      "See it all: what computes here, that every backend gives the same bits, that dropout helps"
          + " training, and how fast it is.",
      "Runs info, parity, train and bench, about five minutes in all. Each is a command of its own"
          + " with more options. What cannot run says why, and the tour goes on."
    },
    footerHeading = "%nExamples:%n",
    footer = {"  jdropout tour", "  jdropout tour --out results"})
final class TourCommand implements Callable<Integer> {
  @ParentCommand private Main main;

  @Option(
      names = "--out",
      defaultValue = "jdropout-tour",
      paramLabel = "FOLDER",
      description = "Where the reports, pictures and data go. Default: ${DEFAULT-VALUE}.")
  private Path folder;

  @Option(
      names = "--json",
      description = "Write each command's JSON to standard output, one after the other.")
  private boolean json;

  /** A stop: a heading and the command. */
  record Stop(String heading, List<String> arguments) {}

  @Override
  public Integer call() {
    int exitCode = 0;
    for (Stop stop : stops(folder)) {
      List<String> arguments = new ArrayList<>(stop.arguments());
      if (json) {
        arguments.add("--json");
      } else {
        announce(stop);
      }
      CommandLine command = Main.commandLine(main.console());
      exitCode = Math.max(exitCode, command.execute(arguments.toArray(String[]::new)));
    }
    return exitCode;
  }

  private void announce(Stop stop) {
    PrintWriter out = main.console().out();
    out.println();
    out.println("── " + stop.heading());
    out.println("$ jdropout " + String.join(" ", stop.arguments()));
    out.flush();
  }

  static List<Stop> stops(Path folder) {
    return List.of(
        new Stop("What computes here", List.of("info")),
        new Stop(
            "The same bits everywhere",
            List.of("parity", "--quick", "--out", folder.resolve("parity").toString())),
        new Stop("Dropout helps", List.of("train", "--out", folder.resolve("train").toString())),
        new Stop(
            "At the speed of memory",
            List.of("bench", "--out", folder.resolve("bench").toString())));
  }
}
