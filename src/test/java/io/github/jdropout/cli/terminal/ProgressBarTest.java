package io.github.jdropout.cli.terminal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ProgressBarTest {
  private static final long SECOND = 1_000_000_000L;

  private final StringWriter text = new StringWriter();
  private final AtomicLong clock = new AtomicLong();

  private ProgressBar bar(boolean isTerminal) {
    return new ProgressBar(new PrintWriter(text), isTerminal, "work", 200, clock::get);
  }

  @Test
  void aTerminalShowsABarTimeLeftAndWhatIsDone() {
    try (ProgressBar bar = bar(true)) {
      clock.set(10 * SECOND);
      bar.advance(100, "half");
    }
    String line = "work  50 % " + "━".repeat(10) + "─".repeat(10) + " 0:10 left  half";
    assertEquals(
        "\r" + line + " ".repeat(78 - line.length()) + "\r" + " ".repeat(78) + "\r",
        text.toString());
  }

  @Test
  void aTerminalIsNotWrittenToMoreThanTenTimesASecond() {
    ProgressBar bar = bar(true);
    bar.advance(1, "first");
    String shown = text.toString();
    clock.set(SECOND / 10 - 1);
    bar.advance(1, "second");
    assertEquals(shown, text.toString());
  }

  @Test
  void elsewhereALineIsPrintedEveryTenSeconds() {
    try (ProgressBar bar = bar(false)) {
      clock.set(9 * SECOND);
      bar.advance(20, "early");
      clock.set(10 * SECOND);
      bar.advance(20, "now");
    }
    assertEquals("work  20 % 0:40 left  now" + System.lineSeparator(), text.toString());
  }

  @Test
  void printedLinesDoNotMixWithTheBar() {
    ProgressBar bar = bar(true);
    bar.advance(0, "begins");
    int length = text.getBuffer().length();
    bar.interrupt(() -> text.write("line\n"));
    assertEquals("\r" + " ".repeat(78) + "\rline\n", text.toString().substring(length));
  }

  @Test
  void moreThanTheTotalIsTheTotal() {
    ProgressBar bar = bar(false);
    clock.set(10 * SECOND);
    bar.advance(1000, "done");
    assertEquals("work 100 % 0:00 left  done" + System.lineSeparator(), text.toString());
  }

  @Test
  void whatIsNotThereIsNotInTheTotal() {
    ProgressBar bar = bar(false);
    clock.set(10 * SECOND);
    bar.shrink(100);
    bar.advance(50, "half");
    clock.set(20 * SECOND);
    bar.shrink(1000);
    bar.advance(0, "all");
    assertEquals(
        List.of("work  50 % 0:10 left  half", "work 100 % 0:00 left  all"),
        text.toString().lines().toList());
  }

  @Test
  void totalMustBePositive() {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> new ProgressBar(new PrintWriter(text), true, "work", 0));
    assertEquals("total must be at least 1 but is 0", e.getMessage());
  }
}
