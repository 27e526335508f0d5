package io.github.jdropout.cli;

import io.github.jdropout.backend.BackendId;
import io.github.jdropout.spec.ElementType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/**
 * {@code jdropout bench}: how fast is it here, beside a copy and beside others.
 *
 * <p>The benchmark is a jar of its own, which may be missing: this class must load without it, and
 * everything that needs it is in {@link BenchJob}.
 */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    description = {
      "Time dropout on the CPU and, if there is one, on a GPU: beside a copy of the same bytes,"
          + " and beside Deeplearning4j, PyTorch and Triton where they are found.",
      "Without options a chosen set of cases, under three minutes on two cores without a GPU."
          + " Ctrl-C leaves a result file of what was measured until then."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  jdropout bench",
      "  jdropout bench --operation forward,mask --type f32,bf16 --size 2^20",
      "  jdropout bench --sweep size --backend ffm,cuda --out sizes",
      "  jdropout bench --sweep threads --size 2^26",
      "  jdropout bench --python ~/venv/bin/python3 --json",
      "  jdropout bench --transformer",
      "  jdropout bench --compare before.json after.json"
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:all that ran gave the right output",
      "1:something failed; the result file has the rest",
      "2:an option is not acceptable, or fits nothing that can run here",
      "130:interrupted by Ctrl-C; the result file has what was measured until then"
    })
final class BenchCommand implements Callable<Integer> {
  private static final String OUT = "--out";

  @ParentCommand private Main main;

  @Spec private CommandSpec spec;

  @ArgGroup private Effort effort = new Effort();

  /** How much is timed; one of the two at most. */
  static final class Effort {
    @Option(
        names = "--quick",
        description =
            "Run every benchmark once and small: its output is compared, its time says nothing.")
    private boolean isQuick;

    @Option(names = "--full", description = "Time all combinations, each in two fresh JVMs: hours.")
    private boolean isFull;

    boolean isQuick() {
      return isQuick;
    }

    boolean isFull() {
      return isFull;
    }
  }

  @ArgGroup private Instead instead = new Instead();

  /** Other work than timing single calls; one of these at most. */
  static final class Instead {
    @Option(
        names = "--transformer",
        description =
            "Measure what dropout adds to a training step of the feed-forward half of a decoder"
                + " block: with Llama 3.2 1B's shapes on a GPU, small on the CPU.")
    private boolean isTransformer;

    @Option(
        names = "--compare",
        arity = "2",
        paramLabel = "FILE",
        description = "Compare two result files, A and B: what is faster or slower beyond noise?")
    private List<Path> compared = List.of();

    @Option(
        names = "--table",
        arity = "2",
        paramLabel = "PATH",
        description =
            "Renew the table in a page, such as docs/benchmarks.md, from the result files of a"
                + " folder, such as bench/results.")
    private List<Path> table = List.of();
  }

  @Option(
      names = "--sweep",
      completionCandidates = SweepNames.class,
      paramLabel = "WHAT",
      description =
          "Vary one thing: size (2^10 to 2^28 elements), p, type, operation or threads (of a CPU).")
  private Sweep sweep;

  /** What a sweep varies. */
  enum Sweep {
    SIZE,
    P,
    TYPE,
    OPERATION,
    THREADS
  }

  /** As they are written, and suggested by shells. */
  static final class SweepNames implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Stream.of(Sweep.values()).map(it -> it.name().toLowerCase(Locale.ROOT)).iterator();
    }
  }

  @Option(
      names = "--operation",
      split = ",",
      paramLabel = "NAME",
      description = "Time these instead, such as forward or 'apply mask'; a wrong name lists all.")
  private List<String> operations = List.of();

  @Option(
      names = "--type",
      split = ",",
      paramLabel = "TYPE",
      description = "Time these types of elements: f32, f64, f16, bf16.")
  private List<ElementType> types = List.of();

  @Option(
      names = "--backend",
      split = ",",
      converter = BackendName.class,
      completionCandidates = BackendName.class,
      paramLabel = "ID",
      description = "Of ours, time these backends only: ${COMPLETION-CANDIDATES}.")
  private List<BackendId> backends = List.of();

  @Option(
      names = "--size",
      split = ",",
      paramLabel = "N",
      description =
          "Time calls of so many elements, such as 65536 or 2^24; a GPU's are powers of 2.")
  private List<String> sizes = List.of();

  @Option(
      names = {"-p", "--p"},
      split = ",",
      paramLabel = "P",
      description = "Probabilities of dropping, in [0, 1]. Default: 0.1.")
  private List<Double> probabilities = List.of();

  @Option(
      names = "--threads",
      split = ",",
      paramLabel = "N",
      description = "CPU threads that may work on a call. Default: all processors.")
  private List<Integer> threads = List.of();

  @Option(
      names = "--forks",
      defaultValue = "0",
      paramLabel = "N",
      description =
          "Time each CPU case in so many fresh JVMs, at most 100. Default: 1, with --full 2.")
  private int forks;

  @Option(
      names = "--python",
      defaultValue = "python3",
      paramLabel = "EXE",
      description = "Python with PyTorch, to compare with. Default: ${DEFAULT-VALUE}.")
  private String python;

  @Option(
      names = OUT,
      defaultValue = "jdropout-bench",
      paramLabel = "FOLDER",
      description = "Where the result file and the log go. Default: ${DEFAULT-VALUE}.")
  private Path folder;

  @Option(names = "--json", description = "Write the result to standard output, not a table.")
  private boolean json;

  @Override
  public Integer call() throws IOException {
    requireBenchmark();
    refuseIgnored();
    if (!instead.compared.isEmpty()) {
      return CompareJob.compare(
          main.console().out(), instead.compared.getFirst(), instead.compared.getLast(), json);
    }
    if (!instead.table.isEmpty()) {
      return CompareJob.renewTable(
          main.console().out(), instead.table.getFirst(), instead.table.getLast(), json);
    }
    return new BenchJob(this, main.console()).run();
  }

  /** An option that would have no effect is a misunderstanding. */
  private void refuseIgnored() {
    if (!instead.compared.isEmpty()) {
      allowWith("--compare", Set.of("--json"));
    } else if (!instead.table.isEmpty()) {
      allowWith("--table", Set.of("--json"));
    } else if (instead.isTransformer) {
      allowWith("--transformer", Set.of("--quick", "--full", OUT, "--json"));
    } else if (isQuick() && forks > 0) {
      throw new ParameterException(spec.commandLine(), "--forks says nothing to --quick");
    }
  }

  private void allowWith(String option, Set<String> others) {
    spec.commandLine().getParseResult().matchedOptions().stream()
        .map(OptionSpec::longestName)
        .filter(name -> !name.equals(option) && !others.contains(name))
        .findFirst()
        .ifPresent(name -> {
          throw new ParameterException(spec.commandLine(), name + " says nothing to " + option);
        });
  }

  private static void requireBenchmark() {
    for (String name :
        List.of(
            "io.github.jdropout.bench.BenchSession",
            "org.openjdk.jmh.runner.Runner",
            "joptsimple.OptionParser",
            "com.fasterxml.jackson.databind.ObjectMapper")) {
      try {
        Class.forName(name, false, BenchCommand.class.getClassLoader());
      } catch (ClassNotFoundException | LinkageError e) {
        throw new IllegalStateException(
            "bench needs the jar jdropout-bench, JMH and Jackson on the class path; there is no "
                + name,
            e);
      }
    }
  }

  boolean isTransformer() {
    return instead.isTransformer;
  }

  boolean isQuick() {
    return effort.isQuick();
  }

  boolean isFull() {
    return effort.isFull();
  }

  /** Returns the name of what is varied; empty for nothing. */
  String sweep() {
    return sweep == null ? "" : sweep.name().toLowerCase(Locale.ROOT);
  }

  List<String> operations() {
    return operations;
  }

  List<ElementType> types() {
    return types;
  }

  List<BackendId> backends() {
    return backends;
  }

  List<String> sizes() {
    return sizes;
  }

  List<Double> probabilities() {
    return probabilities;
  }

  List<Integer> threads() {
    return threads;
  }

  int forks() {
    return forks;
  }

  String python() {
    return python;
  }

  Path folder() {
    return folder;
  }

  boolean isJson() {
    return json;
  }

  /** Returns the options as they were given, but for the folder, which is nobody else's concern. */
  String commandLine() {
    List<String> args = new ArrayList<>(spec.commandLine().getParseResult().originalArgs());
    int out = args.indexOf(OUT);
    if (out >= 0) {
      args.subList(out, out + 2).clear();
    }
    args.removeIf(arg -> arg.startsWith(OUT + "="));
    return String.join(" ", args);
  }
}
