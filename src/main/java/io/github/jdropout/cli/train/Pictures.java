package io.github.jdropout.cli.train;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;
import javax.imageio.ImageIO;

/** Draws the pictures without a display. */
public final class Pictures {
  private final Results results;

  /** Creates the pictures of an experiment. */
  public Pictures(Results results) {
    this.results = results;
    System.setProperty("java.awt.headless", "true");
  }

  /**
   * Draws the curves of loss and accuracy.
   *
   * @return why it could not be drawn; empty when the file is there
   */
  public Optional<String> drawCurves(Path file) throws IOException {
    return draw(() -> CurveChart.draw(results), file);
  }

  /**
   * Draws the digits the network is least sure of.
   *
   * @return why it could not be drawn; empty when the file is there
   */
  public Optional<String> drawUncertainDigits(Path file) throws IOException {
    return draw(() -> DigitPicture.draw(results), file);
  }

  static Optional<String> draw(Supplier<BufferedImage> picture, Path file) throws IOException {
    BufferedImage image;
    try {
      image = picture.get();
    } catch (LinkageError | InternalError | RuntimeException e) {
      // AWT fails like this on a machine without fonts or their libraries.
      Throwable cause = e.getCause() != null ? e.getCause() : e;
      return Optional.of(file.getFileName() + " could not be drawn, are fonts installed? " + cause);
    }
    ImageIO.write(image, "png", file.toFile());
    return Optional.empty();
  }
}
