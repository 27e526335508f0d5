package io.github.jdropout.cli.report;

import de.erichseifert.vectorgraphics2d.VectorGraphics2D;
import de.erichseifert.vectorgraphics2d.svg.SVGProcessor;
import de.erichseifert.vectorgraphics2d.util.PageSize;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import javax.imageio.ImageIO;
import org.knowm.xchart.internal.chartpart.Chart;

/** Draws plans with XChart, as a picture or as SVG. */
final class Painter {
  /**
   * Pixels of a picture for each of a chart, so that it is sharp where it is shown half as large.
   */
  private static final int SCALE = 2;

  private Painter() {}

  /** Returns the drawing as SVG, as the library makes it. */
  static String svg(Plan plan) {
    Chart<?, ?> chart = chart(plan, false);
    VectorGraphics2D graphics = new VectorGraphics2D();
    chart.paint(graphics, chart.getWidth(), chart.getHeight());
    PageSize size = new PageSize(0, 0, chart.getWidth(), chart.getHeight());
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      new SVGProcessor().getDocument(graphics.getCommands(), size).writeTo(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  /** Returns the drawing as the bytes of a PNG file. */
  static byte[] png(Plan plan) {
    Chart<?, ?> chart = chart(plan, true);
    int width = chart.getWidth();
    int height = chart.getHeight();
    BufferedImage image =
        new BufferedImage(SCALE * width, SCALE * height, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    graphics.scale(SCALE, SCALE);
    chart.paint(graphics, width, height);
    graphics.dispose();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      ImageIO.setUseCache(false);
      ImageIO.write(image, "png", bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static Chart<?, ?> chart(Plan plan, boolean hasTitle) {
    return switch (plan) {
      case Plan.Bars bars -> BarsChart.of(bars, hasTitle);
      case Plan.Lines lines -> LinesChart.of(lines, hasTitle);
      case Plan.Dots dots -> DotsChart.of(dots, hasTitle);
      case Plan.Grid grid -> GridChart.of(grid, hasTitle);
    };
  }
}
