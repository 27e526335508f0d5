package io.github.jdropout.cli.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jdropout.bench.result.BenchCase;
import io.github.jdropout.bench.result.BenchCase.Place;
import io.github.jdropout.bench.result.BenchRun;
import io.github.jdropout.bench.result.TrainingStep;
import io.github.jdropout.parity.ParityReport;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Files of reports as text and pictures, without a browser. */
@Timeout(120)
class ReportFilesTest {
  private static final String SCRIPT = "<script>alert('x')</script>";

  @TempDir private Path folder;

  private String page(BenchRun run) throws IOException {
    Path file = folder.resolve("bench.html");
    Written written = BenchPage.write(run, file);
    assertEquals(new Written(List.of(file), List.of()), written);
    return Files.readString(file);
  }

  private String page(ParityReport report) throws IOException {
    Path file = folder.resolve("parity.html");
    Written written = ParityPage.write(report, file);
    assertEquals(new Written(List.of(file), List.of()), written);
    return Files.readString(file);
  }

  @Test
  void textIsNeverMarkup() throws IOException {
    for (String page :
        List.of(page(SampleBench.hostile(SCRIPT)), page(SampleParity.hostile(SCRIPT)))) {
      assertFalse(page.contains("<script>alert"));
      assertFalse(page.contains("alert('x')</script>"));
      assertTrue(page.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;"));
      assertTrue(page.contains("\\u003cscript\\u003ealert('x')\\u003c/script\\u003e"));
    }
  }

  @Test
  void pagesNeedNothingElse() throws IOException {
    for (String page : List.of(page(SampleBench.withGpu()), page(SampleParity.failed()))) {
      assertFalse(page.contains("src="), "an element loads something");
      assertFalse(page.replace("http://www.w3.org/2000/svg", "").contains("://"), "an address");
      assertTrue(page.contains("default-src 'none'"));
    }
  }

  @Test
  void warnsOfQuickAndInterruptedRuns() throws IOException {
    String quick = "its times say nothing";
    String interrupted = "Interrupted: what is here";
    List<BenchCase> cases = SampleBench.withoutGpu().cases();
    String both = page(SampleBench.run(cases, true, false));
    assertTrue(both.contains(quick) && both.contains(interrupted));
    String neither = page(SampleBench.run(cases, false, true));
    assertFalse(neither.contains(quick) || neither.contains(interrupted));
  }

  @Test
  void emptyReportsSaySo() throws IOException {
    String bench = page(SampleBench.empty());
    assertTrue(bench.contains("Nothing was measured."));
    assertFalse(bench.contains("<table"));
    String parity = page(SampleParity.empty());
    assertTrue(parity.contains("– No verdict"));
    assertFalse(parity.contains("<table"));
    assertEquals(
        new Written(List.of(), List.of()),
        ParityCharts.write(SampleParity.empty(), folder.resolve("none.png")));
  }

  @Test
  void verdicts() throws IOException {
    assertTrue(page(SampleParity.passed()).contains("✓ Passed"));
    String failed = page(SampleParity.failed());
    assertTrue(failed.contains("2 comparisons and 1 statistical test failed."));
    String interrupted = page(SampleParity.interrupted());
    assertTrue(interrupted.contains("– Interrupted"));
    assertFalse(interrupted.contains("✓ Passed"));
  }

  @Test
  void oneCaseIsEnough() throws IOException {
    BenchRun run = SampleBench.run(SampleBench.withoutGpu().cases().subList(0, 1), false, true);
    String page = page(run);
    assertTrue(page.contains("1 case on "));
    assertTrue(page.contains("id=\"roofline-cpu\""));
    assertFalse(page.contains("id=\"sweep-size\""));
  }

  @Test
  void hundredsOfCasesHaveAllRowsAndAFewBars() throws IOException {
    String page = page(SampleBench.withCases(800));
    assertEquals(800, page.split("<tr id=\"case-", -1).length - 1);
    assertTrue(page.contains(", 32 of 40"));
    assertTrue(page.contains("Sweeps shown: 6 of 40."));
  }

  /** The charting library searches for ever for marks that it cannot tell apart. */
  @Test
  void drawsWhateverNumbersThereAre() throws IOException {
    List<BenchCase> cases = new ArrayList<>();
    for (double nanos : List.of(0.0, 1.0, 1e-300, 1e300, Double.NaN, Double.POSITIVE_INFINITY)) {
      for (long elements : List.of(0L, 1L, 1L << 40)) {
        for (Place place : Place.values()) {
          cases.add(
              new BenchCase(
                  place,
                  "ffm",
                  "forward",
                  "f32",
                  "array",
                  elements,
                  0.1,
                  2,
                  4 * elements,
                  4 * elements,
                  List.of(nanos),
                  List.of(nanos),
                  1e12));
        }
      }
    }
    List<TrainingStep> steps =
        IntStream.range(0, 40)
            .mapToObj(i ->
                new TrainingStep(
                    "a step with a name of more than twenty characters " + i,
                    "",
                    "cpu",
                    "",
                    0.1,
                    List.of(1.0),
                    List.of(1.0),
                    i == 3 ? Double.NaN : 0,
                    0,
                    i == 4 ? Double.POSITIVE_INFINITY : 0))
            .toList();
    BenchRun odd = SampleBench.run(cases, false, true);
    BenchRun run =
        new BenchRun(
            odd.schema(), odd.run(), odd.machine(), odd.devices(), cases, List.of(), steps);
    assertTrue(page(run).contains("id=\"training\""));
  }

  @Test
  void drawsTheSmallestPValues() throws IOException {
    List<ParityReport.StatisticalTest> tests = new ArrayList<>();
    for (double pValue : List.of(0.0, Double.MIN_VALUE, 1.0, Double.NaN)) {
      tests.add(new ParityReport.StatisticalTest("the only test", "ffm", 0.1, 1, pValue, 1e-9));
    }
    ParityReport report =
        new ParityReport(
            ParityReport.SCHEMA,
            Map.of(),
            Map.of(),
            List.of(
                new ParityReport.Cell(
                    "ffm",
                    "mask",
                    "",
                    ParityReport.Outcome.PASSED,
                    "",
                    1,
                    1,
                    1,
                    Optional.empty(),
                    0)),
            tests,
            1,
            true);
    assertTrue(page(report).contains("id=\"statistics\""));
  }

  @Test
  void picturesAreTwiceAsWideAsShown() throws IOException {
    Written bench = BenchCharts.write(SampleBench.withGpu(), folder.resolve("charts"));
    assertEquals(List.of(), bench.problems());
    assertEquals(
        List.of(
            "bench-crossover.png",
            "bench-peers-cpu.png",
            "bench-peers-device.png",
            "bench-roofline-cpu.png",
            "bench-roofline-device.png",
            "bench-sweep-size-2.png",
            "bench-sweep-size.png",
            "bench-training.png"),
        bench.files().stream().map(file -> file.getFileName().toString()).sorted().toList());
    Path grid = folder.resolve("parity.png");
    Written parity = ParityCharts.write(SampleParity.failed(), grid);
    assertEquals(new Written(List.of(grid), List.of()), parity);
    for (Path file : bench.and(parity).files()) {
      BufferedImage image = ImageIO.read(file.toFile());
      assertEquals(1600, image.getWidth(), file.toString());
      assertTrue(image.getHeight() > 200, file.toString());
      long colors =
          IntStream.range(0, image.getWidth() * image.getHeight())
              .map(i -> image.getRGB(i % image.getWidth(), i / image.getWidth()))
              .distinct()
              .count();
      assertTrue(colors > 10, file + " is blank");
    }
  }

  @Test
  void findsWhereTheGpuOvertakes() {
    List<Crossover> crossovers = Crossover.of(SampleBench.withGpu());
    assertEquals(1, crossovers.size());
    assertEquals(
        "forward f32, p 0.1: the GPU is faster from 2¹⁶ elements on",
        crossovers.getFirst().sentence());
    Crossover never = new Crossover("mask", "", 0.5, Map.of(1024L, 1.0), Map.of(1024L, 1.0));
    assertTrue(never.from().isEmpty());
    assertEquals(List.of(), Crossover.of(SampleBench.withoutGpu()));
  }

  @Test
  void lightColoursAreDistinct() {
    assertEquals(
        Ink.values().length, List.of(Ink.values()).stream().map(Ink::light).distinct().count());
  }

  @Test
  void seriesKeepTheirColourInAllCharts() {
    BenchRun run = SampleBench.withGpu();
    CaseNames names = new CaseNames(run);
    BenchPlans plans = BenchPlans.of(run);
    Plan.Lines sweep = (Plan.Lines) plans.sweeps().getFirst();
    Plan.Bars peers = (Plan.Bars) plans.peers().getFirst();
    assertEquals(
        names.ink("PyTorch"),
        sweep.lines().stream()
            .filter(line -> line.name().equals("PyTorch"))
            .findFirst()
            .orElseThrow()
            .ink());
    assertEquals(
        names.ink("PyTorch"),
        peers.series().stream()
            .max(Comparator.comparing(series -> series.name().equals("PyTorch")))
            .orElseThrow()
            .ink());
  }
}
