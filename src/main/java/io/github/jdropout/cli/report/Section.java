package io.github.jdropout.cli.report;

import java.util.List;

/**
 * A part of a page.
 *
 * @param title of the part
 * @param hint how to read it; may be empty
 * @param points to know
 * @param figures charts
 * @param tables below them
 */
record Section(
    String title, String hint, List<String> points, List<Figure> figures, List<Table> tables) {
  static Section of(String title, List<Plan> plans) {
    return new Section(title, "", List.of(), figures(plans), List.of());
  }

  static Section of(String title, String hint, Table table) {
    return new Section(title, hint, List.of(), List.of(), List.of(table));
  }

  static List<Figure> figures(List<Plan> plans) {
    return plans.stream().map(Drawing::figure).toList();
  }

  /** Returns whether there are points to know. */
  boolean hasPoints() {
    return !points.isEmpty();
  }

  /** Returns whether there is nothing in it. */
  boolean isEmpty() {
    return points.isEmpty()
        && figures.isEmpty()
        && tables.stream().allMatch(table -> table.rows().isEmpty());
  }
}
