package io.github.jdropout.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.jdropout.backend.Availability;
import io.github.jdropout.backend.cuda.CudaSupport;
import io.github.jdropout.bench.compare.ResultTable;
import io.github.jdropout.bench.result.BenchCase;
import io.github.jdropout.bench.result.BenchRun;
import io.github.jdropout.bench.result.TrainingStep;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BenchCommandTest {
  @TempDir private Path folder;

  @BeforeAll
  static void shareTheMachine() {
    // JMH otherwise refuses to run beside another JMH; times do not matter here.
    System.setProperty("jmh.ignoreLock", "true");
  }

  private CliRun bench(String... options) {
    List<String> args = new ArrayList<>(List.of("bench", "--out=" + folder));
    args.addAll(List.of(options));
    return CliRun.of(args.toArray(String[]::new));
  }

  private List<Path> results() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".json")).sorted().toList();
    }
  }

  private static BenchRun read(Path file) throws IOException {
    return new ObjectMapper().readValue(file.toFile(), BenchRun.class);
  }

  @Test
  void quickRunLeavesAResultFile() throws Exception {
    CliRun run =
        bench(
            "--quick",
            "--operation=forward,mask",
            "--backend=scalar,vector",
            "--size=4096",
            "--p=0.5",
            "--python=no-such-python");
    assertEquals(0, run.exitCode(), run.err());
    BenchRun result = read(results().getFirst());
    assertTrue(
        run.out().contains(result.cases().size() + " cases ran with the right output"), run.out());
    assertTrue(run.out().contains("wrote " + results().getFirst()), run.out());
    assertFalse(run.out().contains("# "), run.out());

    assertEquals(BenchRun.SCHEMA, result.schema());
    assertTrue(result.run().isQuick());
    assertTrue(result.run().isComplete());
    assertTrue(result.run().command().contains("--p=0.5"), result.run().command());
    assertTrue(result.run().version().startsWith("0."), result.run().version());
    assertTrue(result.machine().containsKey("cpu"), result.machine().toString());
    assertTrue(result.machine().containsKey("jvm"), result.machine().toString());
    List<String> ids = result.cases().stream().map(measured -> measured.id()).toList();
    int threads = Runtime.getRuntime().availableProcessors();
    String of = "/f32/array/4096/p0.5/" + threads + "t";
    assertTrue(ids.contains("cpu/scalar/forward" + of), ids.toString());
    assertTrue(ids.contains("cpu/vector/mask" + of), ids.toString());
    assertTrue(
        ids.contains("cpu/DL4J/forward/f32/native/4096/p0.5/" + threads + "t"), ids.toString());
    assertTrue(
        result.absent().stream()
            .anyMatch(absent ->
                absent.what().equals("PyTorch") && absent.reason().contains("no-such-python")),
        result.absent().toString());
    assertTrue(Files.readString(folder.resolve("bench.log")).contains("# runs scalar"));
  }

  @Test
  void jsonIsTheFileAndNothingElse() throws Exception {
    CliRun run = bench("--quick", "--json", "--operation=infer", "--backend=scalar", "--size=1000");
    assertEquals(0, run.exitCode(), run.err());
    JsonNode printed = new ObjectMapper().readTree(run.out());
    assertEquals(new ObjectMapper().readTree(results().getFirst().toFile()), printed);
    assertEquals(1000, printed.at("/cases/0/elements").asLong());
    assertEquals(
        "bench --quick --json --operation=infer --backend=scalar --size=1000",
        printed.at("/run/command").asText());
  }

  @Test
  void secondRunKeepsTheFirstOnesFile() throws Exception {
    bench("--quick", "--operation=infer", "--backend=scalar", "--size=8");
    bench("--quick", "--operation=infer", "--backend=scalar", "--size=8");
    assertEquals(2, results().size());
  }

  @Test
  void tableHasARowForEachCase() {
    CliRun run =
        bench("--operation=infer", "--backend=scalar", "--size=1024", "--python=no-such-python");
    assertEquals(0, run.exitCode(), run.err());
    assertTrue(run.out().startsWith("absent: PyTorch - no-such-python: "), run.out());
    assertTrue(
        run.out()
            .lines()
            .anyMatch(line ->
                line.matches("scalar +infer +f32 +array +2\\^10 +0\\.1 +\\d+ .* [0-9.]+ %.*")),
        run.out());
    assertFalse(run.out().contains("\u001B"), run.out());
  }

  @Test
  void resultIsAPageToo() throws Exception {
    CliRun run = bench("--quick", "--operation=infer", "--backend=scalar", "--size=8");
    assertEquals(0, run.exitCode(), run.err());
    String json = results().getFirst().toString();
    Path page = Path.of(json.replaceFirst("\\.json$", ".html"));
    assertTrue(run.out().contains("wrote " + page), run.out());
    assertTrue(Files.readString(page).contains("JDropout benchmark"));
  }

  @Test
  void transformerMeasuresATrainingStep() throws Exception {
    CliRun run = bench("--transformer", "--quick");
    assertEquals(0, run.exitCode(), run.out() + run.err());
    BenchRun result = read(results().getFirst());
    assertTrue(result.run().isComplete());
    assertTrue(
        result.training().stream().anyMatch(step -> step.where().equals("cpu") && step.p() == 0.1));
    assertTrue(result.training().stream().anyMatch(step -> step.p() == 0.05));
    for (TrainingStep step : result.training()) {
      assertEquals(step.offNanos().size(), step.onNanos().size());
    }
    assertTrue(
        run.out()
            .contains(result.training().size() + " training steps ran; their times say nothing"),
        run.out());
    assertFalse(run.out().contains("interval"), run.out());
  }

  @Test
  void runsAreComparedCaseByCase() throws Exception {
    String[] options = {"--operation=infer", "--backend=scalar", "--size=1024", "--python=none"};
    bench(options);
    bench(options);
    String a = results().getFirst().toString();
    String b = results().getLast().toString();
    CliRun text = CliRun.of("bench", "--compare", a, b);
    assertEquals(0, text.exitCode(), text.err());
    String id = read(results().getFirst()).cases().getFirst().id();
    assertTrue(text.out().lines().anyMatch(line -> line.startsWith(id)), text.out());

    CliRun json = CliRun.of("bench", "--compare", a, b, "--json");
    JsonNode root = new ObjectMapper().readTree(json.out());
    assertEquals(id, root.at("/cases/0/id").textValue());
    assertTrue(root.at("/cases/0/time/ratio").doubleValue() > 0);
    assertTrue(root.at("/cases/0/verdict").isTextual());
    assertTrue(root.at("/training").isArray());
  }

  @Test
  void comparisonOfTrainingStepsHasTheirIntervals() throws Exception {
    TrainingStep first =
        new TrainingStep(
            "half", "64 tokens", "cpu", "ffm", 0.1, List.of(1.0), List.of(1.1), 10, 9, 11);
    BenchRun run =
        new BenchRun(
            BenchRun.SCHEMA,
            new BenchRun.Run("2026-11-22T08:00:00Z", "0.1.0", "unknown", "bench", false, true),
            Map.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of(first));
    Path file = folder.resolve("steps.json");
    Files.writeString(file, new ObjectMapper().writeValueAsString(run));
    CliRun text = CliRun.of("bench", "--compare", file.toString(), file.toString());
    assertFalse(text.out().contains("no case in common"), text.out());
    assertFalse(text.out().contains("differs: p"), text.out());
    CliRun json = CliRun.of("bench", "--compare", file.toString(), file.toString(), "--json");
    assertEquals(0, json.exitCode(), json.err());
    JsonNode step = new ObjectMapper().readTree(json.out()).at("/training/0");
    assertEquals(first.name(), step.at("/name").textValue());
    assertEquals(first.overheadPercent(), step.at("/overheadOfB/percent").doubleValue());
    assertFalse(step.at("/isClear").booleanValue());
  }

  @Test
  void sweepOfPGoesFrom0To1() throws Exception {
    CliRun run =
        bench("--quick", "--sweep=p", "--size=4096", "--backend=scalar", "--python=no-such-python");
    assertEquals(0, run.exitCode(), run.err());
    BenchRun result = read(results().getFirst());
    assertTrue(result.cases().stream().anyMatch(it -> it.p() == 1 && it.by().equals("scalar")));
    assertTrue(
        result.absent().stream()
            .anyMatch(it -> it.reason().equals("Deeplearning4j takes no p of 1")),
        result.absent().toString());
  }

  @Test
  void callsOfAnySizeCanBeTimed() throws Exception {
    CliRun run =
        bench(
            "--quick",
            "--operation=forward",
            "--type=f16,f32",
            "--size=5,1001",
            "--p=0.99999",
            "--backend=scalar");
    assertEquals(0, run.exitCode(), run.err());
    List<Long> sizes =
        read(results().getFirst()).cases().stream().map(BenchCase::elements).toList();
    assertTrue(sizes.containsAll(List.of(5L, 1001L)), sizes.toString());
  }

  @Test
  void optionsWithoutEffectAreRefused() {
    MainTest.assertBadInput(
        "jdropout: --p says nothing to --transformer", "bench", "--transformer", "-p", "0.5");
    MainTest.assertBadInput(
        "jdropout: --size says nothing to --compare", "bench", "--compare", "a", "b", "--size=3");
    MainTest.assertBadInput(
        "jdropout: --quick says nothing to --table", "bench", "--table", "a", "b", "--quick");
    MainTest.assertBadInput(
        "jdropout: --forks says nothing to --quick", "bench", "--quick", "--forks=2");
  }

  @Test
  void filesThatAreNoResultsAreNamed() throws Exception {
    Path binary = Files.write(folder.resolve("binary.json"), new byte[] {(byte) 0xFF, 0, 1});
    MainTest.assertBadInput(
        "jdropout: " + binary + ": is not a result of jdropout bench: no text",
        "bench",
        "--compare",
        binary.toString(),
        binary.toString());
    CliRun run = CliRun.of("bench", "--quick", "--out", binary.toString());
    assertEquals(Console.FAILURE, run.exitCode());
    assertEquals(
        "jdropout: " + binary + ": exists and is not a folder", run.err().strip(), run.err());
    Path page = folder.resolve("page.md");
    Files.writeString(page, ResultTable.BEGIN + "\n" + ResultTable.END + "\n");
    CliRun table = CliRun.of("bench", "--table", folder.toString(), page.toString(), "--json");
    assertEquals(0, table.exitCode(), table.err());
    assertEquals(page.toString(), new ObjectMapper().readTree(table.out()).at("/page").textValue());
  }

  @Test
  void quickRunsAreNotCompared() throws Exception {
    bench("--quick", "--operation=infer", "--backend=scalar", "--size=8");
    String file = results().getFirst().toString();
    MainTest.assertBadInput(
        "jdropout: " + file + ": is of a quick run", "bench", "--compare", file, file);
  }

  @Test
  void tableOfResultsIsWrittenIntoAPage() throws Exception {
    Path page = folder.resolve("page.md");
    Files.writeString(
        page, "before\n" + ResultTable.BEGIN + "\nold\n" + ResultTable.END + "\nafter\n");
    CliRun run = CliRun.of("bench", "--table", folder.toString(), page.toString());
    assertEquals(0, run.exitCode(), run.err());
    String text = Files.readString(page);
    assertTrue(text.contains("No result file yet."), text);
    assertTrue(text.startsWith("before\n") && text.endsWith("\nafter\n"), text);
  }

  @Test
  void unacceptableOptionsAreOneLine() {
    MainTest.assertBadInput(
        "jdropout: --transformer, --compare=FILE are mutually exclusive",
        "bench",
        "--transformer",
        "--compare",
        "a",
        "b");
    MainTest.assertBadInput(
        "jdropout: a size must be in [1, 2^40], digits or such as 2^24, but is 2^41",
        "bench",
        "--size=2^41");
    MainTest.assertBadInput("jdropout: operation must be one of ", "bench", "--operation=copy");
    MainTest.assertBadInput("jdropout: p must be in [0, 1] but is 1.5", "bench", "--p=1.5");
    MainTest.assertBadInput("jdropout: threads must be in [1, ", "bench", "--threads=10000");
    MainTest.assertBadInput("jdropout: threads must be in [1, ", "bench", "--threads=0");
    MainTest.assertBadInput(
        "jdropout: forks must be in [0, 100] but is 101", "bench", "--forks=101");
    MainTest.assertBadInput(
        "jdropout: --quick, --full are mutually exclusive", "bench", "--quick", "--full");
    MainTest.assertBadInput(
        "jdropout: Invalid value for option '--sweep': expected one of", "bench", "--sweep=x");
  }

  @Test
  void optionsThatFitNothingAreRefused() {
    CliRun run = bench("--quick", "--operation=spatial", "--size=100", "--backend=scalar");
    assertEquals(Console.BAD_INPUT, run.exitCode());
    assertTrue(run.err().startsWith("jdropout: nothing to be timed is left"), run.err());
  }

  @Test
  void withoutGpuItsBenchmarkSaysWhy() {
    Availability gpu = CudaSupport.probe();
    assumeFalse(gpu.isAvailable(), "there is a GPU");
    CliRun run = bench("--quick", "--backend=cuda");
    assertEquals(Console.BAD_INPUT, run.exitCode());
    assertTrue(run.err().contains("; GPU: " + gpu.reason()), run.err());
  }
}
