package io.github.jdropout.cli.parity;

import io.github.jdropout.parity.GoldenFile;
import io.github.jdropout.parity.Implementation;
import io.github.jdropout.parity.MaskStatistics;
import io.github.jdropout.parity.Operation;
import io.github.jdropout.parity.ParityCase;
import io.github.jdropout.parity.ParityPlan;
import io.github.jdropout.parity.ParityReport.Cell;
import io.github.jdropout.parity.ParityReport.Mismatch;
import io.github.jdropout.parity.ParityReport.Outcome;
import io.github.jdropout.parity.ParitySuite;
import io.github.jdropout.parity.PlannedCell;
import io.github.jdropout.spec.BackendUnavailableException;
import io.github.jdropout.spec.ElementType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** A job within its JVM. */
final class JobRun {
  private static final long PROGRESS_NANOS = 100_000_000L;

  /** How many elements take as long as what each call costs besides them. */
  private static final long CASE_ELEMENTS = 2000;

  /** Chance that the statistics accuse a perfect mask. */
  private static final double STATISTICS_ERROR = 1e-4;

  private final Variant variant;
  private final Job job;
  private final Consumer<Event> tell;
  private String doing = "start";
  private long lastProgress;

  /**
   * Prepares a job.
   *
   * @param tell receives what happens, in the thread that runs the job
   */
  JobRun(Variant variant, Job job, Consumer<Event> tell) {
    this.variant = variant;
    this.job = job;
    this.tell = tell;
  }

  /** Does the job; whatever goes wrong becomes an event. */
  void run() {
    try {
      Implementations.Found found = Implementations.open(variant, job.acceptsSlow());
      if (found.implementation().isEmpty()) {
        tell.accept(new Event.Unavailable(found.description()));
        return;
      }
      tell.accept(new Event.Started(found.description()));
      Implementation implementation = found.implementation().get().named(variant.name());
      switch (job.task()) {
        case CELLS -> runCells(implementation, found.isSlow());
        case STATISTICS -> runStatistics(implementation);
        case CASE -> runCase(implementation);
        case GOLDEN -> runGolden(implementation);
      }
      tell.accept(new Event.Ended());
    } catch (BackendUnavailableException e) {
      tell.accept(new Event.Unavailable(e.getMessage()));
    } catch (ReflectiveOperationException | IOException | RuntimeException | Error e) {
      tell.accept(new Event.Failed(e.toString(), doing));
    }
  }

  private void runCells(Implementation implementation, boolean isSlow) {
    ParityPlan plan = plan(isSlow ? Job.Depth.QUICK : job.depth());
    ParitySuite suite = ParitySuite.of(implementation, plan);
    List<PlannedCell> cells = suite.cells();
    double whole = cells.stream().mapToDouble(JobRun::work).sum();
    double before = 0;
    for (int i = 0; i < cells.size(); i++) {
      PlannedCell cell = cells.get(i);
      String type = cell.type().map(label -> " " + label.label()).orElse("");
      progress(
          before / whole,
          cell.operation().label() + type + ", cell " + (i + 1) + " of " + cells.size());
      double start = before;
      double perElement = work(cell) / Math.max(1, cell.elements());
      AtomicLong done = new AtomicLong();
      Cell result =
          suite.run(
              cell,
              elements -> progress((start + perElement * done.addAndGet(elements)) / whole, doing));
      tell.accept(new Event.Finished(result));
      before += work(cell);
    }
  }

  /** Estimates the work of a cell in the time of an element. */
  private static double work(PlannedCell cell) {
    return cell.elements() + (double) CASE_ELEMENTS * cell.cases();
  }

  private ParityPlan plan(Job.Depth depth) {
    ParityPlan plan =
        switch (depth) {
          case QUICK -> ParityPlan.quick();
          case STANDARD -> ParityPlan.standard();
          case EXHAUSTIVE -> ParityPlan.exhaustive(job.elementsPerCell());
        };
    return plan.withSeed(job.seed()).only(operations(), types());
  }

  /** Products are checked once for each binding of cuBLAS, not with each launch of the kernels. */
  private Set<Operation> operations() {
    Set<Operation> chosen = EnumSet.allOf(Operation.class);
    if (!job.operations().isEmpty()) {
      chosen.removeIf(operation -> !job.operations().contains(operation.label()));
    }
    switch (variant.source()) {
      case PRODUCTS -> chosen.retainAll(EnumSet.of(Operation.PRODUCT));
      case DEVICE -> chosen.remove(Operation.PRODUCT);
      case BACKEND, CLASS -> {}
    }
    return chosen;
  }

  private Set<ElementType> types() {
    Set<ElementType> chosen = EnumSet.allOf(ElementType.class);
    if (!job.types().isEmpty()) {
      chosen.removeIf(type -> !job.types().contains(type.label()));
    }
    return chosen;
  }

  private void runStatistics(Implementation implementation) {
    if (!implementation.operations().contains(Operation.MASK)) {
      return;
    }
    progress(0, "randomness");
    int elements =
        switch (job.depth()) {
          case QUICK -> 1 << 20;
          case STANDARD -> 1 << 22;
          case EXHAUSTIVE -> 1 << 26;
        };
    MaskStatistics.test(implementation, job.seed(), STATISTICS_ERROR, elements)
        .forEach(test -> tell.accept(new Event.Tested(test)));
  }

  private void runCase(Implementation implementation) {
    ParityCase given = ParityCase.parse(job.argument().orElseThrow());
    progress(0, given.operation().label());
    if (!implementation.operations().contains(given.operation())
        || !given.type().map(implementation.types()::contains).orElse(true)) {
      tell.accept(new Event.Unavailable("it has not the case's operation or type"));
      return;
    }
    ParitySuite suite = ParitySuite.of(implementation, plan(Job.Depth.QUICK));
    long start = System.nanoTime();
    Optional<Mismatch> mismatch = suite.run(given);
    Cell cell =
        new Cell(
            implementation.name(),
            given.operation().label(),
            given.type().map(ElementType::label).orElse(""),
            mismatch.isPresent() ? Outcome.FAILED : Outcome.PASSED,
            mismatch.map(JobRun::reason).orElse(""),
            1,
            given.elements(),
            (System.nanoTime() - start) / 1e9,
            mismatch,
            0);
    tell.accept(new Event.Finished(cell));
  }

  private static String reason(Mismatch mismatch) {
    return mismatch.actual().isEmpty()
        ? "the call failed, see below"
        : "element " + mismatch.index() + " differs";
  }

  private void runGolden(Implementation implementation) throws IOException {
    progress(0, "golden file");
    GoldenFile file = GoldenFile.read(Path.of(job.argument().orElseThrow()));
    GoldenCells.of(file, implementation).forEach(cell -> tell.accept(new Event.Finished(cell)));
  }

  private void progress(double part, String what) {
    long now = System.nanoTime();
    if (!what.equals(doing) || now - lastProgress >= PROGRESS_NANOS) {
      lastProgress = now;
      doing = what;
      tell.accept(new Event.Progress(part, what));
    }
  }
}
