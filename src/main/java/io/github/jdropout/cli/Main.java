package io.github.jdropout.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Command line entry point. */
@Command(name = "jdropout", mixinStandardHelpOptions = true, version = "0.1.0-SNAPSHOT")
public final class Main implements Callable<Integer> {
  /** Creates the command. */
  public Main() {}

  @Override
  public Integer call() {
    return 0;
  }

  /** Runs the command line. */
  public static void main(String[] args) {
    System.exit(new CommandLine(new Main()).execute(args));
  }
}
