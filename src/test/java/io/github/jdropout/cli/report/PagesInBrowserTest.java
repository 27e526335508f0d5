package io.github.jdropout.cli.report;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.jdropout.bench.result.BenchCase;
import io.github.jdropout.bench.result.BenchRun;
import io.github.jdropout.bench.result.Samples;
import io.github.jdropout.bench.result.TrainingStep;
import io.github.jdropout.cli.report.HeadlessBrowser.Screen;
import io.github.jdropout.parity.ParityReport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Pages in a real browser: it has nothing to complain about and asks for nothing, the page fits the
 * screen, and what it shows is what was measured.
 *
 * <p>The browser is the file of {@code -Djdropout.test.browser}, or a Chromium on the path.
 */
class PagesInBrowserTest {
  private static final String HOSTILE =
      "</script><script>window.broken = 1</script><img src=x onerror='window.broken = 1'>\"'&{{x}}"
          + "\u2028 <!--";

  @TempDir private static Path folder;
  private static HeadlessBrowser browser;
  private static final Map<String, Path> PAGES = new LinkedHashMap<>();

  @BeforeAll
  static void start() throws IOException, InterruptedException {
    Optional<Path> executable = HeadlessBrowser.find();
    assumeTrue(
        executable.isPresent(),
        "no Chromium on the path (Debian: chromium-headless-shell), none by"
            + " -Djdropout.test.browser");
    browser = HeadlessBrowser.start(executable.get(), folder.resolve("profile"));
    write("gpu", SampleBench.withGpu());
    write("cpu", SampleBench.withoutGpu());
    write("many", SampleBench.withCases(400));
    write("nothing", SampleBench.empty());
    write("hostile", SampleBench.hostile(HOSTILE));
    write("passed", SampleParity.passed());
    write("failed", SampleParity.failed());
    write("interrupted", SampleParity.interrupted());
    write("empty", SampleParity.empty());
    write("hostile-parity", SampleParity.hostile(HOSTILE));
  }

  private static void write(String name, Object report) throws IOException {
    Path file = folder.resolve(name + ".html");
    Written written =
        report instanceof BenchRun run
            ? BenchPage.write(run, file)
            : ParityPage.write((ParityReport) report, file);
    assertEquals(List.of(), written.problems());
    PAGES.put(name, file);
  }

  @AfterAll
  static void stop() {
    if (browser != null) {
      browser.close();
    }
  }

  @ParameterizedTest(name = "{0} pixels, dark: {1}")
  @CsvSource({"1280, false", "1280, true", "360, false", "360, true"})
  void everyPageFitsAndIsQuiet(int width, boolean isDark) throws IOException {
    for (Map.Entry<String, Path> page : PAGES.entrySet()) {
      browser.open(page.getValue(), new Screen(width, isDark));
      String name = page.getKey();
      int ink =
          browser
              .evaluate(
                  "parseInt(getComputedStyle(document.documentElement).getPropertyValue('--paper').trim().slice(1),"
                      + " 16)")
              .asInt();
      assertAll(
          name,
          () -> assertEquals(List.of(), browser.complaints()),
          () -> assertEquals(List.of(page.getValue().toUri().toString()), requests()),
          () ->
              assertTrue(
                  browser.evaluate("document.documentElement.scrollWidth").asInt() <= width,
                  "the page scrolls sideways"),
          () -> assertEquals(isDark, ink != Ink.PAPER.light()),
          () -> assertEquals("undefined", browser.evaluate("typeof window.broken").asText()),
          () -> assertEquals(0, browser.evaluate("document.images.length").asInt()));
    }
  }

  private static List<String> requests() {
    return browser.requests().stream().filter(url -> !url.startsWith("data:")).toList();
  }

  @Test
  void chartsTakeTheThemesColours() throws IOException {
    for (boolean isDark : List.of(false, true)) {
      browser.open(PAGES.get("gpu"), new Screen(1280, isDark));
      JsonNode charts =
          browser.evaluate(
              "[...document.querySelectorAll('figure svg')].map(svg =>"
                  + " [svg.getBoundingClientRect().height,"
                  + " getComputedStyle(svg.querySelector(':scope > rect')).fill])");
      assertEquals(8, charts.size());
      String paper = isDark ? "rgb(21, 24, 28)" : "rgb(255, 255, 255)";
      for (JsonNode chart : charts) {
        assertTrue(chart.path(0).asDouble() > 50, "height " + chart.path(0));
        assertEquals(paper, chart.path(1).asText());
      }
    }
  }

  @Test
  void showsEveryCaseOfTheBenchmark() throws IOException {
    for (BenchRun run : List.of(SampleBench.withGpu(), SampleBench.withoutGpu())) {
      browser.open(PAGES.get(run.devices().isEmpty() ? "cpu" : "gpu"), new Screen(1280, false));
      assertEmbedded(run);
      List<Map<String, String>> rows = table("cases");
      assertEquals(run.cases().size(), rows.size());
      for (int i = 0; i < rows.size(); i++) {
        BenchCase it = run.cases().get(i);
        Map<String, String> row = rows.get(i);
        assertEquals(it.by(), row.get("By"));
        assertEquals(it.operation(), row.get("Operation"));
        assertEquals(it.type(), row.get("Type"));
        assertEquals(it.storage(), row.get("Storage"));
        assertEquals(it.place().toString(), row.get("Place").toUpperCase(Locale.ROOT));
        Shown.assertShows((double) it.elements(), row.get("Elements"));
        Shown.assertShows(it.p(), row.get("p"));
        Shown.assertShows(it.threads() == 0 ? Double.NaN : it.threads(), row.get("Threads"));
        Shown.assertShows((double) it.bytesRead(), row.get("Bytes read"));
        Shown.assertShows((double) it.bytesWritten(), row.get("Bytes written"));
        Shown.assertShows(Samples.median(it.nanosPerCall()), row.get("Time of a call"));
        Shown.assertShows(it.nanosPerCall().size(), row.get("Samples"));
        double nanos = Samples.median(it.nanosPerCall());
        Shown.assertShows(it.elements() / nanos, row.get("10⁹ elements/s"));
        double bytes = it.bytesRead() + it.bytesWritten();
        Shown.assertShows(bytes / nanos, row.get("GB/s"));
        Shown.assertShows(it.ofCopy().orElse(Double.NaN), row.get("Of a copy"));
        Shown.assertShows(
            it.theoreticalBytesPerSecond() == 0
                ? Double.NaN
                : bytes / nanos * 1e9 / it.theoreticalBytesPerSecond(),
            row.get("Of theory"));
        for (String peer : List.of("DL4J", "PyTorch", "PyTorch compiled", "Triton")) {
          if (row.containsKey("× " + peer)) {
            Shown.assertShows(expectedRatio(run, it, peer), row.get("× " + peer));
          }
        }
      }
      List<Map<String, String>> steps = table("steps");
      for (int i = 0; i < run.training().size(); i++) {
        TrainingStep step = run.training().get(i);
        Shown.assertShows(step.overheadPercent() / 100, steps.get(i).get("Added"));
        Shown.assertShows(Samples.median(step.onNanos()), steps.get(i).get("With dropout"));
        Shown.assertShows(Samples.median(step.offNanos()), steps.get(i).get("Without dropout"));
      }
      assertEquals(run.training().size(), steps.size());
    }
  }

  /** The peer's time of the same work over the case's; no number if it is a peer's own. */
  private static double expectedRatio(BenchRun run, BenchCase it, String peer) {
    if (List.of("DL4J", "PyTorch", "PyTorch compiled", "Triton").contains(it.by())) {
      return Double.NaN;
    }
    return run.cases().stream()
            .filter(other -> other.by().equals(peer) && other.place() == it.place())
            .filter(other -> other.operation().equals(it.operation()))
            .filter(other -> other.type().equals(it.type()) && other.elements() == it.elements())
            .mapToDouble(BenchCase::median)
            .findFirst()
            .orElse(Double.NaN)
        / it.median();
  }

  @Test
  void showsEveryCellOfParity() throws IOException {
    ParityReport report = SampleParity.failed();
    browser.open(PAGES.get("failed"), new Screen(1280, false));
    assertEmbedded(report);
    assertEquals(
        "✗ Failed",
        browser.evaluate("document.querySelector('#verdict strong').textContent").asText());
    List<Map<String, String>> rows = table("cells");
    assertEquals(report.cells().size(), rows.size());
    for (int i = 0; i < rows.size(); i++) {
      ParityReport.Cell cell = report.cells().get(i);
      Map<String, String> row = rows.get(i);
      assertEquals(cell.implementation(), row.get("Implementation"));
      assertEquals(cell.operation(), row.get("Operation"));
      assertEquals(cell.type().isEmpty() ? "–" : cell.type(), row.get("Type"));
      assertEquals(cell.reason(), row.get("Reason"));
      String mark =
          switch (cell.outcome()) {
            case PASSED -> "✓ passed";
            case FAILED -> "✗ failed";
            case SKIPPED -> "– skipped";
          };
      assertEquals(mark, row.get("Outcome"));
      assertEquals(
          mark.substring(0, 1),
          browser
              .evaluate("document.querySelector('#grid a[href=\"#cell-" + i + "\"]').textContent")
              .asText());
      Shown.assertShows((double) cell.cases(), row.get("Calls"));
      Shown.assertShows((double) cell.elements(), row.get("Elements"));
      Shown.assertShows(cell.seconds(), row.get("Seconds"));
    }
    List<Map<String, String>> tests = table("statistics-table");
    assertEquals(report.statistics().size(), tests.size());
    for (int i = 0; i < tests.size(); i++) {
      ParityReport.StatisticalTest test = report.statistics().get(i);
      Shown.assertShows(test.pValue(), tests.get(i).get("Smallest"));
      Shown.assertShows(test.threshold(), tests.get(i).get("Threshold"));
      assertEquals(test.passed() ? "✓ passed" : "✗ failed", tests.get(i).get("Outcome"));
    }
    String differences =
        browser
            .evaluate("document.querySelector('.difference').parentElement.textContent")
            .asText();
    for (ParityReport.Cell cell : report.cells()) {
      cell.mismatch()
          .ifPresent(it -> {
            assertTrue(differences.contains(it.expected()), differences);
            assertTrue(differences.contains(it.actual()), differences);
            assertTrue(differences.contains(it.command()), differences);
          });
    }
  }

  @Test
  void squaresTellTheirFiguresToTheKeyboard() throws IOException {
    browser.open(PAGES.get("failed"), new Screen(360, false));
    browser.evaluate("document.querySelector('.grid .failed').focus()");
    String picked = browser.evaluate("document.getElementById('picked').textContent").asText();
    assertTrue(
        picked.startsWith("vector, 256 bits · mask: failed, element 4096 differs; "), picked);
    assertTrue(picked.contains(" calls, "), picked);
  }

  @Test
  void tablesAreFilteredAndSorted() throws IOException {
    browser.open(PAGES.get("gpu"), new Screen(1280, false));
    browser.evaluate(
        "const input = document.querySelector('input[data-table=cases]');"
            + " input.value = 'triton BF16'; input.dispatchEvent(new Event('input'))");
    assertEquals(
        1,
        browser
            .evaluate("document.querySelectorAll('#cases tbody tr:not([hidden])').length")
            .asInt());
    browser.evaluate(
        "[...document.querySelectorAll('#cases thead button')].find(b => b.textContent ==="
            + " 'GB/s').click()");
    JsonNode speeds =
        browser.evaluate(
            "[...document.querySelectorAll('#cases tbody tr')].map(r =>"
                + " Number(r.cells[7].dataset.value))");
    assertEquals(SampleBench.withGpu().cases().size(), speeds.size());
    for (int i = 1; i < speeds.size(); i++) {
      assertTrue(speeds.get(i - 1).asDouble() <= speeds.get(i).asDouble(), "at " + i);
    }
  }

  private static void assertEmbedded(Object report) throws IOException {
    String embedded = browser.evaluate("document.getElementById('data').textContent").asText();
    ObjectMapper mapper = new ObjectMapper();
    assertEquals(mapper.readTree(ReportJson.of(report)), mapper.readTree(embedded));
  }

  @Test
  void hostileTextComesBackAsItWas() throws IOException {
    browser.open(PAGES.get("hostile"), new Screen(1280, false));
    assertEmbedded(SampleBench.hostile(HOSTILE));
    assertEquals(HOSTILE, table("cases").getFirst().get("By"));
    browser.open(PAGES.get("hostile-parity"), new Screen(1280, false));
    assertEmbedded(SampleParity.hostile(HOSTILE));
    assertEquals(HOSTILE, table("cells").getFirst().get("Reason"));
  }

  /** Returns the rows of a table, head to text. */
  private static List<Map<String, String>> table(String id) throws IOException {
    JsonNode heads =
        browser.evaluate(
            "[...document.querySelectorAll('#%s thead th')].map(h => h.textContent)".formatted(id));
    List<Map<String, String>> rows = new ArrayList<>();
    for (JsonNode row :
        browser.evaluate(
            "[...document.querySelectorAll('#%s tbody tr')].map(r => [...r.cells].map(c => c.textContent))"
                .formatted(id))) {
      assertEquals(heads.size(), row.size());
      Map<String, String> cells = new LinkedHashMap<>();
      for (int i = 0; i < row.size(); i++) {
        cells.put(heads.get(i).asText(), row.get(i).asText());
      }
      rows.add(cells);
    }
    return rows;
  }
}
