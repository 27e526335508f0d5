package io.github.jdropout.cli.report;

import java.util.List;

/**
 * What every page has.
 *
 * @param title of the page
 * @param subtitle below it
 * @param problem why charts are missing; empty if they are not
 * @param json the report in full, fit for being embedded
 */
record Page(String title, String subtitle, String problem, String json) {
  static Page of(String title, String subtitle, String json, List<Section> sections) {
    String problem =
        sections.stream()
            .flatMap(section -> section.figures().stream())
            .map(Figure::problem)
            .filter(it -> !it.isEmpty())
            .findFirst()
            .map(it -> "Tables alone: " + it)
            .orElse("");
    return new Page(title, subtitle, problem, Html.embedded(json));
  }

  /** Returns the colours on paper and on a light screen. */
  String light() {
    return Ink.declarations(false);
  }

  /** Returns the colours on a dark screen. */
  String dark() {
    return Ink.declarations(true);
  }

  /** Returns the problem as a list, as {@link Written} has it. */
  List<String> problems() {
    return problem.isEmpty() ? List.of() : List.of(problem);
  }
}
