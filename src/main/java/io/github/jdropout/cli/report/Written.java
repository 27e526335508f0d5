package io.github.jdropout.cli.report;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What writing a report came to.
 *
 * @param files that are there now, complete
 * @param problems why charts are missing, a line each; empty if none is
 */
public record Written(List<Path> files, List<String> problems) {
  /** Copies the lists. */
  public Written {
    files = List.copyOf(files);
    problems = List.copyOf(problems);
  }

  /** Returns both together. */
  public Written and(Written other) {
    List<Path> allFiles = new ArrayList<>(files);
    allFiles.addAll(other.files);
    List<String> allProblems = new ArrayList<>(problems);
    other.problems.stream().filter(line -> !problems.contains(line)).forEach(allProblems::add);
    return new Written(allFiles, allProblems);
  }
}
