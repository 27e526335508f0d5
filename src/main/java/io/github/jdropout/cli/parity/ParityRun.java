package io.github.jdropout.cli.parity;

import io.github.jdropout.parity.ParityReport.Outcome;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Runs variants side by side, each in a JVM of its own, and collects what they find. */
final class ParityRun {
  /** Units of progress of a variant. */
  private static final long UNITS = 1000;

  /** The same of the statistics, which take less time. */
  private static final long STATISTICS_UNITS = 200;

  /** JVMs at a time on a CPU: each has threads of its own for the calls that it checks. */
  private static final int MOST_AT_ONCE = 4;

  /** How long after a JVM's death news of Ctrl-C may arrive. */
  private static final long NEWS_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  private final List<Variant> variants;
  private final Job job;
  private final boolean hasStatistics;
  private final Path crashFolder;
  private final ParityListener listener;
  private final Findings findings;

  private final ExecutorService onCpu =
      Executors.newFixedThreadPool(
          Math.min(MOST_AT_ONCE, Runtime.getRuntime().availableProcessors()));
  private final ExecutorService onGpu = Executors.newSingleThreadExecutor();
  private final Set<Child> children = ConcurrentHashMap.newKeySet();
  private final AtomicInteger cellsDone = new AtomicInteger();
  private volatile boolean isStopped;

  /**
   * Prepares a run.
   *
   * @param variants to run, in the order of the report
   * @param job of each
   * @param hasStatistics whether the first that can run also tests its mask's randomness
   * @param crashFolder where the reports of crashed JVMs go
   * @param listener is told what happens
   */
  ParityRun(
      List<Variant> variants,
      Job job,
      boolean hasStatistics,
      Path crashFolder,
      ParityListener listener) {
    this.variants = List.copyOf(variants);
    this.job = job;
    this.hasStatistics = hasStatistics;
    this.crashFolder = crashFolder;
    this.listener = listener;
    this.findings = new Findings(this.variants);
  }

  /** Returns how many units of progress {@link #run} will report, or drop. */
  static long units(int variants, boolean hasStatistics) {
    return UNITS * variants + (hasStatistics ? STATISTICS_UNITS : 0);
  }

  /** Runs all variants; returns early after {@link #stop()}. */
  Findings run() {
    boolean hasProducts = false;
    for (Variant variant : variants) {
      Job what = job.lightenedFor(variant);
      // On the CPU the same code multiplies for every backend, so a quick run looks at it once.
      boolean isRepetition = hasProducts && job.depth() == Job.Depth.QUICK && !variant.isOnGpu();
      Turn turn = new Turn(variant, isRepetition ? what.withoutProducts() : what, UNITS);
      executor(variant).execute(turn::run);
      hasProducts |= variant.source() == Variant.Source.BACKEND;
    }
    if (hasStatistics) {
      executor(variants.getFirst()).execute(this::runStatistics);
    }
    onCpu.close();
    onGpu.close();
    return findings;
  }

  private ExecutorService executor(Variant variant) {
    return variant.isOnGpu() ? onGpu : onCpu;
  }

  /** Tests one mask, which is as good as another: they are compared. Products have none. */
  private void runStatistics() {
    for (Variant variant : variants) {
      if (isStopped) {
        return;
      }
      if (variant.source() != Variant.Source.PRODUCTS && findings.obstacle(variant).isEmpty()) {
        Turn turn = new Turn(variant, job.withTask(Job.Task.STATISTICS), STATISTICS_UNITS);
        turn.runChild();
        if (findings.obstacle(variant).isEmpty()) {
          turn.end();
          return;
        }
      }
    }
    listener.dropped(STATISTICS_UNITS);
  }

  /** Ends all JVMs and starts no more; {@link #run} returns soon. */
  void stop() {
    isStopped = true;
    children.forEach(Child::destroy);
  }

  /** Returns whether {@link #stop()} has been called. */
  boolean isStopped() {
    return isStopped;
  }

  /** One JVM, from its start to its end. */
  private final class Turn {
    private final Variant variant;
    private final Job what;
    private final long units;
    private final boolean isStatistics;
    private long unitsDone;
    private boolean isSkipped;

    Turn(Variant variant, Job what, long units) {
      this.variant = variant;
      this.what = what;
      this.units = units;
      this.isStatistics = what.task() == Job.Task.STATISTICS;
    }

    void run() {
      Optional<String> obstacle = findings.obstacle(variant);
      if (isStopped) {
        addWithoutCells(Outcome.SKIPPED, "interrupted before its start");
      } else if (obstacle.isPresent()) {
        addWithoutCells(Outcome.SKIPPED, obstacle.get());
      } else {
        runChild();
      }
      end();
      listener.ended(findings.cells(variant));
    }

    /** Reports what is left of the progress; where nothing ran, there is none. */
    void end() {
      if (isSkipped) {
        listener.dropped(units - unitsDone);
      } else {
        report(1, variant.name());
      }
    }

    void runChild() {
      try {
        Child child = Child.start(variant, what, crashFolder);
        children.add(child);
        if (isStopped) {
          child.destroy(); // Stopped between the check and the start.
        }
        child.follow(this::on);
        children.remove(child);
      } catch (IOException e) {
        addWithoutCells(Outcome.FAILED, "its JVM cannot be started: " + e.getMessage());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    private void on(Event event) {
      switch (event) {
        case Event.Unavailable unavailable -> onUnavailable(unavailable);
        case Event.Started started -> findings.addDescription(variant, started.description());
        case Event.Progress progress ->
            report(progress.part(), variant.name() + " " + progress.doing());
        case Event.Finished finished -> {
          findings.add(variant, finished.cell());
          cellsDone.incrementAndGet();
        }
        case Event.Tested tested -> findings.add(tested.test());
        case Event.Failed failed -> onFailed(failed);
        case Event.Ended _ -> {}
      }
    }

    private void onUnavailable(Event.Unavailable unavailable) {
      findings.addObstacle(variant, unavailable.reason());
      if (!isStatistics) {
        addWithoutCells(Outcome.SKIPPED, unavailable.reason());
      }
    }

    private void onFailed(Event.Failed failed) {
      if (wasStopped()) {
        addWithoutCells(Outcome.SKIPPED, "interrupted during " + failed.doing());
      } else {
        addWithoutCells(Outcome.FAILED, failed.reason() + " (during " + failed.doing() + ")");
      }
    }

    /** Ctrl-C reaches the other JVMs too, which may end before this one has told anybody. */
    private boolean wasStopped() {
      long end = System.nanoTime() + NEWS_NANOS;
      try {
        while (!isStopped && System.nanoTime() < end) {
          Thread.sleep(10);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      return isStopped;
    }

    private void addWithoutCells(Outcome outcome, String reason) {
      isSkipped = outcome == Outcome.SKIPPED;
      findings.addWithoutCells(variant, isStatistics ? "statistics" : "", outcome, reason);
    }

    private void report(double part, String doing) {
      long done = Math.round(units * Math.clamp(part, 0, 1));
      listener.progress(
          Math.max(0, done - unitsDone),
          ParityTable.number(cellsDone.get(), "cell") + " done; " + doing);
      unitsDone = Math.max(unitsDone, done);
    }
  }
}
