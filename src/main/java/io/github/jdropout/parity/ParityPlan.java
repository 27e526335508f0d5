package io.github.jdropout.parity;

import io.github.jdropout.spec.ElementType;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * How much is compared. Equal plans make equal cases.
 *
 * <p>Every plan has combinations of sizes, probabilities, keys, indices, places and threads in
 * which each two values of two of these meet.
 *
 * @param isBrief whether these have fewer values, about half
 * @param randomCases calls of each cell at random sizes, keys and indices
 * @param elementsPerCell that a cell has at least
 * @param seed of everything that is random
 * @param operations those to check
 * @param types likewise
 */
public record ParityPlan(
    boolean isBrief,
    int randomCases,
    long elementsPerCell,
    long seed,
    Set<Operation> operations,
    Set<ElementType> types) {
  private static final long USUAL_SEED = 20_26;

  private static final int STANDARD_RANDOM_CASES = 160;

  /** Copies the sets and checks the ranges. */
  public ParityPlan {
    if (randomCases < 0 || elementsPerCell < 0) {
      throw new IllegalArgumentException(
          "randomCases and elementsPerCell must be at least 0 but are "
              + randomCases
              + " and "
              + elementsPerCell);
    }
    operations = Set.copyOf(operations);
    types = Set.copyOf(types);
  }

  private static ParityPlan all(boolean isBrief, int randomCases, long elementsPerCell) {
    return new ParityPlan(
        isBrief,
        randomCases,
        elementsPerCell,
        USUAL_SEED,
        EnumSet.allOf(Operation.class),
        EnumSet.allOf(ElementType.class));
  }

  /** Returns a plan of a few seconds: combinations of few values. */
  public static ParityPlan quick() {
    return all(true, 0, 0);
  }

  /** Returns a plan of some ten seconds: random calls besides. */
  public static ParityPlan standard() {
    return all(false, STANDARD_RANDOM_CASES, 0);
  }

  /**
   * Returns a plan that goes on with large calls.
   *
   * @param elementsPerCell that each cell has at least
   * @throws IllegalArgumentException if it is negative
   */
  public static ParityPlan exhaustive(long elementsPerCell) {
    return all(false, STANDARD_RANDOM_CASES, elementsPerCell);
  }

  /** Returns the same with other random numbers. */
  public ParityPlan withSeed(long newSeed) {
    return new ParityPlan(isBrief, randomCases, elementsPerCell, newSeed, operations, types);
  }

  /** Returns the same for some operations and types. */
  public ParityPlan only(Set<Operation> chosenOperations, Set<ElementType> chosenTypes) {
    return new ParityPlan(
        isBrief, randomCases, elementsPerCell, seed, chosenOperations, chosenTypes);
  }

  /** Returns the cells that an implementation can run. */
  List<PlannedCell> cells(Implementation implementation) {
    CasePlanner planner = new CasePlanner(this);
    List<PlannedCell> cells = new ArrayList<>();
    for (Operation operation : Operation.values()) {
      if (!operations.contains(operation) || !implementation.operations().contains(operation)) {
        continue;
      }
      if (operation.types().isEmpty()) {
        cells.add(new PlannedCell(operation, Optional.empty(), planner.cases(operation, null)));
      }
      for (ElementType type : operation.types()) {
        if (types.contains(type) && implementation.types().contains(type)) {
          cells.add(new PlannedCell(operation, Optional.of(type), planner.cases(operation, type)));
        }
      }
    }
    return cells;
  }
}
