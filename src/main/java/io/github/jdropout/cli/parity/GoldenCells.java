package io.github.jdropout.cli.parity;

import io.github.jdropout.parity.GoldenCase;
import io.github.jdropout.parity.GoldenFile;
import io.github.jdropout.parity.Implementation;
import io.github.jdropout.parity.Operation;
import io.github.jdropout.parity.ParityReport.Cell;
import io.github.jdropout.parity.ParityReport.Outcome;
import io.github.jdropout.spec.ElementType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The answers of a golden file as cells: the masks, and each type. */
final class GoldenCells {
  private GoldenCells() {}

  /** Checks an implementation and returns a cell for whatever it can do. */
  static List<Cell> of(GoldenFile file, Implementation implementation) {
    long start = System.nanoTime();
    List<GoldenFile.Mismatch> mismatches = file.check(implementation);
    double seconds = (System.nanoTime() - start) / 1e9;
    List<Optional<ElementType>> kinds = new ArrayList<>();
    if (implementation.operations().contains(Operation.MASK)) {
      kinds.add(Optional.empty());
    }
    if (implementation.operations().contains(Operation.FORWARD)) {
      for (ElementType type : ElementType.values()) {
        if (implementation.types().contains(type) && has(file, type)) {
          kinds.add(Optional.of(type));
        }
      }
    }
    return kinds.stream()
        .map(kind ->
            cell(implementation.name(), file.cases(), mismatches, kind, seconds / kinds.size()))
        .toList();
  }

  private static boolean has(GoldenFile file, ElementType type) {
    return file.cases().stream().anyMatch(given -> given.types().contains(type));
  }

  private static Cell cell(
      String name,
      List<GoldenCase> all,
      List<GoldenFile.Mismatch> mismatches,
      Optional<ElementType> type,
      double seconds) {
    List<GoldenCase> cases =
        all.stream().filter(given -> type.isEmpty() || given.types().contains(type.get())).toList();
    String kind = type.map(given -> "forward " + given.label()).orElse("mask") + " ";
    List<GoldenFile.Mismatch> wrong =
        mismatches.stream().filter(found -> found.mismatch().details().startsWith(kind)).toList();
    String more = wrong.size() > 1 ? ", and " + (wrong.size() - 1) + " more lines" : "";
    return new Cell(
        name,
        "golden",
        type.map(ElementType::label).orElse(""),
        wrong.isEmpty() ? Outcome.PASSED : Outcome.FAILED,
        wrong.stream().findFirst().map(first -> first.what() + more).orElse(""),
        cases.size(),
        cases.stream().mapToLong(GoldenCase::count).sum(),
        seconds,
        wrong.stream().findFirst().map(GoldenFile.Mismatch::mismatch),
        0);
  }
}
