package io.github.jdropout.cli.report;

import java.util.List;

/** What a chart shows, without any drawing: that needs {@code java.desktop}, and this does not. */
sealed interface Plan {
  /** Returns a name that is the only one of its kind on a page, and good for a file. */
  String id();

  /** Returns what is shown. */
  String title();

  /** Returns how to read it. */
  String caption();

  /**
   * Horizontal bars from zero.
   *
   * @param axis what their lengths are
   * @param labels of the bars, from the top
   * @param series for each label a bar, side by side; a length that is not a number has none
   * @param reference where a line crosses all bars; not a number if nowhere
   */
  record Bars(
      String id,
      String title,
      String caption,
      String axis,
      List<String> labels,
      List<Values> series,
      double reference)
      implements Plan {}

  /**
   * One value for each label.
   *
   * @param name in the legend
   * @param ink to draw it with
   * @param values in the order of the labels
   */
  record Values(String name, Ink ink, List<Double> values) {}

  /**
   * Lines through points.
   *
   * @param scale of the horizontal axis; the vertical one is logarithmic
   */
  record Lines(
      String id,
      String title,
      String caption,
      String xAxis,
      String yAxis,
      Scale scale,
      List<Line> lines)
      implements Plan {}

  /** How a horizontal axis runs. */
  enum Scale {
    /** Powers of two, with labels such as 2^10. */
    POWERS_OF_TWO,
    LINEAR
  }

  /**
   * A line.
   *
   * @param name in the legend
   * @param ink to draw it with
   * @param isLimit whether it is what the others are held against
   * @param x ascending
   * @param y as many, above zero
   */
  record Line(String name, Ink ink, boolean isLimit, List<Double> x, List<Double> y) {}

  /**
   * Points in rows, some with an interval around them.
   *
   * @param axis what their places are
   * @param isLogarithmic whether the axis is
   * @param rows names of the rows, from the top
   * @param series of points
   * @param reference where a line crosses all rows; not a number if nowhere
   */
  record Dots(
      String id,
      String title,
      String caption,
      String axis,
      boolean isLogarithmic,
      List<String> rows,
      List<DotSeries> series,
      double reference)
      implements Plan {}

  /**
   * Points that look alike.
   *
   * @param name in the legend; empty if it is not there
   * @param ink to draw them with
   * @param shape of each
   * @param dots in any order
   */
  record DotSeries(String name, Ink ink, Shape shape, List<Dot> dots) {}

  /** How a point looks. */
  enum Shape {
    CIRCLE,
    CROSS,
    BAR
  }

  /**
   * A point.
   *
   * @param row from 0 on
   * @param value its place
   * @param low end of its interval; as {@code value} if it has none
   * @param high the other end
   */
  record Dot(int row, double value, double low, double high) {}

  /**
   * Squares in rows and columns.
   *
   * @param columns their names
   * @param rows their names, from the top
   * @param squares those that are not empty
   */
  record Grid(
      String id,
      String title,
      String caption,
      List<String> columns,
      List<String> rows,
      List<Square> squares)
      implements Plan {}

  /**
   * A square of a grid.
   *
   * @param column from 0 on
   * @param row from 0 on
   * @param count shown in it: good ones if positive, bad ones if negative
   */
  record Square(int column, int row, int count) {}
}
