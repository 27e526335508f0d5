package io.github.jdropout.cli;

import java.util.concurrent.Callable;
import jdk.incubator.vector.FloatVector;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Command line entry point. */
@Command(
    name = "jdropout",
    mixinStandardHelpOptions = true,
    version = "0.1.0-SNAPSHOT",
    description = "Dropout for neural networks.")
public final class Main implements Callable<Integer> {
  private final CommandLine commandLine = new CommandLine(this);

  /** Creates the command. */
  public Main() {}

  @Override
  public Integer call() {
    commandLine.getOut().println("float lanes: " + FloatVector.SPECIES_PREFERRED.length());
    return 0;
  }

  /**
   * Runs the command line.
   *
   * @param args the arguments
   */
  public static void main(String[] args) {
    System.exit(new Main().commandLine.execute(args));
  }
}
