package io.github.jdropout.parity;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.jdropout.DropoutBackends;
import io.github.jdropout.backend.BackendId;
import io.github.jdropout.parity.ParityReport.Cell;
import io.github.jdropout.parity.ParityReport.Outcome;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.testing.Backends;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The suite on a GPU: the build runs this with the kernels on the host. */
class CudaParityTest {
  @BeforeEach
  void backendIsThere() {
    Backends.assumeAvailable(BackendId.CUDA);
  }

  @Test
  void deviceMemoryPasses() {
    run(Implementation.cuda(), EnumSet.allOf(Operation.class), EnumSet.of(ElementType.BF16));
  }

  @Test
  void hostMemoryPasses() {
    run(
        Implementation.of(DropoutBackends.get(BackendId.CUDA)),
        EnumSet.of(Operation.FORWARD, Operation.MASK, Operation.SHARED_MASK),
        EnumSet.of(ElementType.F32));
  }

  private static void run(
      Implementation implementation, Set<Operation> operations, Set<ElementType> types) {
    ParitySuite suite = ParitySuite.of(implementation, ParityPlan.quick().only(operations, types));
    long expected = operations.stream().filter(implementation.operations()::contains).count();
    assertEquals(expected, suite.cells().size());
    for (PlannedCell cell : suite.cells()) {
      Cell result = suite.run(cell, _ -> {});
      assertEquals(Outcome.PASSED, result.outcome(), result::toString);
    }
  }
}
