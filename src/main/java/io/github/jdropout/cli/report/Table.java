package io.github.jdropout.cli.report;

import java.util.List;

/**
 * A table on a page.
 *
 * @param id within the page
 * @param caption what it is about
 * @param heads of the columns
 * @param rows in order
 */
record Table(String id, String caption, List<Head> heads, List<Row> rows) {
  /** Rows from which on a table is searched rather than read. */
  private static final int LONG = 12;

  /** Returns whether the page offers to filter the rows. */
  boolean isLong() {
    return rows.size() >= LONG;
  }

  /**
   * The head of a column.
   *
   * @param text of it
   * @param kind CSS classes of it
   */
  record Head(String text, String kind) {
    static Head text(String text) {
      return new Head(text, "");
    }

    static Head number(String text) {
      return new Head(text, "number");
    }
  }

  /**
   * A row.
   *
   * @param id within the page; may be empty
   * @param name its first cell
   * @param cells the others
   */
  record Row(String id, Cell name, List<Cell> cells) {
    static Row of(String id, List<Cell> cells) {
      return new Row(id, cells.getFirst(), cells.subList(1, cells.size()));
    }
  }

  /**
   * A cell.
   *
   * @param text shown
   * @param kind CSS classes of it
   * @param value in full, for sorting; empty for a text
   * @param bar length of a bar behind the text, in percent of the cell; empty for none
   */
  record Cell(String text, String kind, String value, String bar) {
    static Cell text(String text) {
      return new Cell(text, "", "", "");
    }

    static Cell mark(String text, String kind) {
      return new Cell(text, kind, "", "");
    }

    static Cell number(double value, String text) {
      return new Cell(text, "number", Double.toString(value), "");
    }

    static Cell count(long value, String text) {
      return new Cell(text, "number", Long.toString(value), "");
    }

    /** Returns a part of a whole, with a bar of its length; 1.5 and more fill the cell. */
    static Cell part(double part) {
      double length = Math.clamp(100 * part / 1.5, 0, 100);
      return new Cell(
          Numbers.percent(part), "number", Double.toString(part), Numbers.significant(length));
    }

    static Cell none() {
      return new Cell(Numbers.NONE, "number none", "", "");
    }
  }
}
