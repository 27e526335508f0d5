package io.github.jdropout.cli.report;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.markers.Marker;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Draws lines through points; the vertical axis is logarithmic. */
final class LinesChart {
  private static final int HEIGHT = 400;
  private static final Marker[] MARKERS = {
    SeriesMarkers.CIRCLE,
    SeriesMarkers.SQUARE,
    SeriesMarkers.TRIANGLE_UP,
    SeriesMarkers.DIAMOND,
    SeriesMarkers.TRIANGLE_DOWN
  };

  private LinesChart() {}

  static XYChart of(Plan.Lines plan, boolean hasTitle) {
    XYChart chart =
        new XYChartBuilder()
            .width(ChartStyle.WIDTH)
            .height(HEIGHT)
            .xAxisTitle(plan.xAxis())
            .yAxisTitle(plan.yAxis())
            .build();
    ChartStyle.apply(chart, plan, hasTitle);
    double low = Double.POSITIVE_INFINITY;
    double high = Double.NEGATIVE_INFINITY;
    int next = 0;
    for (Plan.Line line : plan.lines()) {
      List<Double> x = new ArrayList<>();
      List<Double> y = new ArrayList<>();
      for (int i = 0; i < line.y().size(); i++) {
        double value = line.y().get(i);
        if (value > 0 && Double.isFinite(value) && Double.isFinite(line.x().get(i))) {
          x.add(line.x().get(i));
          y.add(logarithm(value));
        }
      }
      if (!y.isEmpty()) {
        XYSeries series = chart.addSeries(line.name(), x, y);
        series.setMarker(line.isLimit() ? SeriesMarkers.NONE : MARKERS[next++ % MARKERS.length]);
        series.setMarkerColor(ChartStyle.color(line.ink()));
        series.setLineColor(ChartStyle.color(line.ink()));
        series.setLineStyle(line.isLimit() ? ChartStyle.dashed(1.5f) : ChartStyle.solid(2));
        low = Math.min(low, Collections.min(y));
        high = Math.max(high, Collections.max(y));
      }
    }
    if (low > high) { // There is no point to draw.
      low = 0;
      high = 1;
    }
    chart.getStyler().setMarkerSize(7);
    chart
        .getStyler()
        .setYAxisMin(Math.floor(low))
        .setYAxisMax(Math.max(Math.floor(low) + 1, Math.ceil(high)))
        .setYAxisTickMarkSpacingHint(32)
        .setYAxisTickLabelsFormattingFunction(y -> Numbers.plain(Math.pow(2, y)));
    if (plan.scale() == Plan.Scale.POWERS_OF_TWO) {
      chart
          .getStyler()
          .setXAxisTickMarkSpacingHint(45)
          .setXAxisTickLabelsFormattingFunction(LinesChart::power);
    } else {
      chart.getStyler().setXAxisTickLabelsFormattingFunction(Numbers::exact);
    }
    return chart;
  }

  private static String power(double exponent) {
    return exponent == Math.rint(exponent) && exponent >= 0
        ? Numbers.power((int) exponent)
        : Numbers.grouped(Math.round(Math.pow(2, exponent)));
  }

  /** The library's logarithmic axis has labels for powers of ten alone, often one or none. */
  private static double logarithm(double value) {
    return Math.log(value) / Math.log(2);
  }
}
