package io.github.jdropout.cli.bench;

import io.github.jdropout.bench.Size;
import io.github.jdropout.bench.result.BenchCase;
import io.github.jdropout.bench.result.BenchRun;
import io.github.jdropout.bench.result.MarkdownTable;
import io.github.jdropout.bench.result.Samples;
import java.util.Locale;
import java.util.OptionalDouble;
import picocli.CommandLine.Help.Ansi;

/** Cases as lines of text, one as soon as it is measured. */
public final class BenchTable {
  private static final String ROW = "%-16s %-22s %-4s %-6s %5s %5s %4s  %9s %6s  %7s %7s %7s";

  /** Not every terminal has the letter. */
  private static final String MICROSECONDS =
      System.out.charset().newEncoder().canEncode('µ') ? " µs" : " us";

  private final Ansi ansi;

  /**
   * Creates one.
   *
   * @param ansi whether there are colours
   */
  public BenchTable(Ansi ansi) {
    this.ansi = ansi;
  }

  /** Returns the line above all rows. */
  public String header() {
    return bold(
        String.format(
            Locale.ROOT,
            ROW,
            "by",
            "operation",
            "type",
            "in",
            "size",
            "p",
            "thr.",
            "time",
            "spread",
            "GB/s",
            "of copy",
            "of card"));
  }

  /** Returns the line of a case: the median of its samples, and what is made of it. */
  public String row(BenchCase measured) {
    boolean moves = measured.bytesRead() + measured.bytesWritten() > 0;
    return String.format(
            Locale.ROOT,
            ROW,
            measured.by(),
            measured.operation(),
            measured.type(),
            measured.storage(),
            Size.text(measured.elements()),
            measured.p(),
            measured.threads() == 0 ? "" : measured.threads(),
            time(measured.median()),
            percent(OptionalDouble.of(spread(measured))),
            moves ? MarkdownTable.format(measured.gigabytesPerSecond()) : "",
            percent(measured.ofCopy()),
            percent(measured.ofTheoretical()))
        + (measured.hasSettled() ? "" : " not settled");
  }

  /** Returns the line of something that could not be measured. */
  public String absent(BenchRun.Absent absent) {
    return ansi.string("@|faint absent:|@ ") + absent.what() + " - " + absent.reason();
  }

  private String bold(String text) {
    return ansi.string("@|bold " + text + "|@");
  }

  /** Returns half of what the middle half of the samples spans, as a part of the median. */
  private static double spread(BenchCase measured) {
    double lower = Samples.quantile(measured.nanosPerCall(), 0.25);
    double upper = Samples.quantile(measured.nanosPerCall(), 0.75);
    return (upper - lower) / 2 / measured.median();
  }

  private static String percent(OptionalDouble part) {
    if (part.isEmpty()) {
      return "";
    }
    double percent = 100 * part.getAsDouble();
    return String.format(Locale.ROOT, percent < 10 ? "%.1f %%" : "%.0f %%", percent);
  }

  /** Returns a time with its unit. */
  static String time(double nanos) {
    return nanos < 1e3
        ? MarkdownTable.format(nanos) + " ns"
        : nanos < 1e6
            ? MarkdownTable.format(nanos / 1e3) + MICROSECONDS
            : nanos < 1e9
                ? MarkdownTable.format(nanos / 1e6) + " ms"
                : MarkdownTable.format(nanos / 1e9) + " s";
  }
}
