package io.github.jdropout.cli.train;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** The curves of loss and accuracy over the epochs, side by side. */
final class CurveChart {
  private static final int WIDTH = 680;
  private static final int HEIGHT = 600;

  /** The one legend stands at the right of the right chart. */
  private static final int LEGEND_WIDTH = 230;

  private static final double PERCENT = 100;

  /** The first epochs are far off; the axes show what comes after this part of them. */
  private static final double SKIPPED_PART = 0.1;

  /** Okabe and Ito's colours, which colour-blind people can tell apart. */
  private static final Map<Variant, Color> COLORS =
      Map.of(
          Variant.NONE, new Color(0x55, 0x55, 0x55),
          Variant.DL4J, new Color(0xE6, 0x9F, 0x00),
          Variant.JDROPOUT, new Color(0x00, 0x72, 0xB2));

  private static final BasicStroke SOLID = new BasicStroke(2.5f);
  private static final BasicStroke THIN = new BasicStroke(0.8f);
  private static final BasicStroke DASHED =
      new BasicStroke(1.8f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 1, new float[] {6, 5}, 0);

  private final Results results;

  private CurveChart(Results results) {
    this.results = results;
  }

  static BufferedImage draw(Results results) {
    CurveChart curves = new CurveChart(results);
    XYChart loss =
        curves.chart(WIDTH, "Loss", "mean cross-entropy", TrainingRun.Scores::loss, "0.00");
    XYChart accuracy =
        curves.chart(
            WIDTH + LEGEND_WIDTH,
            "Accuracy",
            "recognised digits, %",
            scores -> PERCENT * scores.accuracy(),
            "0.#");
    loss.getStyler().setLegendVisible(false);
    BufferedImage both =
        new BufferedImage(2 * WIDTH + LEGEND_WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = both.createGraphics();
    graphics.drawImage(BitmapEncoder.getBufferedImage(loss), 0, 0, null);
    graphics.drawImage(BitmapEncoder.getBufferedImage(accuracy), WIDTH, 0, null);
    graphics.dispose();
    return both;
  }

  private XYChart chart(
      int width,
      String title,
      String yTitle,
      ToDoubleFunction<TrainingRun.Scores> figure,
      String yPattern) {
    TrainingPlan plan = results.plan();
    XYChart chart =
        new XYChartBuilder()
            .width(width)
            .height(HEIGHT)
            .title(
                title
                    + ": mean over "
                    + plan.seeds()
                    + (plan.seeds() == 1 ? " seed" : " seeds (thin: each seed)")
                    + ", p = "
                    + plan.p())
            .xAxisTitle("epoch")
            .yAxisTitle(yTitle)
            .build();
    style(chart);
    chart.getStyler().setYAxisDecimalPattern(yPattern);
    double least = Double.MAX_VALUE;
    double most = -Double.MAX_VALUE;
    for (Variant variant : Variant.values()) {
      List<TrainingRun> runs =
          results.runs().stream().filter(run -> run.variant() == variant).toList();
      if (runs.size() > 1) {
        for (TrainingRun run : runs) {
          XYSeries thin =
              add(chart, variant, "seed " + run.seed(), List.of(run), validation(figure), THIN);
          thin.setShowInLegend(false);
          thin.setLineColor(faint(COLORS.get(variant)));
        }
      }
    }
    for (Variant variant : Variant.values()) {
      List<TrainingRun> runs =
          results.runs().stream().filter(run -> run.variant() == variant).toList();
      for (XYSeries series :
          List.of(
              add(chart, variant, "validation", runs, validation(figure), SOLID),
              add(chart, variant, "training", runs, training(figure), DASHED))) {
        double[] y = series.getYData();
        for (int i = (int) Math.ceil(SKIPPED_PART * y.length); i < y.length; i++) {
          least = Math.min(least, y[i]);
          most = Math.max(most, y[i]);
        }
      }
    }
    double margin = Math.max(0.05 * (most - least), 1e-3);
    chart.getStyler().setYAxisMin(least - margin).setYAxisMax(most + margin);
    return chart;
  }

  private static Function<TrainingRun.Point, Double> validation(
      ToDoubleFunction<TrainingRun.Scores> figure) {
    return point -> figure.applyAsDouble(point.validation());
  }

  private static Function<TrainingRun.Point, Double> training(
      ToDoubleFunction<TrainingRun.Scores> figure) {
    return point -> figure.applyAsDouble(point.training());
  }

  /** Adds the mean of a figure over runs. */
  private static XYSeries add(
      XYChart chart,
      Variant variant,
      String what,
      List<TrainingRun> runs,
      Function<TrainingRun.Point, Double> figure,
      BasicStroke stroke) {
    int points = runs.getFirst().points().size();
    double[] x = new double[points];
    double[] y = new double[points];
    for (int i = 0; i < points; i++) {
      x[i] = runs.getFirst().points().get(i).epoch();
      for (TrainingRun run : runs) {
        y[i] += figure.apply(run.points().get(i)) / runs.size();
      }
    }
    XYSeries series = chart.addSeries(variant.label() + ", " + what, x, y);
    series.setMarker(SeriesMarkers.NONE);
    series.setLineColor(COLORS.get(variant));
    series.setLineStyle(stroke);
    return series;
  }

  private static Color faint(Color color) {
    int mixed = 2;
    return new Color(
        (color.getRed() + mixed * 255) / (mixed + 1),
        (color.getGreen() + mixed * 255) / (mixed + 1),
        (color.getBlue() + mixed * 255) / (mixed + 1));
  }

  private static void style(XYChart chart) {
    Font font = new Font(Font.SANS_SERIF, Font.PLAIN, 13);
    chart
        .getStyler()
        .setAxisTitleFont(font)
        .setAxisTickLabelsFont(font)
        .setXAxisMin(0.0)
        .setPlotGridLinesColor(new Color(0xE0, 0xE0, 0xE0))
        .setChartBackgroundColor(Color.WHITE)
        .setChartTitleFont(new Font(Font.SANS_SERIF, Font.BOLD, 16))
        .setLegendFont(font)
        .setLegendPosition(LegendPosition.OutsideE)
        .setPlotBorderVisible(false);
  }
}
