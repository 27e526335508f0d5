package io.github.jdropout.examples;

import io.github.jdropout.parity.Implementation;
import io.github.jdropout.parity.MaskStatistics;
import io.github.jdropout.parity.ParityPlan;
import io.github.jdropout.parity.ParityReport;
import io.github.jdropout.parity.ParityReport.StatisticalTest;
import io.github.jdropout.parity.ParitySuite;
import io.github.jdropout.parity.PlannedCell;
import java.util.ArrayList;
import java.util.List;

/** A kernel of one's own, held against the contract. */
final class OwnKernelExample {
  interface MyKernel {
    float[] drop(long seed, long stream, long first, int count, double p, float[] input);
  }

  static List<String> check(MyKernel kernel) {
    Implementation mine =
        Implementation.ofFloats(
            "my kernel",
            (seed, stream, first, p, input) ->
                kernel.drop(seed, stream, first, input.length, p, input));
    List<String> faults = new ArrayList<>();
    ParitySuite suite = ParitySuite.of(mine, ParityPlan.quick());
    for (PlannedCell cell : suite.cells()) {
      ParityReport.Cell result = suite.run(cell, _ -> {});
      result.mismatch().ifPresent(first -> faults.add(result.operation() + ": " + first));
    }
    for (StatisticalTest test : MaskStatistics.test(mine, 42, 1e-4)) {
      if (!test.passed()) {
        faults.add(test.toString());
      }
    }
    return faults;
  }

  private OwnKernelExample() {}
}
