package io.github.jdropout.cli.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import org.knowm.xchart.internal.chartpart.AxesChart;
import org.knowm.xchart.style.AxesChartStyler;
import org.knowm.xchart.style.Styler;

/** How all charts look. */
final class ChartStyle {
  /** Pixels of a chart, before a picture doubles them. */
  static final int WIDTH = 800;

  private static final int TEXT_SIZE = 13;
  private static final BasicStroke HAIRLINE = new BasicStroke(1);

  private ChartStyle() {}

  static Color color(Ink ink) {
    return new Color(ink.light());
  }

  static Font font(int style, int size) {
    return new Font(Font.SANS_SERIF, style, size);
  }

  /** Puts on colours, fonts and the rest that does not depend on what is shown. */
  static void apply(AxesChart<? extends AxesChartStyler, ?> chart, Plan plan, boolean hasTitle) {
    AxesChartStyler styler = chart.getStyler();
    Font font = font(Font.PLAIN, TEXT_SIZE);
    Color paper = color(Ink.PAPER);
    Color text = color(Ink.TEXT);
    styler
        .setChartBackgroundColor(paper)
        .setChartFontColor(text)
        .setChartPadding(8)
        .setChartTitleFont(font(Font.BOLD, TEXT_SIZE + 2))
        .setChartTitlePadding(10)
        .setChartTitleVisible(hasTitle)
        .setLegendFont(font)
        .setLegendBackgroundColor(paper)
        .setLegendBorderColor(paper)
        .setLegendPadding(8)
        .setLegendPosition(Styler.LegendPosition.OutsideE)
        .setLegendLayout(Styler.LegendLayout.Vertical)
        .setPlotBackgroundColor(paper)
        .setPlotBorderVisible(false)
        .setAnnotationLineColor(color(Ink.QUIET))
        .setAnnotationLineStroke(dashed(1.5f))
        .setXAxisTitleColor(text)
        .setYAxisTitleColor(text);
    styler
        .setAxisTickLabelsFont(font)
        .setAxisTickLabelsColor(text)
        .setAxisTitleFont(font)
        .setAxisTicksLineVisible(false)
        .setAxisTicksMarksVisible(false)
        .setPlotGridLinesColor(color(Ink.LINE))
        .setPlotGridLinesStroke(HAIRLINE)
        .setYAxisLabelAlignment(AxesChartStyler.TextAlignment.Right);
    chart.setTitle(plan.title());
  }

  static BasicStroke solid(float width) {
    return new BasicStroke(width, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND);
  }

  static BasicStroke dashed(float width) {
    return new BasicStroke(
        width, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 1, new float[] {6, 4}, 0);
  }
}
