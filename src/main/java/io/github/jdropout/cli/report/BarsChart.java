package io.github.jdropout.cli.report;

import java.util.stream.Stream;
import org.knowm.xchart.AnnotationLine;
import org.knowm.xchart.HorizontalBarChart;
import org.knowm.xchart.HorizontalBarChartBuilder;

/** Draws horizontal bars. */
final class BarsChart {
  private static final int BAR = 15;
  private static final int GAP = 12;
  private static final int LEGEND_LINE = 30;
  private static final int AROUND = 70;
  private static final int TITLE = 40;

  private BarsChart() {}

  static HorizontalBarChart of(Plan.Bars plan, boolean hasTitle) {
    int labels = plan.labels().size();
    int series = plan.series().size();
    HorizontalBarChart chart =
        new HorizontalBarChartBuilder()
            .width(ChartStyle.WIDTH)
            .height(height(labels, series) + AROUND + (hasTitle ? TITLE : 0))
            .xAxisTitle(plan.axis())
            .build();
    ChartStyle.apply(chart, plan, hasTitle);
    chart
        .getStyler()
        .setAvailableSpaceFill((double) series * BAR / (series * BAR + GAP))
        .setPlotGridHorizontalLinesVisible(false)
        .setAxisTickPadding(12)
        .setXAxisMaxLabelCount(Math.max(2, labels))
        .setXAxisMin(0.0)
        .setXAxisMax(1.04 * largest(plan))
        .setLegendVisible(series > 1);
    for (Plan.Values values : plan.series()) {
      chart
          .addSeries(values.name(), values.values(), plan.labels())
          .setFillColor(ChartStyle.color(values.ink()));
    }
    if (!Double.isNaN(plan.reference())) {
      chart.addAnnotation(new AnnotationLine(plan.reference(), true, false));
    }
    return chart;
  }

  /** Returns how high the bars are, or the legend beside them. */
  private static int height(int labels, int series) {
    return Math.max(labels * (series * BAR + GAP), series > 1 ? series * LEGEND_LINE : 0);
  }

  private static double largest(Plan.Bars plan) {
    Stream<Double> lengths = plan.series().stream().flatMap(series -> series.values().stream());
    return Stream.concat(lengths, Stream.of(plan.reference()))
        .filter(Double::isFinite)
        .mapToDouble(Double::doubleValue)
        .max()
        .orElse(1);
  }
}
