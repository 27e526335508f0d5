package io.github.jdropout.cli;

import picocli.CommandLine.Command;

/** {@code jdropout train}. */
@Command(name = "train", mixinStandardHelpOptions = true, description = "Not there yet.")
final class TrainCommand implements Runnable {
  @Override
  public void run() {}
}
