package io.github.jdropout.cli.report;

import java.util.List;
import java.util.Map;

/**
 * Names and values under a title.
 *
 * @param title of them all
 * @param facts in order
 */
record Facts(String title, List<Fact> facts) {
  static Facts of(String title, Map<String, String> facts) {
    return new Facts(
        title,
        facts.entrySet().stream()
            .map(fact -> new Fact(fact.getKey(), String.valueOf(fact.getValue())))
            .toList());
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
