package io.github.jdropout.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.results.format.ResultFormatFactory;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/** Chooses cases, runs them with JMH and appends the results to a JSON file. */
public final class Suite {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** A copy of bf16 is a copy of f16. */
  private static final String COPIED_TYPES = "type=F32,F64,F16 ";

  private static final String LAYER_TYPES = "type=F32,F16,BF16 storage=ARRAY ";
  private static final String SUMMED_TYPES = "type=F32,F16 storage=ARRAY ";

  private Suite() {}

  /** How much is run. */
  enum Extensiveness {
    /** Every case small and once, in this JVM: for the output, not the time. */
    QUICK {
      @Override
      List<Cases> cases(boolean isOneCore) {
        String sizes = "size=4096,262144";
        return List.of(
            new Cases(CopyBenchmark.class, COPIED_TYPES + sizes),
            new Cases(ForwardBenchmark.class, sizes),
            new Cases(MaskBenchmark.class, sizes),
            new Cases(ApplyMaskBenchmark.class, sizes),
            new Cases(SharedMaskBenchmark.class, sizes),
            new Cases(SumBenchmark.class, SUMMED_TYPES + sizes),
            new Cases(EpilogueBenchmark.class, LAYER_TYPES + sizes),
            new Cases(Dl4jBenchmark.class, sizes),
            new Cases(SmallCallBenchmark.class, ""));
      }

      @Override
      void configure(ChainedOptionsBuilder options) {
        options.forks(0).mode(Mode.SingleShotTime).warmupIterations(0).measurementIterations(1);
      }
    },
    /** What the figures of docs/benchmarks.md come from. */
    CURATED {
      @Override
      List<Cases> cases(boolean isOneCore) {
        return isOneCore ? Suite.curatedOnOneCore() : Suite.curatedOnAllCores();
      }
    },
    /** One case in twenty fresh JVMs: does the compiler's luck matter? */
    FRESH {
      @Override
      List<Cases> cases(boolean isOneCore) {
        return List.of(
            new Cases(
                ForwardBenchmark.class, "size=65536 type=F32 storage=ARRAY backend=VECTOR,FFM"));
      }

      @Override
      void configure(ChainedOptionsBuilder options) {
        super.configure(options);
        options.forks(Report.FRESH_JVMS);
      }
    },
    /** Everything. */
    FULL {
      @Override
      List<Cases> cases(boolean isOneCore) {
        // Smaller calls are not split.
        String sizes = isOneCore ? "" : "size=1048576,16777216,134217728";
        return List.of(
            new Cases(CopyBenchmark.class, COPIED_TYPES + sizes),
            new Cases(ForwardBenchmark.class, sizes),
            new Cases(MaskBenchmark.class, sizes),
            new Cases(ApplyMaskBenchmark.class, sizes),
            new Cases(SharedMaskBenchmark.class, sizes),
            new Cases(SumBenchmark.class, SUMMED_TYPES + sizes),
            new Cases(EpilogueBenchmark.class, LAYER_TYPES + sizes),
            new Cases(Dl4jBenchmark.class, sizes),
            new Cases(SmallCallBenchmark.class, ""));
      }
    };

    abstract List<Cases> cases(boolean isOneCore);

    void configure(ChainedOptionsBuilder options) {
      // Two f64 arrays of 2^27 elements are 2 GiB.
      options.jvmArgsAppend("-Xms3g", "-Xmx3g");
    }
  }

  /**
   * Cases of one benchmark class: all combinations of parameters.
   *
   * @param benchmark the class
   * @param params such as {@code type=F32,F64 size=4096}; those not named take all their values
   */
  record Cases(Class<?> benchmark, String params) {}

  private static List<Cases> curatedOnOneCore() {
    String both = "backend=VECTOR,FFM";
    String ffm = "backend=FFM";
    String f32 = " type=F32 storage=ARRAY size=4096,65536,16777216";
    String other = " type=F64,F16 storage=ARRAY size=65536,16777216";
    String inNative = " type=F32 storage=NATIVE size=65536,16777216";
    return List.of(
        new Cases(CopyBenchmark.class, f32),
        new Cases(ForwardBenchmark.class, both + f32),
        new Cases(CopyBenchmark.class, other),
        new Cases(ForwardBenchmark.class, ffm + other),
        new Cases(ForwardBenchmark.class, ffm + " type=BF16 storage=ARRAY size=65536"),
        new Cases(
            ForwardBenchmark.class, "backend=VECTOR type=F64,F16,BF16 storage=ARRAY size=65536"),
        new Cases(ForwardBenchmark.class, "backend=SCALAR type=F32 storage=ARRAY size=65536"),
        new Cases(CopyBenchmark.class, inNative),
        new Cases(ForwardBenchmark.class, ffm + inNative),
        new Cases(Dl4jBenchmark.class, "size=65536,16777216"),
        new Cases(MaskBenchmark.class, "size=65536"),
        new Cases(ApplyMaskBenchmark.class, both + " type=F32 storage=ARRAY size=65536"),
        new Cases(SharedMaskBenchmark.class, both + " type=F32 storage=ARRAY size=65536"),
        new Cases(SumBenchmark.class, "type=F32 storage=ARRAY size=65536,16777216"),
        new Cases(EpilogueBenchmark.class, both + " type=F32 storage=ARRAY size=65536,16777216"),
        new Cases(SmallCallBenchmark.class, both));
  }

  private static List<Cases> curatedOnAllCores() {
    String both = "backend=VECTOR,FFM";
    String ffm = "backend=FFM";
    String f32 = " type=F32 storage=ARRAY size=1048576,16777216,134217728";
    String other = " type=F64,F16 storage=ARRAY size=16777216,134217728";
    String dram = " type=F32 storage=ARRAY size=16777216";
    return List.of(
        new Cases(CopyBenchmark.class, f32),
        new Cases(ForwardBenchmark.class, both + f32),
        new Cases(CopyBenchmark.class, other),
        new Cases(ForwardBenchmark.class, ffm + other),
        new Cases(ForwardBenchmark.class, ffm + " type=BF16 storage=ARRAY size=16777216"),
        new Cases(CopyBenchmark.class, "type=F32 storage=NATIVE size=16777216"),
        new Cases(ForwardBenchmark.class, ffm + " type=F32 storage=NATIVE size=16777216"),
        new Cases(Dl4jBenchmark.class, "size=16777216"),
        new Cases(ApplyMaskBenchmark.class, ffm + dram),
        new Cases(SharedMaskBenchmark.class, ffm + dram),
        new Cases(SumBenchmark.class, "type=F32,F16 storage=ARRAY size=16777216"),
        new Cases(EpilogueBenchmark.class, both + dram),
        new Cases(
            EpilogueBenchmark.class,
            ffm + " type=BF16 storage=ARRAY size=16777216 activation=IDENTITY,RELU,GELU"));
  }

  /**
   * Runs {@code quick}, {@code curated}, {@code fresh} or {@code full}.
   *
   * @param args the extensiveness, the cores (1 or all), the JSON file
   */
  public static void main(String[] args) throws IOException, RunnerException {
    if (args.length != 3) {
      throw new IllegalArgumentException("wants: quick|curated|fresh|full 1|all FILE.json");
    }
    Extensiveness extensiveness = Extensiveness.valueOf(args[0].toUpperCase(Locale.ROOT));
    Path file = Path.of(args[2]);
    int count = 0;
    for (Cases cases : extensiveness.cases(args[1].equals(Extent.ONE_CORE))) {
      count += run(extensiveness, cases, args[1], file);
    }
    System.out.println(count + " cases ran with the right output, cores: " + args[1]);
  }

  /** Runs cases of one class, appends their results and returns how many there were. */
  static int run(Extensiveness extensiveness, Cases cases, String cores, Path file)
      throws IOException, RunnerException {
    ChainedOptionsBuilder options =
        new OptionsBuilder()
            .include("\\b" + cases.benchmark().getSimpleName() + "\\.")
            .param("cores", cores)
            .shouldFailOnError(true);
    for (String param : cases.params().strip().split(" +", -1)) {
      if (!param.isEmpty()) {
        String[] nameAndValues = param.split("=", -1);
        options.param(nameAndValues[0], nameAndValues[1].split(",", -1));
      }
    }
    if (cases.benchmark() == SmallCallBenchmark.class) {
      options.addProfiler(GCProfiler.class);
    }
    extensiveness.configure(options);
    Collection<RunResult> results = new Runner(options.build()).run();
    append(results, file);
    return results.size();
  }

  private static void append(Collection<RunResult> results, Path file) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8)) {
      ResultFormatFactory.getInstance(ResultFormatType.JSON, out).writeOut(results);
    }
    ArrayNode all =
        Files.exists(file) ? (ArrayNode) JSON.readTree(file.toFile()) : JSON.createArrayNode();
    for (JsonNode result : JSON.readTree(bytes.toByteArray())) {
      Machine.describe(((ObjectNode) result).putObject("machine"));
      all.add(result);
    }
    JSON.writerWithDefaultPrettyPrinter().writeValue(file.toFile(), all);
  }
}
