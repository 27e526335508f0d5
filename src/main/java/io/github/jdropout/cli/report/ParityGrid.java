package io.github.jdropout.cli.report;

import io.github.jdropout.parity.ParityReport;
import io.github.jdropout.parity.ParityReport.Cell;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Implementations by operations and types, as a table of links to the cells' rows.
 *
 * @param operations with the number of their types
 * @param types of the operations, one after the other
 * @param rows implementations
 */
record ParityGrid(List<Operation> operations, List<String> types, List<Row> rows) {

  /**
   * A group of columns.
   *
   * @param name of the operation
   * @param width columns
   */
  record Operation(String name, int width) {}

  /**
   * A row.
   *
   * @param name of the implementation
   * @param squares in the order of the types
   */
  record Row(String name, List<Square> squares) {}

  /**
   * A square.
   *
   * @param isThere whether the implementation has it at all
   * @param mark a sign that needs no colour
   * @param kind CSS class
   * @param target identifier of the row with all figures
   * @param text what a reader wants to know at once
   */
  record Square(boolean isThere, String mark, String kind, String target, String text) {}

  /** Returns the identifier of a cell's row in the table of all cells. */
  static String id(int cell) {
    return "cell-" + cell;
  }

  static ParityGrid of(ParityReport report) {
    Map<String, List<String>> typesOf = new LinkedHashMap<>();
    Map<String, Map<List<String>, Integer>> cellsOf = new LinkedHashMap<>();
    for (int i = 0; i < report.cells().size(); i++) {
      Cell cell = report.cells().get(i);
      if (!cell.operation().isEmpty()) {
        List<String> types = typesOf.computeIfAbsent(cell.operation(), _ -> new ArrayList<>());
        if (!types.contains(cell.type())) {
          types.add(cell.type());
        }
      }
      cellsOf
          .computeIfAbsent(cell.implementation(), _ -> new LinkedHashMap<>())
          .put(List.of(cell.operation(), cell.type()), i);
    }
    List<Row> rows = new ArrayList<>();
    cellsOf.forEach((implementation, cells) -> {
      List<Square> squares = new ArrayList<>();
      typesOf.forEach((operation, types) ->
          types.forEach(type -> {
            // One that is skipped as a whole has a single cell without an operation.
            Integer index =
                cells.getOrDefault(List.of(operation, type), cells.get(List.of("", "")));
            squares.add(
                index == null
                    ? new Square(false, "", "", "", "")
                    : square(report.cells().get(index), index));
          }));
      rows.add(new Row(implementation, squares));
    });
    return new ParityGrid(
        typesOf.entrySet().stream()
            .map(entry -> new Operation(entry.getKey(), entry.getValue().size()))
            .toList(),
        typesOf.values().stream().flatMap(List::stream).toList(),
        rows);
  }

  private static Square square(Cell cell, int index) {
    return new Square(
        true,
        mark(cell.outcome()),
        cell.outcome().name().toLowerCase(Locale.ROOT),
        id(index),
        text(cell));
  }

  static String mark(ParityReport.Outcome outcome) {
    return switch (outcome) {
      case PASSED -> "✓";
      case FAILED -> "✗";
      case SKIPPED -> "–";
    };
  }

  private static String text(Cell cell) {
    String name =
        List.of(cell.implementation(), cell.operation(), cell.type()).stream()
            .filter(part -> !part.isEmpty())
            .collect(Collectors.joining(" · "));
    String outcome =
        cell.outcome().name().toLowerCase(Locale.ROOT)
            + (cell.reason().isEmpty() ? "" : ", " + cell.reason());
    return name
        + ": "
        + outcome
        + (cell.cases() == 0
            ? ""
            : "; "
                + Numbers.grouped(cell.cases())
                + " calls, "
                + Numbers.grouped(cell.elements())
                + " elements, "
                + Numbers.significant(cell.seconds())
                + " s"
                + (cell.worstOfBound() > 0
                    ? ", " + Numbers.percent(cell.worstOfBound()) + " of the bound"
                    : ""));
  }
}
