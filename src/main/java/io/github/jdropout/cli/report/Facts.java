package io.github.jdropout.cli.report;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Names and values under a title.
 *
 * @param title of them all
 * @param facts in order
 */
record Facts(String title, List<Fact> facts) {
  private static final Pattern HUMP = Pattern.compile("(?<=[a-z])[A-Z](?=[a-z])");

  /** Returns what a result file says, whose names become words. */
  static Facts of(String title, Map<String, String> facts) {
    return new Facts(
        title,
        facts.entrySet().stream()
            .map(fact -> new Fact(words(fact.getKey()), String.valueOf(fact.getValue())))
            .toList());
  }

  private static String words(String name) {
    return HUMP.matcher(name)
        .replaceAll(hump -> " " + hump.group().toLowerCase(Locale.ROOT))
        .replace("mhz", "MHz");
  }

  /** A name and its value. */
  record Fact(String name, String value) {}

  /**
   * A figure that matters most.
   *
   * @param value large
   * @param label below
   */
  record Tile(String value, String label) {}
}
