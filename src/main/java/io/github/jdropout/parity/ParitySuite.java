package io.github.jdropout.parity;

import io.github.jdropout.parity.CaseResult.Difference;
import io.github.jdropout.parity.ParityReport.Cell;
import io.github.jdropout.parity.ParityReport.Mismatch;
import io.github.jdropout.parity.ParityReport.Outcome;
import io.github.jdropout.process.ShellWord;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.MaskKey;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.LongConsumer;

/**
 * Runs an implementation against the reference and compares raw bits; for products, bounds.
 *
 * <pre>{@code
 * ParitySuite suite = ParitySuite.of(implementation, ParityPlan.quick());
 * for (PlannedCell cell : suite.cells()) {
 *   ParityReport.Cell result = suite.run(cell, elements -> {});
 * }
 * }</pre>
 *
 * <p>Any NaN equals any other, but where the contract wants the input's bits. Memory around the
 * operands is checked, and that inputs are what they were. Safe for use by several threads.
 */
public final class ParitySuite {
  private final Implementation implementation;
  private final List<PlannedCell> cells;
  private final Tables tables = new Tables();

  private ParitySuite(Implementation implementation, ParityPlan plan) {
    this.implementation = Objects.requireNonNull(implementation, "implementation");
    this.cells = List.copyOf(plan.cells(implementation));
  }

  /** Returns the suite of what the plan has and the implementation can do. */
  public static ParitySuite of(Implementation implementation, ParityPlan plan) {
    return new ParitySuite(implementation, plan);
  }

  /** Returns the cells, always the same for equal plans and equal abilities. */
  public List<PlannedCell> cells() {
    return cells;
  }

  /**
   * Runs a cell up to its first difference.
   *
   * <p>An interrupt of the thread ends it after the call that is running; the result then has what
   * was compared and is skipped, with that reason. The thread stays interrupted.
   *
   * @param elementsDone is told after each call how many elements it had
   */
  public Cell run(PlannedCell cell, LongConsumer elementsDone) {
    long start = System.nanoTime();
    long cases = 0;
    long elements = 0;
    double worst = 0;
    Outcome outcome = Outcome.PASSED;
    String reason = "";
    Optional<Mismatch> mismatch = Optional.empty();
    try (Session session = new Session(implementation.subject(), tables)) {
      for (ParityCase given : cell.calls()) {
        if (Thread.currentThread().isInterrupted()) {
          outcome = Outcome.SKIPPED;
          reason = "interrupted after " + cases + " of " + cell.cases() + " cases";
          break;
        }
        CaseResult result = session.run(given);
        cases++;
        elements += given.elements();
        elementsDone.accept(given.elements());
        worst = Math.max(worst, result.worstOfBound());
        if (result.difference().isPresent()) {
          outcome = Outcome.FAILED;
          mismatch = Optional.of(mismatch(given, result.difference().get()));
          reason = reason(result.difference().get());
          break;
        }
      }
    }
    return new Cell(
        implementation.name(),
        cell.operation().label(),
        cell.type().map(ElementType::label).orElse(""),
        outcome,
        reason,
        cases,
        elements,
        (System.nanoTime() - start) / 1e9,
        mismatch,
        worst);
  }

  /**
   * Runs a single case.
   *
   * @return the first difference
   * @throws IllegalArgumentException if the implementation has not the case's operation or type
   */
  public Optional<Mismatch> run(ParityCase given) {
    boolean hasType = given.type().map(implementation.types()::contains).orElse(true);
    if (!implementation.operations().contains(given.operation()) || !hasType) {
      throw new IllegalArgumentException(
          "case must be of what "
              + implementation.name()
              + " can do, "
              + implementation.operations().stream().map(Operation::label).toList()
              + " on "
              + implementation.types().stream().map(ElementType::label).toList()
              + ", but is "
              + given);
    }
    try (Session session = new Session(implementation.subject(), tables)) {
      return session.run(given).difference().map(difference -> mismatch(given, difference));
    }
  }

  private static String reason(Difference difference) {
    return difference.what().isEmpty()
        ? "element " + difference.index() + " differs"
        : difference.what();
  }

  private static Mismatch mismatch(ParityCase given, Difference difference) {
    MaskKey key = given.key();
    return new Mismatch(
        key.seed(),
        key.stream(),
        given.spec().p(),
        given.natural(CaseField.FIRST),
        given.elements(),
        difference.index(),
        difference.input(),
        difference.expected(),
        difference.actual(),
        (difference.what().isEmpty() ? "" : difference.what() + "; ") + given.details(),
        "jdropout parity --case " + ShellWord.quoted(given.toString()));
  }
}
