package io.github.jdropout.cli.report;

import java.awt.Color;
import java.awt.Font;
import java.util.ArrayList;
import java.util.List;
import org.knowm.xchart.HeatMapChart;
import org.knowm.xchart.HeatMapChartBuilder;

/** Draws squares in rows and columns, good ones green and bad ones red. */
final class GridChart {
  private static final int ROW = 30;
  private static final int AROUND = 150;
  private static final int TITLE = 40;

  private GridChart() {}

  static HeatMapChart of(Plan.Grid plan, boolean hasTitle) {
    int rows = plan.rows().size();
    HeatMapChart chart =
        new HeatMapChartBuilder()
            .width(ChartStyle.WIDTH)
            .height(rows * ROW + AROUND + (hasTitle ? TITLE : 0))
            .build();
    ChartStyle.apply(chart, plan, hasTitle);
    double most = plan.squares().stream().mapToInt(it -> Math.abs(it.count())).max().orElse(1);
    chart
        .getStyler()
        .setPiecewise(true)
        .setSplitNumber(2)
        .setRangeColors(
            new Color[] {ChartStyle.color(Ink.BAD_FILL), ChartStyle.color(Ink.GOOD_FILL)})
        .setMin(-most)
        .setMax(most)
        .setShowValue(true)
        .setHeatMapValueDecimalPattern("✓ 0;✗ 0")
        .setValueFont(ChartStyle.font(Font.PLAIN, 12))
        .setValueFontColor(ChartStyle.color(Ink.TEXT))
        .setDrawBorder(true)
        .setLegendVisible(false)
        .setPlotBackgroundColor(ChartStyle.color(Ink.SKIPPED_FILL))
        .setPlotContentSize(1.0);
    chart
        .getStyler()
        .setPlotGridLinesVisible(false)
        .setXAxisLabelRotation(45)
        .setXAxisMaxLabelCount(Math.max(2, Math.max(rows, plan.columns().size())));
    List<Number[]> squares = new ArrayList<>();
    for (Plan.Square square : plan.squares()) {
      squares.add(new Number[] {square.column(), rows - 1 - square.row(), square.count()});
    }
    chart.addSeries("cells", plan.columns(), plan.rows().reversed(), squares);
    return chart;
  }
}
