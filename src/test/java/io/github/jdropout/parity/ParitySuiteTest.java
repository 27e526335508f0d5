package io.github.jdropout.parity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jdropout.DropoutBackends;
import io.github.jdropout.backend.BackendId;
import io.github.jdropout.parity.ParityReport.Cell;
import io.github.jdropout.parity.ParityReport.Outcome;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.testing.Backends;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is right passes, and is all compared. */
class ParitySuiteTest {
  private static final Set<ElementType> ALL_TYPES = EnumSet.allOf(ElementType.class);

  private static Implementation scalar() {
    return Implementation.of(DropoutBackends.get(BackendId.SCALAR));
  }

  @Test
  void theReferenceBackendPassesEveryCell() {
    ParitySuite suite = ParitySuite.of(scalar(), ParityPlan.quick());
    assertEquals(41, suite.cells().size());
    for (PlannedCell cell : suite.cells()) {
      AtomicLong told = new AtomicLong();
      Cell result = suite.run(cell, told::addAndGet);
      assertEquals(Outcome.PASSED, result.outcome(), result::toString);
      assertEquals(Optional.empty(), result.mismatch());
      assertEquals("", result.reason());
      assertEquals("scalar", result.implementation());
      assertEquals(cell.operation().label(), result.operation());
      assertEquals(cell.cases(), result.cases());
      assertEquals(cell.elements(), result.elements());
      assertEquals(cell.elements(), told.get());
      boolean isBounded = cell.operation() == Operation.PRODUCT;
      assertEquals(isBounded, result.worstOfBound() > 0, result::toString);
      assertTrue(result.worstOfBound() <= 1, result::toString);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"VECTOR", "FFM"})
  void otherBackendsPass(BackendId id) {
    Backends.assumeAvailable(id);
    ParityPlan plan =
        ParityPlan.quick()
            .only(
                EnumSet.of(Operation.IN_PLACE, Operation.MASK, Operation.EPILOGUE),
                EnumSet.of(ElementType.F16));
    ParitySuite suite = ParitySuite.of(Implementation.of(DropoutBackends.get(id)), plan);
    assertEquals(3, suite.cells().size());
    for (PlannedCell cell : suite.cells()) {
      Cell result = suite.run(cell, _ -> {});
      assertEquals(Outcome.PASSED, result.outcome(), result::toString);
    }
  }

  @Test
  void plansGrowAndRepeatThemselves() {
    Implementation scalar = scalar();
    List<PlannedCell> quick = ParityPlan.quick().cells(scalar);
    List<PlannedCell> standard = ParityPlan.standard().cells(scalar);
    List<PlannedCell> exhaustive = ParityPlan.exhaustive(10_000_000).cells(scalar);
    assertEquals(standard, ParityPlan.standard().cells(scalar));
    assertNotEquals(standard, ParityPlan.standard().withSeed(1).cells(scalar));
    for (int i = 0; i < quick.size(); i++) {
      assertTrue(quick.get(i).cases() < standard.get(i).cases());
      assertTrue(standard.get(i).elements() < exhaustive.get(i).elements());
      assertTrue(exhaustive.get(i).elements() >= 10_000_000);
      assertTrue(
          exhaustive.get(i).calls().stream().mapToLong(ParityCase::elements).max().orElseThrow()
              < 6_000_000);
    }
  }

  @Test
  void aLargeCallIsComparedToo() {
    ParitySuite suite = ParitySuite.of(scalar(), ParityPlan.quick());
    String large = "forward bf16 count=4194309 first=34359000001 p=0.3 threads=2";
    assertEquals(Optional.empty(), suite.run(ParityCase.parse(large)));
  }

  @Test
  void anInterruptEndsACell() {
    ParitySuite suite =
        ParitySuite.of(scalar(), ParityPlan.quick().only(EnumSet.of(Operation.FORWARD), ALL_TYPES));
    PlannedCell cell = suite.cells().getFirst();
    AtomicLong calls = new AtomicLong();
    Cell result =
        suite.run(
            cell,
            _ -> {
              if (calls.incrementAndGet() == 5) {
                Thread.currentThread().interrupt();
              }
            });
    assertTrue(Thread.interrupted());
    assertEquals(Outcome.SKIPPED, result.outcome());
    assertEquals("interrupted after 5 of " + cell.cases() + " cases", result.reason());
    assertEquals(5, result.cases());
  }

  @Test
  void whatAnImplementationCannotDoIsRefused() {
    Implementation floats =
        Implementation.ofFloats("copy", (seed, stream, first, p, input) -> input.clone());
    assertEquals(EnumSet.of(Operation.FORWARD, Operation.MASK), floats.operations());
    ParitySuite suite = ParitySuite.of(floats, ParityPlan.quick());
    assertEquals(2, suite.cells().size());
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> suite.run(ParityCase.parse("forward f16 count=5")));
    assertTrue(
        e.getMessage()
            .startsWith("case must be of what copy can do, [forward, mask] on [f32], but is"),
        e.getMessage());
  }
}
