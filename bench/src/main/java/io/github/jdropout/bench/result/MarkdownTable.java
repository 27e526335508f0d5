package io.github.jdropout.bench.result;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Tables in Markdown, and the figures in them. */
public final class MarkdownTable {
  private MarkdownTable() {}

  /** Appends a Markdown table, nothing if it has no rows. */
  public static void append(
      StringBuilder out, String title, List<String> columns, Stream<List<String>> rows) {
    List<List<String>> cells = new ArrayList<>(rows.toList());
    if (cells.isEmpty()) {
      return;
    }
    cells.add(0, columns.stream().map(column -> "---").toList());
    cells.add(0, columns);
    out.append("\n### ").append(title).append("\n\n");
    for (List<String> row : cells) {
      out.append("| ").append(String.join(" | ", row)).append(" |\n");
    }
  }

  /** Returns about three significant digits. */
  public static String format(double value) {
    int decimals = value >= 100 ? 0 : value >= 10 ? 1 : value >= 0.1 || value == 0 ? 2 : 4;
    return String.format(Locale.ROOT, "%." + decimals + "f", value);
  }
}
