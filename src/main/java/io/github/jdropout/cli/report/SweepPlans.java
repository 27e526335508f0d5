package io.github.jdropout.cli.report;

import io.github.jdropout.bench.result.BenchCase;
import io.github.jdropout.bench.result.BenchRun;
import io.github.jdropout.bench.result.Samples;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

/** Lines of speed over a property of the calls, wherever a run has three or more values of it. */
final class SweepPlans {
  private static final int LEAST_POINTS = 3;

  /** More charts than these help nobody; the page's table has all cases. */
  private static final int MOST_CHARTS = 6;

  private final BenchRun run;
  private final CaseNames names;

  SweepPlans(BenchRun run, CaseNames names) {
    this.run = run;
    this.names = names;
  }

  /** A property that runs along the horizontal axis. */
  private enum Axis {
    SIZE("elements in a call"),
    P("probability of dropping"),
    THREADS("threads that may work on a call");

    private final String title;

    Axis(String title) {
      this.title = title;
    }

    private double of(BenchCase it) {
      return switch (this) {
        case SIZE -> Math.log((double) it.elements()) / Math.log(2);
        case P -> it.p();
        case THREADS -> it.threads();
      };
    }

    /** Returns the work without what runs along the axis. */
    private BenchCase.Work rest(BenchCase it) {
      return new BenchCase.Work(
          it.place(),
          it.operation(),
          it.type(),
          this == SIZE ? 0 : it.elements(),
          this == P ? 0 : it.p(),
          this == THREADS ? 0 : it.threads());
    }

    private String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Returns the charts, those over sizes first. */
  List<Plan> plans() {
    List<Plan> plans = new ArrayList<>();
    for (Axis axis : Axis.values()) {
      Map<BenchCase.Work, List<BenchCase>> byWork = new LinkedHashMap<>();
      run.cases().stream()
          .filter(it -> it.place() != BenchCase.Place.CALL)
          .forEach(it -> byWork.computeIfAbsent(axis.rest(it), _ -> new ArrayList<>()).add(it));
      byWork.values().removeIf(cases -> !isSweep(axis, cases));
      int shown = Math.min(MOST_CHARTS, byWork.size());
      int number = 0;
      for (Map.Entry<BenchCase.Work, List<BenchCase>> entry : byWork.entrySet()) {
        if (++number > shown) {
          break;
        }
        plans.add(plan(axis, entry.getKey(), entry.getValue(), number, byWork.size()));
      }
    }
    return plans;
  }

  private static boolean isSweep(Axis axis, List<BenchCase> cases) {
    return cases.stream()
        .map(BenchCase::by)
        .distinct()
        .anyMatch(by ->
            cases.stream().filter(it -> it.by().equals(by)).map(axis::of).distinct().count()
                >= LEAST_POINTS);
  }

  private Plan plan(Axis axis, BenchCase.Work work, List<BenchCase> cases, int number, int all) {
    List<Plan.Line> lines = new ArrayList<>();
    for (String by : cases.stream().map(BenchCase::by).distinct().toList()) {
      addLine(lines, by, names.ink(by), false, speeds(axis, cases, it -> it.by().equals(by)));
    }
    addLine(lines, "copy", Ink.QUIET, true, copies(axis, cases));
    return new Plan.Lines(
        "sweep-" + axis.label() + (number == 1 ? "" : "-" + number),
        "Speed by "
            + axis.label()
            + ": "
            + names.work(work, axis.label())
            + ", "
            + SpeedPlans.title(work.place()),
        "Bytes that a call must read and write, by its median time; where one was measured in"
            + " several ways, the fastest. The dashed line is a copy of as many bytes, the limit"
            + " for sizes that come from memory."
            + (all > MOST_CHARTS ? " Sweeps shown: " + MOST_CHARTS + " of " + all + "." : ""),
        axis.title,
        "GB/s",
        axis == Axis.SIZE ? Plan.Scale.POWERS_OF_TWO : Plan.Scale.LINEAR,
        lines);
  }

  private static void addLine(
      List<Plan.Line> lines, String name, Ink ink, boolean isLimit, Map<Double, Double> points) {
    if (points.size() > 1) {
      lines.add(
          new Plan.Line(
              name, ink, isLimit, List.copyOf(points.keySet()), List.copyOf(points.values())));
    }
  }

  private static Map<Double, Double> speeds(
      Axis axis, List<BenchCase> cases, Predicate<BenchCase> isOnIt) {
    Map<Double, Double> fastest = new TreeMap<>();
    cases.stream()
        .filter(isOnIt)
        .filter(it -> it.gigabytesPerSecond() > 0 && Double.isFinite(it.gigabytesPerSecond()))
        .forEach(it -> fastest.merge(axis.of(it), it.gigabytesPerSecond(), Math::max));
    return fastest;
  }

  private static Map<Double, Double> copies(Axis axis, List<BenchCase> cases) {
    Map<Double, Double> fastest = new TreeMap<>();
    cases.stream()
        .filter(it -> !it.copyNanosPerCall().isEmpty())
        .forEach(it ->
            fastest.merge(
                axis.of(it),
                (it.bytesRead() + it.bytesWritten()) / Samples.median(it.copyNanosPerCall()),
                Math::max));
    return fastest;
  }
}
