package io.github.jdropout.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import picocli.AutoComplete.GenerateCompletion;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The command {@code jdropout}; its work is in the subcommands. */
@Command(
    name = "jdropout",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    synopsisSubcommandLabel = "COMMAND",
    description = "Dropout for neural networks: one mask everywhere.",
    subcommands = {
      InfoCommand.class,
      TrainCommand.class,
      MaskCommand.class,
      ApplyCommand.class,
      ParityCommand.class,
      BenchCommand.class,
      TourCommand.class,
      GenerateCompletion.class,
      CommandLine.HelpCommand.class
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  jdropout info",
      "  jdropout train --out digits",
      "  jdropout mask --p 0.1 --seed 42 --stream 7 --count 64",
      "  jdropout apply in.npy out.npy --p 0.1 --seed 42 --stream 7",
      "  jdropout parity --quick",
      "  jdropout bench",
      "  jdropout tour",
      "",
      "jdropout COMMAND --help explains a command. NO_COLOR switches colours off,",
      "-Djdropout.debug=true shows the stack trace of an error."
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done, or the reader of the output closed it early",
      "1:something failed: a file, a backend, memory",
      "2:an option, an argument or an input file is not acceptable",
      "130:interrupted by Ctrl-C"
    })
public final class Main implements Runnable {
  private final Console console;

  @Spec private CommandSpec spec;

  private Main(Console console) {
    this.console = console;
  }

  /** Returns where the subcommands write. */
  Console console() {
    return console;
  }

  @Override
  public void run() {
    spec.commandLine().usage(console.out());
  }

  /** Returns the command with its subcommands. */
  static CommandLine commandLine(Console console) {
    return new CommandLine(new Main(console))
        .setOut(console.out())
        .setErr(console.err())
        .setParameterExceptionHandler(console::reportUsage)
        .setExecutionExceptionHandler((e, command, parsed) -> console.report(e))
        .setCaseInsensitiveEnumValuesAllowed(true);
  }

  /**
   * Runs a command.
   *
   * @return the exit code
   */
  static int run(Console console, String... args) {
    int exitCode;
    try {
      exitCode = commandLine(console).execute(args);
    } catch (LinkageError | VirtualMachineError e) {
      exitCode = console.report(e);
    }
    return console.finish(exitCode);
  }

  /**
   * Runs the command line and ends the JVM with its exit code.
   *
   * @param args the arguments
   */
  public static void main(String[] args) {
    // Not System.out: a print stream swallows errors, and a full disk must not look like success.
    Console console = new Console(new FileOutputStream(FileDescriptor.out), System.err);
    System.exit(run(console, args));
  }
}
