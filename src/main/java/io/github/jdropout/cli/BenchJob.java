package io.github.jdropout.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.jdropout.bench.BenchListener;
import io.github.jdropout.bench.BenchOptions;
import io.github.jdropout.bench.BenchSession;
import io.github.jdropout.bench.Crossover;
import io.github.jdropout.bench.Effort;
import io.github.jdropout.bench.Measuring;
import io.github.jdropout.bench.Size;
import io.github.jdropout.bench.TrainingSession;
import io.github.jdropout.bench.result.BenchCase;
import io.github.jdropout.bench.result.BenchRun;
import io.github.jdropout.bench.result.TrainingStep;
import io.github.jdropout.bench.training.TrainingSteps;
import io.github.jdropout.cli.bench.BenchFiles;
import io.github.jdropout.cli.bench.BenchTable;
import io.github.jdropout.cli.bench.PeerRatios;
import io.github.jdropout.cli.bench.TrainingLines;
import io.github.jdropout.cli.report.Written;
import io.github.jdropout.cli.terminal.Interruption;
import io.github.jdropout.cli.terminal.ProgressBar;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Help.Ansi;

/** Runs {@link BenchCommand}, whose class does without the benchmark's. */
final class BenchJob {
  private final BenchCommand command;
  private final BenchOptions options;
  private final PrintWriter out;
  private final PrintWriter err;

  BenchJob(BenchCommand command, Console console) {
    this.command = command;
    this.options = options(command);
    this.out = console.out();
    this.err = console.err();
  }

  private static BenchOptions options(BenchCommand command) {
    Effort effort =
        command.isQuick() ? Effort.QUICK : command.isFull() ? Effort.FULL : Effort.NORMAL;
    String sweep = command.sweep().isEmpty() ? "none" : command.sweep();
    return new BenchOptions(
        effort,
        BenchOptions.Sweep.valueOf(sweep.toUpperCase(Locale.ROOT)),
        command.operations(),
        command.types(),
        command.backends(),
        command.sizes().stream().map(Size::parse).toList(),
        command.probabilities(),
        command.threads(),
        command.forks(),
        command.python(),
        command.commandLine(),
        Version.current());
  }

  /** Returns the exit code. */
  int run() throws IOException {
    Files.createDirectories(command.folder());
    Path log = command.folder().resolve("bench.log");
    Files.deleteIfExists(log);
    try (Follower follower = new Follower()) {
      Measuring session =
          command.isTransformer()
              ? new TrainingSession(options, follower)
              : new BenchSession(options, follower, log.toFile());
      try (Interruption interruption = Interruption.watch(session::stop)) {
        session.run();
        finish(session, follower, !interruption.isInterrupted());
      }
      return session.hasFailed() ? Console.FAILURE : 0;
    }
  }

  /** Writes all that is made of a result. */
  private void finish(Measuring session, Follower follower, boolean isComplete) throws IOException {
    follower.close();
    BenchRun run = session.result(isComplete);
    Written files = new BenchFiles(command.folder()).write(run);
    if (command.isJson()) {
      out.println(new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(run));
    } else {
      summarize(run, session.hasFailed(), files);
    }
    out.flush();
    if (session.hasFailed()) {
      run.absent().stream()
          .filter(absent -> absent.reason().startsWith("FAILED"))
          .forEach(absent -> err.println("jdropout: " + absent.what() + ": " + absent.reason()));
    }
  }

  private void summarize(BenchRun run, boolean hasFailed, Written written) {
    if (command.isTransformer() && options.effort() == Effort.QUICK) {
      out.println(run.training().size() + " training steps ran; their times say nothing");
    } else if (command.isTransformer()) {
      out.println();
      out.println(TrainingSteps.WHAT);
      out.println();
    } else if (options.effort() == Effort.QUICK) {
      out.println(
          run.cases().size()
              + (hasFailed ? " cases ran" : " cases ran with the right output")
              + "; their times say nothing");
    } else {
      List<String> ratios = PeerRatios.of(run.cases());
      if (!ratios.isEmpty()) {
        out.println();
        ratios.forEach(out::println);
      }
      Crossover.of(run.cases()).ifPresent(crossover -> out.println(crossover.text()));
      out.println();
    }
    if (!run.run().isComplete()) {
      out.println("interrupted: the result is of what was measured until then");
    }
    written.files().forEach(file -> out.println("wrote " + file));
    written.problems().forEach(out::println);
  }

  /** Prints cases as they come, and how far it is. */
  private final class Follower implements BenchListener, AutoCloseable {
    private final BenchTable table = new BenchTable(Ansi.AUTO);
    private ProgressBar bar;
    private boolean hasHeader;

    @Override
    public void planned(long units) {
      boolean isTerminal = !command.isJson() && ProgressBar.isTerminal();
      bar = new ProgressBar(err, isTerminal, "measuring", units);
    }

    @Override
    public void advanced(long units, String next) {
      bar.advance(units, next);
    }

    @Override
    public void measured(BenchCase measured) {
      if (command.isJson() || options.effort() == Effort.QUICK) {
        return;
      }
      if (!hasHeader) {
        hasHeader = true;
        print(table.header());
      }
      print(table.row(measured));
    }

    @Override
    public void trained(TrainingStep step) {
      if (!command.isJson() && options.effort() != Effort.QUICK) {
        print(TrainingLines.of(step));
      }
    }

    @Override
    public void absent(BenchRun.Absent absent) {
      if (!command.isJson()) {
        print(table.absent(absent));
      }
    }

    private void print(String line) {
      Runnable printing =
          () -> {
            out.println(line);
            out.flush();
          };
      if (bar == null) {
        printing.run();
      } else {
        bar.interrupt(printing);
      }
    }

    @Override
    public void close() {
      if (bar != null) {
        bar.close();
      }
    }
  }
}
