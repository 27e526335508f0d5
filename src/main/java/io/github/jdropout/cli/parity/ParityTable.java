package io.github.jdropout.cli.parity;

import io.github.jdropout.parity.Operation;
import io.github.jdropout.parity.ParityReport.Cell;
import io.github.jdropout.parity.ParityReport.Outcome;
import io.github.jdropout.parity.ParityReport.StatisticalTest;
import io.github.jdropout.spec.ElementType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import picocli.CommandLine.Help.Ansi;

/** The table on the terminal: a line for each variant and group of operations, types as columns. */
final class ParityTable {
  /** The mask itself, which has no type. */
  private static final String MASK = "mask";

  private static final List<String> COLUMNS =
      Stream.concat(Stream.of(MASK), Arrays.stream(ElementType.values()).map(ElementType::label))
          .toList();

  private final Ansi ansi;

  ParityTable(Ansi ansi) {
    this.ansi = ansi;
  }

  String header() {
    StringBuilder line = new StringBuilder(String.format(Locale.ROOT, "%-22s%-13s", "", ""));
    COLUMNS.forEach(column -> line.append(String.format(Locale.ROOT, "%5s", column)));
    return line.append(String.format(Locale.ROOT, "%11s%8s", "elements", "s")).toString();
  }

  /** Returns the lines of a variant that has ended. */
  List<String> lines(String name, List<Cell> cells) {
    Map<String, List<Cell>> groups = new LinkedHashMap<>();
    for (Cell cell : cells) {
      groups.computeIfAbsent(group(cell), _ -> new ArrayList<>()).add(cell);
    }
    List<String> lines = new ArrayList<>();
    groups.forEach((group, members) -> lines.addAll(lines(name, group, members)));
    return lines;
  }

  private List<String> lines(String name, String group, List<Cell> members) {
    Cell first = members.getFirst();
    if (group.isEmpty()) {
      String word = first.outcome() == Outcome.SKIPPED ? "skipped" : "FAILED";
      return List.of(pad(name, 22) + mark(first.outcome(), word) + " " + first.reason());
    }
    StringBuilder line = new StringBuilder(pad(name, 22) + pad(group, 13));
    for (String column : COLUMNS) {
      line.append(mark(column, members));
    }
    long elements = members.stream().mapToLong(Cell::elements).sum();
    double seconds = members.stream().mapToDouble(Cell::seconds).sum();
    line.append(String.format(Locale.ROOT, "%11s%8.1f", count(elements), seconds));
    return List.of(line.toString());
  }

  private String mark(String column, List<Cell> members) {
    List<Outcome> outcomes =
        members.stream()
            .filter(cell -> column.equals(cell.type().isEmpty() ? MASK : cell.type()))
            .map(Cell::outcome)
            .toList();
    if (outcomes.isEmpty()) {
      return "     ";
    }
    if (outcomes.contains(Outcome.FAILED)) {
      return " " + mark(Outcome.FAILED, "FAIL");
    }
    return outcomes.contains(Outcome.PASSED)
        ? "   " + mark(Outcome.PASSED, "ok")
        : " " + mark(Outcome.SKIPPED, "skip");
  }

  /** Returns a word in the colour of an outcome, or as it is where there are no colours. */
  String mark(Outcome outcome, String word) {
    String style =
        switch (outcome) {
          case PASSED -> "green";
          case FAILED -> "bold,red";
          case SKIPPED -> "yellow";
        };
    return ansi.string("@|" + style + " " + word + "|@");
  }

  /** Returns a line for each test of randomness, with a column for each p. */
  List<String> statistics(List<StatisticalTest> tests) {
    List<Double> columns = tests.stream().map(StatisticalTest::p).distinct().toList();
    StringBuilder title =
        new StringBuilder(pad("randomness of the mask, by " + tests.getFirst().implementation()));
    columns.forEach(p -> title.append(String.format(Locale.ROOT, "%10s", "p = " + p)));
    List<String> lines = new ArrayList<>(List.of(title.toString()));
    for (String name : tests.stream().map(StatisticalTest::name).distinct().toList()) {
      StringBuilder line = new StringBuilder(pad(name));
      for (double p : columns) {
        line.append(
            tests.stream()
                .filter(test -> test.name().equals(name) && test.p() == p)
                .findFirst()
                .map(this::pValue)
                .orElse(" ".repeat(10)));
      }
      lines.add(line.toString());
    }
    lines.add(
        String.format(
            Locale.ROOT,
            "p-values, the smallest of up to %d; each must be at least %.1e",
            tests.stream().mapToInt(StatisticalTest::comparisons).max().orElse(0),
            tests.getFirst().threshold()));
    return lines;
  }

  private String pValue(StatisticalTest test) {
    String value =
        String.format(Locale.ROOT, test.pValue() < 0.001 ? "%.0e" : "%.3f", test.pValue());
    return " ".repeat(Math.max(0, 10 - value.length()))
        + mark(test.passed() ? Outcome.PASSED : Outcome.FAILED, value);
  }

  private static String pad(String name) {
    return pad(name, 50);
  }

  /** Returns a number and what it counts, such as {@code 1 cell}. */
  static String number(long count, String noun) {
    return count + " " + noun + (count == 1 ? "" : "s");
  }

  /** Operations that are much alike share a line. */
  private static String group(Cell cell) {
    for (Operation operation : Operation.values()) {
      if (operation.label().equals(cell.operation())) {
        return switch (operation) {
          case FORWARD, IN_PLACE, BACKWARD, CLASSICAL, INFERENCE -> "dropout";
          case MASK, APPLY_MASK -> "mask";
          case SHARED_MASK -> "shared mask";
          case EPILOGUE, EPILOGUE_GRADIENT, BIAS_GRADIENT -> "epilogue";
          case PRODUCT -> "product";
        };
      }
    }
    return cell.operation();
  }

  static String count(long elements) {
    if (elements < 10_000) {
      return Long.toString(elements);
    }
    String[] units = {"k", "M", "G", "T"};
    double value = elements / 1e3;
    int unit = 0;
    while (value >= 999.5 && unit < units.length - 1) {
      value /= 1e3;
      unit++;
    }
    return String.format(Locale.ROOT, value < 9.95 ? "%.1f %s" : "%.0f %s", value, units[unit]);
  }

  private static String pad(String text, int width) {
    return String.format(Locale.ROOT, "%-" + width + "s", text);
  }
}
