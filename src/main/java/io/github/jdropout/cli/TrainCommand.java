package io.github.jdropout.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.jdropout.DropoutBackends;
import io.github.jdropout.backend.BackendId;
import io.github.jdropout.cli.file.FileOutput;
import io.github.jdropout.cli.terminal.ProgressBar;
import io.github.jdropout.cli.train.Experiment;
import io.github.jdropout.cli.train.Pictures;
import io.github.jdropout.cli.train.Report;
import io.github.jdropout.cli.train.Results;
import io.github.jdropout.cli.train.TrainingPlan;
import io.github.jdropout.cli.train.Variant;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code jdropout train}: does dropout help, measured on handwritten digits. */
@Command(
    name = "train",
    mixinStandardHelpOptions = true,
    description = {
      "Train a network on handwritten digits without dropout, with Deeplearning4j's dropout and"
          + " with JDropout; print a table and draw two pictures.",
      "The same options give the same networks, whatever the number of processors."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  jdropout train",
      "  jdropout train -p 0.5 --hidden 1024,1024 --epochs 40 --seeds 10 --out big",
      "  jdropout train --seeds 1 --epochs 5 --json"
    })
final class TrainCommand implements Callable<Integer> {
  @ParentCommand private Main main;

  @Option(
      names = {"-p", "--p"},
      defaultValue = "0.3",
      paramLabel = "P",
      description =
          "Probability of dropping a hidden unit, in [0, 1); pixels are dropped a third"
              + " as often. Default: ${DEFAULT-VALUE}.")
  private double p;

  @Option(
      names = "--hidden",
      split = ",",
      defaultValue = "512,512",
      paramLabel = "N",
      description = "Sizes of the hidden layers. Default: ${DEFAULT-VALUE}.")
  private List<Integer> hidden;

  @Option(
      names = "--epochs",
      defaultValue = "40",
      paramLabel = "N",
      description = "Passes over the training digits. Default: ${DEFAULT-VALUE}.")
  private int epochs;

  @Option(
      names = "--seed",
      converter = Int64.class,
      defaultValue = "100",
      paramLabel = "N",
      description =
          "Seed of the first run; further runs count on. It decides the split, the initial"
              + " weights, the order and the masks. Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Option(
      names = "--seeds",
      defaultValue = "5",
      paramLabel = "N",
      description = "Runs of each kind, with as many seeds. Default: ${DEFAULT-VALUE}.")
  private int seeds;

  @Option(
      names = "--train-size",
      defaultValue = "300",
      paramLabel = "N",
      description = "Training digits of 1797; the others validate. Default: ${DEFAULT-VALUE}.")
  private int trainSize;

  @Option(
      names = "--batch",
      defaultValue = "50",
      paramLabel = "N",
      description = "Digits of an optimiser step. Default: ${DEFAULT-VALUE}.")
  private int batch;

  @Option(
      names = "--samples",
      defaultValue = "100",
      paramLabel = "N",
      description = "Passes of Monte-Carlo dropout. Default: ${DEFAULT-VALUE}.")
  private int samples;

  @Option(
      names = "--backend",
      converter = BackendName.class,
      completionCandidates = BackendName.class,
      paramLabel = "ID",
      description = BackendName.DESCRIPTION)
  private BackendId backend;

  @Option(
      names = "--out",
      defaultValue = "jdropout-train",
      paramLabel = "FOLDER",
      description = "Where the pictures and results.json go. Default: ${DEFAULT-VALUE}.")
  private Path folder;

  @Option(names = "--json", description = "Write results.json to standard output, too.")
  private boolean json;

  @Override
  public Integer call() throws IOException, InterruptedException, ExecutionException {
    TrainingPlan plan = new TrainingPlan(p, hidden, epochs, batch, trainSize, seed, seeds, samples);
    String forced = System.getProperty(DropoutBackends.PROPERTY);
    if (backend != null) {
      // Every network's layers choose for themselves; the property reaches them all.
      System.setProperty(DropoutBackends.PROPERTY, backend.label());
    }
    try {
      DropoutBackends.select(); // Fails here rather than within the first network.
      Experiment.checkAvailable();
      Files.createDirectories(folder);
      write(train(plan));
    } finally {
      if (backend != null && forced == null) {
        System.clearProperty(DropoutBackends.PROPERTY);
      } else if (backend != null) {
        System.setProperty(DropoutBackends.PROPERTY, forced);
      }
    }
    return 0;
  }

  private Results train(TrainingPlan plan) throws InterruptedException, ExecutionException {
    long epochsOfAll = (long) plan.epochs() * plan.seeds() * Variant.values().length;
    PrintWriter err = main.console().err();
    boolean isTerminal = !json && ProgressBar.isTerminal();
    try (ProgressBar bar = new ProgressBar(err, isTerminal, "training", epochsOfAll)) {
      return new Experiment(plan, new TrainingProgress(bar, err)).run();
    }
  }

  private void write(Results results) throws IOException {
    String selected = backendLine();
    Report report = new Report(results);
    List<Path> files = new ArrayList<>();
    List<String> problems = new ArrayList<>();
    Pictures pictures = new Pictures(results);
    Path curves = folder.resolve("curves.png");
    note(pictures.drawCurves(curves), curves, files, problems);
    Path digits = folder.resolve("uncertain-digits.png");
    note(pictures.drawUncertainDigits(digits), digits, files, problems);

    ObjectMapper mapper = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
    ObjectNode root = mapper.createObjectNode();
    root.put("version", Version.current());
    root.put("backend", selected);
    root.set("verdict", mapper.valueToTree(report.verdict()));
    root.set("summary", mapper.valueToTree(report.summary()));
    root.set("problems", mapper.valueToTree(problems));
    root.setAll((ObjectNode) mapper.valueToTree(results));
    Path data = folder.resolve("results.json");
    files.add(data);
    root.set("files", mapper.valueToTree(files.stream().map(Path::toString).toList()));
    String text = mapper.writeValueAsString(root);
    FileOutput.write(data, text + System.lineSeparator());

    PrintWriter out = main.console().out();
    if (json) {
      out.println(text);
      problems.forEach(main.console().err()::println);
      return;
    }
    report.table().forEach(out::println);
    out.println("backend " + selected);
    out.println();
    report.verdict().forEach(out::println);
    out.println();
    problems.forEach(out::println);
    files.forEach(file -> out.println("wrote " + file));
  }

  private static void note(
      Optional<String> problem, Path file, List<Path> files, List<String> problems) {
    problem.ifPresentOrElse(problems::add, () -> files.add(file));
  }

  private static String backendLine() {
    return DropoutBackends.report().stream()
        .filter(DropoutBackends.Entry::isSelected)
        .map(DropoutBackends.Entry::toString)
        .findFirst()
        .orElseThrow();
  }
}
