package io.github.jdropout.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openjdk.jmh.runner.BenchmarkList;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.VerboseMode;

/** The benchmarks run, and the report reads what they write. */
class SuiteTest {
  @BeforeAll
  static void shareTheMachine() {
    // JMH otherwise refuses to run beside another JMH; times do not matter here.
    System.setProperty("jmh.ignoreLock", "true");
  }

  @Test
  void quickSuiteCoversEveryBenchmark() {
    Set<String> all =
        BenchmarkList.defaultList()
            .getAll(
                OutputFormatFactory.createFormatInstance(System.out, VerboseMode.SILENT), List.of())
            .stream()
            .map(benchmark -> benchmark.getUserClassQName())
            .collect(Collectors.toCollection(TreeSet::new));
    Set<String> quick =
        Suite.Extensiveness.QUICK.cases(true).stream()
            .map(cases -> cases.benchmark().getName())
            .collect(Collectors.toCollection(TreeSet::new));
    assertEquals(all, quick);
  }

  @Test
  void reportReadsWhatTheSuiteWrites(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("results.json");
    run(new Suite.Cases(CopyBenchmark.class, "type=F16 storage=ARRAY size=4096"), file);
    run(
        new Suite.Cases(ForwardBenchmark.class, "type=BF16 storage=ARRAY size=4096 backend=SCALAR"),
        file);
    run(new Suite.Cases(SmallCallBenchmark.class, "backend=SCALAR"), file);

    String report = Report.of(new ObjectMapper().readTree(file.toFile()));

    assertTrue(report.contains("- scalar: plain Java"), report);
    assertTrue(report.contains("### Throughput, cores: all"), report);
    // bf16 is compared with the copy of f16: the same bytes.
    String number = "[0-9.]+";
    String rates = number + " \\| " + number + " … " + number + " \\| ";
    assertMatches(
        "\\| Copy.copy \\| copy \\| f16 \\| 2\\^12 \\| array \\| " + rates + "1.00 \\|", report);
    assertMatches(
        "\\| Forward.forward \\| scalar \\| bf16 \\| 2\\^12 \\| array \\| "
            + rates
            + number
            + " \\|",
        report);
    assertMatches("\\| SmallCall.views \\| scalar \\| " + rates, report);
  }

  @Test
  void reportTakesMediansOverAllForks() throws Exception {
    String json =
        """
        [{"benchmark": "a.b.ForwardBenchmark.forward", "forks": 20,
          "params": {"size": "1024", "type": "F32", "storage": "ARRAY", "cores": "1",
                     "backend": "VECTOR"},
          "primaryMetric": {"scoreUnit": "ns/op", "rawData": [[512, 512, 9999], [1024], [2048]]}},
         {"benchmark": "a.b.CopyBenchmark.copy", "forks": 2,
          "params": {"size": "1024", "type": "F32", "storage": "ARRAY", "cores": "1"},
          "primaryMetric": {"scoreUnit": "ns/op", "rawData": [[256, 300], [512, 128]]}}]
        """;
    String report = Report.of(new ObjectMapper().readTree(json));
    assertTrue(
        report.contains(
            "| Forward.forward | vector | f32 | 2^10 | 3 | 2.00 | 1.00 | 0.50 | 0.50 |"),
        report);
    assertTrue(
        report.contains("| Copy.copy | copy | f32 | 2^10 | array | 3.68 | 2.00 … 8.00 | 1.00 |"),
        report);
  }

  @Test
  void reportRefusesAnotherUnit() throws Exception {
    String json =
        """
        [{"benchmark": "a.b.CopyBenchmark.copy", "forks": 1, "params": {"size": "8"},
          "primaryMetric": {"scoreUnit": "ops/s", "rawData": [[1]]}}]
        """;
    assertThrows(
        IllegalArgumentException.class, () -> Report.of(new ObjectMapper().readTree(json)));
  }

  private static void run(Suite.Cases cases, Path file) throws Exception {
    assertTrue(Suite.run(Suite.Extensiveness.QUICK, cases, Extent.ALL_CORES, file) > 0);
  }

  private static void assertMatches(String pattern, String text) {
    assertTrue(text.lines().anyMatch(line -> line.matches(pattern + ".*")), pattern + "\n" + text);
  }
}
