package io.github.jdropout.cli;

import static java.util.Collections.disjoint;

import io.github.jdropout.backend.BackendId;
import io.github.jdropout.cli.parity.Job;
import io.github.jdropout.cli.parity.ParitySession;
import io.github.jdropout.cli.parity.Variant;
import io.github.jdropout.cli.parity.Variants;
import io.github.jdropout.parity.GoldenFile;
import io.github.jdropout.parity.Operation;
import io.github.jdropout.parity.ParityCase;
import io.github.jdropout.spec.ElementType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code jdropout parity}: holds all that computes here against an independent reference. */
@Command(
    name = "parity",
    mixinStandardHelpOptions = true,
    description = {
      "Compare every backend and binding that can run here with an independent reference, bit for"
          + " bit (products of matrices: within bounds), and test the mask's randomness.",
      "Each variant, such as a vector width or an instruction set, runs in a JVM of its own."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  jdropout parity --quick",
      "  jdropout parity --require cuda --out report",
      "  jdropout parity --exhaustive --backend ffm --operation forward,mask --type f32",
      "  jdropout parity --variant vector-256 --case 'forward f32 count=1000 p=0.1'",
      "  jdropout mask --golden masks.txt && jdropout parity --golden masks.txt",
      "  jdropout parity --quick --json | jq .cells[0]"
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:all that ran passed, and something ran",
      "1:something differs, died, or is required but cannot run",
      "2:an option is not acceptable",
      "130:interrupted by Ctrl-C; the files hold what was complete"
    })
final class ParityCommand implements Callable<Integer> {
  private static final Path DEFAULT_FOLDER = Path.of("jdropout-parity");

  @ParentCommand private Main main;

  @Spec private CommandSpec spec;

  @Option(names = "--quick", description = "At most 20 seconds on two cores.")
  private boolean isQuick;

  @Option(
      names = "--exhaustive",
      description = "Up to --elements in each cell, and every launch of the kernels: hours.")
  private boolean isExhaustive;

  @Option(
      names = "--elements",
      defaultValue = "1000000000",
      paramLabel = "N",
      description =
          "With --exhaustive: elements of a cell, which is one operation on one type. Default:"
              + " ${DEFAULT-VALUE}.")
  private long elements;

  @Option(
      names = "--backend",
      split = ",",
      converter = BackendName.class,
      completionCandidates = BackendName.class,
      paramLabel = "ID",
      description = "Only these backends: ${COMPLETION-CANDIDATES}.")
  private List<BackendId> backends = List.of();

  @Option(
      names = "--variant",
      split = ",",
      completionCandidates = ParityNames.OfVariants.class,
      paramLabel = "NAME",
      description = "Only these variants, named as in the table.")
  private List<String> names = List.of();

  @Option(
      names = "--implementation",
      paramLabel = "CLASS",
      description =
          "Check an implementation of your own instead: a class on the class path that is a"
              + " Supplier of an io.github.jdropout.parity.Implementation.")
  private String implementation;

  @Option(
      names = "--operation",
      split = ",",
      completionCandidates = ParityNames.Operations.class,
      paramLabel = "NAME",
      description =
          "Only these operations: forward, in-place, backward, mask, apply-mask, inference,"
              + " classical, shared-mask, epilogue, epilogue-gradient, bias-gradient, product.")
  private List<String> operations = List.of();

  @Option(
      names = "--type",
      split = ",",
      completionCandidates = ParityNames.Types.class,
      paramLabel = "TYPE",
      description = "Only these types: f32, f64, f16, bf16. The mask itself has none.")
  private List<String> types = List.of();

  @Option(
      names = "--seed",
      converter = Int64.class,
      defaultValue = "2026",
      paramLabel = "N",
      description = "Chooses cases and values. Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Option(
      names = "--require",
      split = ",",
      completionCandidates = ParityNames.OfRequired.class,
      paramLabel = "NAME",
      description =
          "Fail if none of these can run: a variant, or a backend of which one variant must run.")
  private List<String> required = List.of();

  @Option(
      names = "--case",
      paramLabel = "CASE",
      description = "Run this one case only, as a report of a difference names it.")
  private String replay;

  @Option(
      names = "--golden",
      paramLabel = "FILE",
      description = "Check a file of masks and values, as `jdropout mask --golden` writes it.")
  private Path golden;

  @Option(
      names = "--out",
      paramLabel = "FOLDER",
      description =
          "Where parity.json, parity.xml (JUnit) and the report go. Default: jdropout-parity;"
              + " with --case and --golden nowhere.")
  private Path folder;

  @Option(names = "--json", description = "Write parity.json to standard output, not the table.")
  private boolean isJson;

  @Override
  public Integer call() throws IOException {
    Job job = job();
    List<Variant> variants = variants();
    boolean isWhole = job.task() == Job.Task.CELLS;
    Path target = folder == null && isWhole ? DEFAULT_FOLDER : folder;
    if (target != null) {
      Files.createDirectories(target);
    }
    boolean hasStatistics =
        isWhole && (operations.isEmpty() || operations.contains(Operation.MASK.label()));
    List<Variant> leftOut = leftOut(variants);
    if (!leftOut.isEmpty()) {
      main.console().err().println("left to a longer run: " + list(leftOut));
    }
    return new ParitySession(
            variants, job, hasStatistics, Set.copyOf(required), Optional.ofNullable(target), isJson)
        .run(
            main.console().out(),
            main.console().err(),
            spec.commandLine().getColorScheme().ansi(),
            aboutRun(job, variants),
            aboutMachine());
  }

  private Job job() throws IOException {
    if (isQuick && isExhaustive) {
      throw new IllegalArgumentException("--quick and --exhaustive exclude each other");
    }
    if (elements < 1) {
      throw new IllegalArgumentException("elements must be at least 1 but is " + elements);
    }
    if (isGiven("--elements") && !isExhaustive) {
      throw new IllegalArgumentException("--elements needs --exhaustive");
    }
    boolean isOne = replay != null || golden != null;
    if (isOne && Stream.of("--operation", "--type", "--seed").anyMatch(this::isGiven)) {
      throw new IllegalArgumentException(
          "--case and --golden exclude --operation, --type and --seed");
    }
    if (replay != null && golden != null) {
      throw new IllegalArgumentException("--case and --golden exclude each other");
    }
    operations.forEach(Operation::parse);
    types.forEach(ParityCommand::checkType);
    checkTogether();
    if (implementation != null) {
      Variants.checkClass(implementation);
    }
    Job.Task task = Job.Task.CELLS;
    Optional<String> argument = Optional.empty();
    if (replay != null) {
      task = Job.Task.CASE;
      argument = Optional.of(ParityCase.parse(replay).toString());
    } else if (golden != null) {
      GoldenFile.read(golden);
      task = Job.Task.GOLDEN;
      argument = Optional.of(golden.toAbsolutePath().toString());
    }
    Job.Depth depth =
        isQuick ? Job.Depth.QUICK : isExhaustive ? Job.Depth.EXHAUSTIVE : Job.Depth.STANDARD;
    boolean acceptsSlow = isExhaustive || !names.isEmpty();
    return new Job(task, depth, elements, seed, operations, types, argument, acceptsSlow);
  }

  private boolean isGiven(String option) {
    return spec.commandLine().getParseResult().hasMatchedOption(option);
  }

  /** Operations of which none has any of the types would leave nothing to run. */
  private void checkTogether() {
    List<Operation> chosen = operations.stream().map(Operation::parse).toList();
    boolean isUntyped = chosen.stream().anyMatch(operation -> operation.types().isEmpty());
    Set<String> allowed =
        chosen.stream()
            .flatMap(operation -> operation.types().stream())
            .map(ElementType::label)
            .collect(Collectors.toCollection(LinkedHashSet::new));
    if (!chosen.isEmpty() && !isUntyped && !types.isEmpty() && disjoint(allowed, types)) {
      throw new IllegalArgumentException(
          "type must be one that %s has, %s, but is %s"
              .formatted(
                  String.join(", ", operations),
                  String.join(", ", allowed),
                  String.join(", ", types)));
    }
  }

  private static void checkType(String label) {
    List<String> labels = Arrays.stream(ElementType.values()).map(ElementType::label).toList();
    if (!labels.contains(label)) {
      throw new IllegalArgumentException(
          "type must be one of " + String.join(", ", labels) + " but is " + label);
    }
  }

  private List<Variant> variants() {
    List<Variant> chosen = candidates();
    for (String name : required) {
      if (chosen.stream().noneMatch(variant -> variant.isNamed(name))) {
        throw new IllegalArgumentException(
            "require must name a variant that is run, or its backend: "
                + list(chosen)
                + " but is "
                + name);
      }
    }
    return chosen;
  }

  private List<Variant> candidates() {
    if (implementation != null) {
      if (!backends.isEmpty() || !names.isEmpty()) {
        throw new IllegalArgumentException("--implementation excludes --backend and --variant");
      }
      return List.of(Variants.ofClass(implementation));
    }
    List<Variant> all = Variants.all();
    for (String name : names) {
      if (all.stream().noneMatch(variant -> variant.name().equals(name))) {
        throw new IllegalArgumentException(
            "variant must be one of " + list(all) + " but is " + name);
      }
    }
    Set<String> families = backends.stream().map(BackendId::label).collect(Collectors.toSet());
    List<Variant> chosen =
        all.stream()
            .filter(variant -> families.isEmpty() || families.contains(variant.family()))
            .filter(variant -> names.isEmpty() || names.contains(variant.name()))
            .filter(variant -> !isQuick || !names.isEmpty() || isQuickVariant(variant))
            .toList();
    if (chosen.isEmpty()) {
      throw new IllegalArgumentException("--backend and --variant together leave nothing");
    }
    return chosen;
  }

  /** Returns what a quick run does without. */
  private List<Variant> leftOut(List<Variant> chosen) {
    if (!isQuick || implementation != null || !names.isEmpty()) {
      return List.of();
    }
    Set<String> families = chosen.stream().map(Variant::family).collect(Collectors.toSet());
    return Variants.all().stream()
        .filter(variant -> families.contains(variant.family()) && !chosen.contains(variant))
        .toList();
  }

  private boolean isQuickVariant(Variant variant) {
    // Vectors take the JVM longest to compile; of their widths the fastest is the one in use.
    boolean isOtherWidth =
        variant.family().equals(BackendId.VECTOR.label())
            && !variant.name().equals(Variants.vectors(VectorWidth.preferredBits().orElse(256)));
    return (variant.weight() != Variant.Weight.LEAST && !isOtherWidth)
        || required.contains(variant.name());
  }

  private static String list(List<Variant> variants) {
    return variants.stream().map(Variant::name).collect(Collectors.joining(", "));
  }

  private Map<String, String> aboutRun(Job job, List<Variant> variants) {
    Map<String, String> about = new LinkedHashMap<>();
    about.put("version", Version.current());
    about.put("date", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
    about.put("task", job.task().name().toLowerCase(Locale.ROOT));
    about.put("depth", job.depth().label());
    if (isExhaustive) {
      about.put("elements per cell", Long.toString(elements));
    }
    about.put("seed", Long.toString(seed));
    about.put("variants", list(variants));
    List<Variant> leftOut = leftOut(variants);
    if (!leftOut.isEmpty()) {
      about.put("left to a longer run", list(leftOut));
    }
    about.put("operations", operations.isEmpty() ? "all" : String.join(", ", operations));
    about.put("types", types.isEmpty() ? "all" : String.join(", ", types));
    job.argument().ifPresent(argument -> about.put("argument", argument));
    return about;
  }

  private static Map<String, String> aboutMachine() {
    CpuInfo cpu = CpuInfo.read();
    Map<String, String> about = new LinkedHashMap<>();
    about.put("CPU", cpu.model());
    about.put("processors", Integer.toString(cpu.processors()));
    about.put("features", String.join(" ", cpu.features()));
    about.put("system", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
    about.put(
        "JVM", System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"));
    return about;
  }
}
