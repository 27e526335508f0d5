package io.github.jdropout.cli.report;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Makes an SVG document a part of a page. */
final class Svg {
  private static final Pattern COLOR = Pattern.compile("rgb\\((\\d+),(\\d+),(\\d+)\\)");
  private static final Pattern NUMBER = Pattern.compile("-?\\d+\\.\\d+(E-?\\d+)?");
  private static final Pattern CLIP = Pattern.compile("\\bclip(-?\\d+)");
  private static final Pattern ROOT = Pattern.compile("<svg[^>]*>");
  private static final Pattern VIEW_BOX = Pattern.compile("viewBox=\"[^\"]*\"");

  private Svg() {}

  /**
   * Returns the element that goes into the page.
   *
   * <p>Its colours are the page's variables, its coordinates have two digits behind the point, its
   * identifiers are the chart's own, and readers of screens hear its title.
   *
   * @param document the whole of it, drawn with the light colours of {@link Ink}
   * @param id of the chart
   * @param title of the chart; may hold any characters
   */
  static String inline(String document, String id, String title) {
    Matcher root = ROOT.matcher(document);
    Matcher viewBox = VIEW_BOX.matcher(document);
    if (!root.find() || !viewBox.find()) {
      throw new IllegalArgumentException("document must have an svg element with a viewBox");
    }
    String body = document.substring(root.end()).replaceAll(">\\s+<", "><").strip();
    body = NUMBER.matcher(body).replaceAll(match -> rounded(match.group()));
    body = COLOR.matcher(body).replaceAll(Svg::variable);
    body = renamed(body, id);
    String titleId = id + "-title";
    return "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" aria-labelledby=\""
        + titleId
        + "\" "
        + viewBox.group()
        + "><title id=\""
        + titleId
        + "\">"
        + Html.escape(title)
        + "</title>"
        + body;
  }

  private static String rounded(String number) {
    return new BigDecimal(number)
        .setScale(2, RoundingMode.HALF_EVEN)
        .stripTrailingZeros()
        .toPlainString();
  }

  private static String variable(MatchResult color) {
    int rgb = 0;
    for (int group = 1; group <= 3; group++) {
      rgb = rgb << 8 | Integer.parseInt(color.group(group));
    }
    for (Ink ink : Ink.values()) {
      if (ink.light() == rgb) {
        return ink.variable();
      }
    }
    return color.group();
  }

  /** The library numbers clip paths anew in each document, with the numbers of objects. */
  private static String renamed(String body, String id) {
    Map<String, Integer> numbers = new HashMap<>();
    return CLIP.matcher(body)
        .replaceAll(match ->
            Matcher.quoteReplacement(
                id + "-clip-" + numbers.computeIfAbsent(match.group(1), _ -> numbers.size())));
  }
}
