package io.github.jdropout.cli.train;

import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.Locale;

/** The digits the network is least sure of, each with its distribution and spread. */
final class DigitPicture {
  private static final int COLUMNS = 3;
  private static final int CELL_WIDTH = 460;
  private static final int CELL_HEIGHT = 205;
  private static final int HEADER = 76;
  private static final int MARGIN = 24;
  private static final int PIXEL = 18;
  private static final int CAPTION = 26;
  private static final int BAR_STEP = 24;
  private static final int BAR_WIDTH = 14;
  private static final int BAR_HEIGHT = 128;

  private static final Color INK = new Color(0x22, 0x22, 0x22);
  private static final Color BAR = new Color(0xB8, 0xC4, 0xCE);
  private static final Color GRID = new Color(0xE0, 0xE0, 0xE0);
  private static final Color TRUE = new Color(0x00, 0x9E, 0x73);
  private static final Color WRONG = new Color(0xD5, 0x5E, 0x00);

  private final Graphics2D graphics;

  private DigitPicture(Graphics2D graphics) {
    this.graphics = graphics;
  }

  static BufferedImage draw(Results results) {
    List<UncertainDigit> digits = results.uncertain();
    int rows = (digits.size() + COLUMNS - 1) / COLUMNS;
    BufferedImage image =
        new BufferedImage(
            COLUMNS * CELL_WIDTH + MARGIN, HEADER + rows * CELL_HEIGHT, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    graphics.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    graphics.setColor(Color.WHITE);
    graphics.fillRect(0, 0, image.getWidth(), image.getHeight());
    DigitPicture picture = new DigitPicture(graphics);
    picture.header(results);
    for (int i = 0; i < digits.size(); i++) {
      picture.cell(
          digits.get(i), MARGIN + i % COLUMNS * CELL_WIDTH, HEADER + i / COLUMNS * CELL_HEIGHT);
    }
    graphics.dispose();
    return image;
  }

  private void header(Results results) {
    text("Monte-Carlo dropout: the validation digits the network is least sure of", Font.BOLD, 17);
    graphics.drawString(
        String.format(
            Locale.ROOT,
            "Bars: probability, mean of %d passes with dropout (p = %s). Lines: ± 1 standard"
                + " deviation. Green: the true digit. Orange: a wrong prediction.",
            results.plan().samples(),
            results.plan().p()),
        MARGIN,
        54);
  }

  private void text(String title, int style, int size) {
    graphics.setColor(INK);
    graphics.setFont(new Font(Font.SANS_SERIF, style, size));
    graphics.drawString(title, MARGIN, 30);
    graphics.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 13));
  }

  private void cell(UncertainDigit digit, int left, int top) {
    boolean isRight = digit.predicted() == digit.label();
    graphics.setColor(isRight ? INK : WRONG);
    graphics.drawString(
        String.format(
            Locale.ROOT,
            "true %d, predicted %d with %.2f ± %.2f",
            digit.label(),
            digit.predicted(),
            digit.mean().get(digit.predicted()),
            digit.sd().get(digit.predicted())),
        left,
        top + 16);
    pixels(digit, left, top + CAPTION);
    int barsLeft = left + Digits.SIDE * PIXEL + 2 * MARGIN;
    scale(barsLeft, top + CAPTION);
    for (int i = 0; i < Digits.CLASSES; i++) {
      Color color = i == digit.label() ? TRUE : i == digit.predicted() ? WRONG : BAR;
      bar(
          i,
          digit.mean().get(i),
          digit.sd().get(i),
          color,
          barsLeft + i * BAR_STEP,
          top + CAPTION + BAR_HEIGHT);
    }
  }

  private void pixels(UncertainDigit digit, int left, int top) {
    for (int i = 0; i < Digits.PIXELS; i++) {
      int gray = Math.round(255 * (1 - digit.pixels().get(i)));
      graphics.setColor(new Color(gray, gray, gray));
      graphics.fillRect(
          left + i % Digits.SIDE * PIXEL, top + i / Digits.SIDE * PIXEL, PIXEL, PIXEL);
    }
    graphics.setColor(BAR);
    graphics.drawRect(left, top, Digits.SIDE * PIXEL, Digits.SIDE * PIXEL);
  }

  /** Lines at the probabilities 0.5 and 1. */
  private void scale(int left, int top) {
    for (int half = 0; half < 2; half++) {
      int y = top + half * BAR_HEIGHT / 2;
      graphics.setColor(GRID);
      graphics.drawLine(left - 4, y, left + Digits.CLASSES * BAR_STEP - BAR_STEP / 2, y);
      graphics.setColor(INK);
      graphics.drawString(half == 0 ? "1" : "0.5", left - (half == 0 ? 14 : 27), y + 5);
    }
  }

  private void bar(int label, double mean, double sd, Color color, int left, int bottom) {
    int height = (int) Math.round(mean * BAR_HEIGHT);
    graphics.setColor(color);
    graphics.fillRect(left, bottom - height, BAR_WIDTH, height);
    int middle = left + BAR_WIDTH / 2;
    int low = bottom - (int) Math.round(Math.max(0, mean - sd) * BAR_HEIGHT);
    int high = bottom - (int) Math.round(Math.min(1, mean + sd) * BAR_HEIGHT);
    graphics.setColor(INK);
    graphics.drawLine(middle, low, middle, high);
    graphics.drawLine(left - 3, bottom, left + BAR_WIDTH + 3, bottom);
    graphics.drawString(Integer.toString(label), middle - 4, bottom + 16);
  }
}
