package io.github.jdropout.cli.report;

import io.github.jdropout.cli.file.FileOutput;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;

/** Draws where that is possible, and says why where it is not. */
final class Drawing {
  private Drawing() {}

  /** Returns the chart for a page, or the reason why it is missing. */
  static Figure figure(Plan plan) {
    Attempt<String> svg = attempt(plan, it -> Svg.inline(Painter.svg(it), it.id(), it.title()));
    return new Figure(
        plan.id(), plan.title(), plan.caption(), svg.result == null ? "" : svg.result, svg.problem);
  }

  /** Writes the chart as a PNG file of twice its size. */
  static Written picture(Plan plan, Path file) throws IOException {
    // Not Painter::png, which would load that class here, outside of the attempt.
    Attempt<byte[]> png = attempt(plan, it -> Painter.png(it));
    if (png.result == null) {
      return new Written(List.of(), List.of(png.problem));
    }
    FileOutput.write(file, png.result);
    return new Written(List.of(file), List.of());
  }

  private static <T> Attempt<T> attempt(Plan plan, Function<Plan, T> draw) {
    System.setProperty("java.awt.headless", "true");
    try {
      return new Attempt<>(draw.apply(plan), "");
    } catch (LinkageError | InternalError | RuntimeException e) {
      // AWT fails like this on a machine without fonts or their libraries, and in a Java without
      // it.
      Throwable cause = e;
      while (cause.getCause() != null) {
        cause = cause.getCause();
      }
      return new Attempt<>(
          null, "charts cannot be drawn here, are there java.desktop and fonts? " + cause);
    }
  }

  /**
   * What came of it.
   *
   * @param result null if it failed
   * @param problem empty if it did not
   */
  private record Attempt<T>(T result, String problem) {}
}
