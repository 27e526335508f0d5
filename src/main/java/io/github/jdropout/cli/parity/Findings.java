package io.github.jdropout.cli.parity;

import io.github.jdropout.parity.ParityReport;
import io.github.jdropout.parity.ParityReport.Cell;
import io.github.jdropout.parity.ParityReport.Outcome;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/** What the variants of a run have found so far; safe for use by several threads. */
final class Findings {
  private final List<Variant> variants;
  private final Map<Variant, List<Cell>> cells = new LinkedHashMap<>();
  private final List<ParityReport.StatisticalTest> statistics = new ArrayList<>();
  private final Map<String, String> descriptions = new LinkedHashMap<>();
  private final Map<String, String> obstacles = new HashMap<>();

  /**
   * Creates a collection without findings.
   *
   * @param variants in the order of the report
   */
  Findings(List<Variant> variants) {
    this.variants = variants;
    variants.forEach(variant -> cells.put(variant, new ArrayList<>()));
  }

  /** Adds a cell, with the variant's name and options in it. */
  synchronized void add(Variant variant, Cell cell) {
    cells.get(variant).add(Replay.complete(cell, variant));
  }

  /**
   * Adds that a variant has nothing to show.
   *
   * @param operation that was to be done; empty for all
   */
  void addWithoutCells(Variant variant, String operation, Outcome outcome, String reason) {
    add(variant, withoutCells(variant.name(), operation, outcome, reason));
  }

  private static Cell withoutCells(
      String variant, String operation, Outcome outcome, String reason) {
    return new Cell(variant, operation, "", outcome, reason, 0, 0, 0, Optional.empty(), 0);
  }

  synchronized void add(ParityReport.StatisticalTest test) {
    statistics.add(test);
  }

  /** Adds that a variant can run, and with what. */
  synchronized void addDescription(Variant variant, String description) {
    descriptions.put(variant.name(), description);
  }

  /** Adds why the variants of this one's group cannot run. */
  synchronized void addObstacle(Variant variant, String reason) {
    obstacles.putIfAbsent(variant.group(), reason);
  }

  /** Returns why a variant cannot run, as far as others have found out: a JVM less to start. */
  synchronized Optional<String> obstacle(Variant variant) {
    Stream<String> ofGroups =
        obstacles.entrySet().stream()
            .filter(obstacle -> variant.dependsOn(obstacle.getKey()))
            .map(Map.Entry::getValue);
    Stream<String> ofFamily =
        variants.stream()
            .filter(other -> other.family().equals(variant.family()))
            .map(other -> descriptions.get(other.name()))
            .filter(Objects::nonNull)
            .flatMap(description -> variant.missingIn(description).stream());
    return Stream.concat(ofGroups, ofFamily).findFirst();
  }

  /**
   * Makes a failure of a name that could not run, if none of that name could.
   *
   * @param name of a variant, or of a family: no processor has every width and instruction set
   */
  synchronized void require(String name) {
    List<Variant> wanted = variants.stream().filter(variant -> variant.isNamed(name)).toList();
    if (wanted.stream().noneMatch(variant -> descriptions.containsKey(variant.name()))) {
      wanted.forEach(variant -> cells.get(variant).replaceAll(Findings::failed));
    }
  }

  private static Cell failed(Cell cell) {
    return cell.outcome() == Outcome.SKIPPED
        ? withoutCells(
            cell.implementation(),
            cell.operation(),
            Outcome.FAILED,
            "required but cannot run: " + cell.reason())
        : cell;
  }

  /** Returns the cells, in the order of the variants. */
  synchronized List<Cell> cells() {
    return cells.values().stream().flatMap(List::stream).toList();
  }

  /** Returns the cells of a variant. */
  synchronized List<Cell> cells(Variant variant) {
    return List.copyOf(cells.get(variant));
  }

  /** Returns the statistical tests. */
  synchronized List<ParityReport.StatisticalTest> statistics() {
    return List.copyOf(statistics);
  }

  /** Returns what each variant that could run computed with, by name. */
  synchronized Map<String, String> descriptions() {
    return new LinkedHashMap<>(descriptions);
  }
}
