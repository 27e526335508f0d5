package io.github.jdropout.cli.parity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jdropout.cli.terminal.ProgressBar;
import io.github.jdropout.parity.ParityReport;
import io.github.jdropout.parity.ParityReport.Cell;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.Help.Ansi;

class ParityTerminalTest {
  private static String show(ParityReport report, Ansi ansi, boolean isQuiet) {
    StringWriter text = new StringWriter();
    PrintWriter out = new PrintWriter(text);
    PrintWriter err = new PrintWriter(new StringWriter());
    try (ProgressBar bar = new ProgressBar(err, false, "parity", 1)) {
      ParityTerminal terminal = new ParityTerminal(out, ansi, bar, isQuiet);
      report.cells().stream()
          .collect(Collectors.groupingBy(Cell::implementation))
          .values()
          .forEach(terminal::ended);
      terminal.conclude(report);
    }
    return text.toString();
  }

  private static ParityReport report(boolean isComplete, Cell... cells) {
    return new ParityReport(
        ParityReport.SCHEMA,
        SampleReports.mixed().run(),
        SampleReports.mixed().machine(),
        List.of(cells),
        List.of(),
        2,
        isComplete);
  }

  @Test
  void tableHasALineForAGroupAndColumnsForTypes() {
    ParityReport report =
        report(
            true,
            SampleReports.passed("scalar", "forward", "f32"),
            SampleReports.passed("scalar", "backward", "f32"),
            SampleReports.passed("scalar", "in-place", "bf16"),
            SampleReports.passed("scalar", "mask", ""),
            SampleReports.failed("scalar", "apply-mask", "f64"));
    List<String> lines = show(report, Ansi.OFF, false).lines().toList();
    assertEquals(
        "                                    mask  f32  f64  f16 bf16   elements       s",
        lines.get(0));
    assertEquals(
        "scalar                dropout              ok             ok      104 k     0.8",
        lines.get(1));
    assertEquals(
        "scalar                mask            ok      FAIL                 38 k     0.8",
        lines.get(2));
    assertTrue(lines.stream().limit(3).allMatch(line -> line.length() <= 80));
    assertEquals(
        "FAILED: 4 cells passed, 1 failed, 0 variants skipped; 141 k elements in 2 s",
        lines.getLast());
  }

  @Test
  void sameReasonIsSaidOnce() {
    String text = show(SampleReports.mixed(), Ansi.OFF, false);
    assertTrue(text.contains("skipped vector-512, ffm-avx512f: <a b="), text);
    assertTrue(text.contains("\n  first difference at index 37\n"), text);
    assertTrue(text.contains("\n    input    3f800000 = 1.0\n"), text);
    assertTrue(text.contains("\n    actual   00000000 = 0.0\n"), text);
    assertTrue(text.contains("FAILED, interrupted: 3 cells passed, 1 failed, 2 variants"), text);
    assertTrue(text.contains("1 of 2 tests of randomness passed"), text);
    assertTrue(text.matches("(?s).*by scalar +p = 0\\.1 +p = 0\\.3\\R.*"), text);
    assertTrue(text.matches("(?s).*\\Rkeep rate +0\\.250 *\\R.*"), text);
    assertTrue(text.matches("(?s).*\\Rruns +1e-09\\R.*"), text);
    assertTrue(text.contains("the smallest of up to 2; each must be at least 1.0e-06"), text);
  }

  @Test
  void coloursAreThereOnlyWhenAskedFor() {
    ParityReport report = SampleReports.mixed();
    assertFalse(show(report, Ansi.OFF, false).contains("\u001b"));
    assertTrue(show(report, Ansi.ON, false).contains("\u001b[32mok"));
  }

  @Test
  void quietShowsNothing() {
    assertEquals("", show(SampleReports.mixed(), Ansi.OFF, true));
  }

  @Test
  void verdictTellsInterruptedFromPassedAndNothing() {
    Cell passed = SampleReports.passed("scalar", "forward", "f32");
    assertTrue(show(report(true, passed), Ansi.OFF, false).contains("\nPASSED: 1 cell passed, "));
    assertTrue(
        show(report(false, passed), Ansi.OFF, false).contains("\nINTERRUPTED: 1 cell passed, "));
    Cell skipped = SampleReports.skipped("scalar", "why not");
    assertTrue(show(report(true, skipped), Ansi.OFF, false).contains("\nFAILED: 0 cells"));
  }

  @Test
  void countsAreShort() {
    assertEquals("9999", ParityTable.count(9999));
    assertEquals("10 k", ParityTable.count(10_000));
    assertEquals("1.0 M", ParityTable.count(999_999));
    assertEquals("9.9 M", ParityTable.count(9_940_000));
    assertEquals("10 M", ParityTable.count(9_960_000));
    assertEquals("1.0 G", ParityTable.count(1_000_000_000));
    assertEquals("12345 T", ParityTable.count(12_345_000_000_000_000L));
  }
}
