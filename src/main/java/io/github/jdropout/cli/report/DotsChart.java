package io.github.jdropout.cli.report;

import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.stream.DoubleStream;
import org.knowm.xchart.AnnotationLine;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.markers.Marker;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Draws points in rows, some with an interval around them. */
final class DotsChart {
  private static final int ROW = 21;

  /** The library uses it for low charts in any case; a mark for each row follows from it. */
  private static final int SPACING = 20;

  private static final int AROUND = 64;

  /** Its place on the vertical axis; below it are marks without rows. */
  private static final int LOWEST_ROW = 2;

  private static final int TITLE = 40;

  private DotsChart() {}

  static XYChart of(Plan.Dots plan, boolean hasTitle) {
    int rows = plan.rows().size();
    XYChart chart =
        new XYChartBuilder()
            .width(ChartStyle.WIDTH)
            .height((rows + 2) * ROW + AROUND + (hasTitle ? TITLE : 0))
            .xAxisTitle(plan.axis())
            .build();
    ChartStyle.apply(chart, plan, hasTitle);
    chart
        .getStyler()
        .setAxisTickPadding(12)
        .setYAxisMin(0.0)
        .setYAxisMax(LOWEST_ROW + rows - 0.5)
        .setYAxisTickMarkSpacingHint(SPACING)
        .setYAxisTickLabelsFormattingFunction(y -> label(plan.rows(), y))
        .setLegendVisible(plan.series().stream().anyMatch(series -> !series.name().isEmpty()));
    chart.getStyler().setMarkerSize(9);
    if (plan.isLogarithmic()) {
      chart.getStyler().setXAxisTickLabelsFormattingFunction(DotsChart::decade);
    }
    DoubleSummaryStatistics range = range(plan);
    double low = Math.floor(range.getMin());
    chart.getStyler().setXAxisMin(low).setXAxisMax(Math.max(low + 1, Math.ceil(range.getMax())));
    for (Plan.DotSeries series : plan.series()) {
      add(chart, plan, series);
    }
    if (!Double.isNaN(plan.reference())) {
      chart.addAnnotation(new AnnotationLine(place(plan, plan.reference()), true, false));
    }
    return chart;
  }

  private static void add(XYChart chart, Plan.Dots plan, Plan.DotSeries dots) {
    List<Plan.Dot> drawn = dots.dots().stream().filter(DotsChart::isFinite).toList();
    if (drawn.isEmpty()) {
      return;
    }
    int highest = LOWEST_ROW + plan.rows().size() - 1;
    double[] x = drawn.stream().mapToDouble(dot -> place(plan, dot.value())).toArray();
    double[] y = drawn.stream().mapToDouble(dot -> highest - dot.row()).toArray();
    XYSeries points = chart.addSeries(dots.name().isEmpty() ? "points" : dots.name(), x, y);
    points.setXYSeriesRenderStyle(XYSeries.XYSeriesRenderStyle.Scatter);
    points.setMarker(marker(dots.shape()));
    points.setMarkerColor(ChartStyle.color(dots.ink()));
    points.setShowInLegend(!dots.name().isEmpty());
    for (Plan.Dot dot : drawn) {
      if (dot.low() < dot.high()) {
        double row = highest - dot.row();
        XYSeries interval =
            chart.addSeries(
                dots.name() + " interval " + dot.row(),
                new double[] {place(plan, dot.low()), place(plan, dot.high())},
                new double[] {row, row});
        interval.setMarker(SeriesMarkers.NONE);
        interval.setLineColor(ChartStyle.color(dots.ink()));
        interval.setLineStyle(ChartStyle.solid(2));
        interval.setShowInLegend(false);
      }
    }
  }

  private static boolean isFinite(Plan.Dot dot) {
    return Double.isFinite(dot.value()) && Double.isFinite(dot.low() + dot.high());
  }

  private static Marker marker(Plan.Shape shape) {
    return switch (shape) {
      case CIRCLE -> SeriesMarkers.CIRCLE;
      case CROSS -> SeriesMarkers.CROSS;
      case BAR -> SeriesMarkers.RECTANGLE;
    };
  }

  /**
   * Returns the label of a mark.
   *
   * <p>The library looks for marks whose labels all differ, and whose first three have at most 20
   * characters, for ever if there are none. So the lowest marks are blanks, each another.
   */
  private static String label(List<String> rows, double y) {
    int row = (int) y - LOWEST_ROW;
    boolean isNear = y == Math.rint(y) && row >= -LOWEST_ROW - 1 && row <= rows.size() + 1;
    if (!isNear) {
      return Double.toString(y); // Outside the axis, where nobody sees it.
    }
    if (row < 0) {
      return " ".repeat(-row);
    }
    return row < rows.size()
        ? rows.get(rows.size() - 1 - row)
        : " ".repeat(row - rows.size() + LOWEST_ROW + 2);
  }

  /** The library's logarithmic axis draws lines between the decades, too many for many decades. */
  private static double place(Plan.Dots plan, double value) {
    return plan.isLogarithmic() ? Math.log10(value) : value;
  }

  private static String decade(double exponent) {
    boolean isSmallPower = exponent == Math.rint(exponent) && exponent < -3;
    return isSmallPower ? "1e" + Math.round(exponent) : Numbers.plain(Math.pow(10, exponent));
  }

  /** Returns from where to where the axis runs: all points, their intervals and the reference. */
  private static DoubleSummaryStatistics range(Plan.Dots plan) {
    DoubleSummaryStatistics range =
        plan.series().stream()
            .flatMap(series -> series.dots().stream())
            .filter(DotsChart::isFinite)
            .flatMapToDouble(dot -> DoubleStream.of(dot.low(), dot.high()))
            .map(value -> place(plan, value))
            .summaryStatistics();
    if (!Double.isNaN(plan.reference())) {
      range.accept(place(plan, plan.reference()));
    }
    return range;
  }
}
