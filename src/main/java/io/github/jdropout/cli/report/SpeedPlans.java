package io.github.jdropout.cli.report;

import io.github.jdropout.bench.result.BenchCase;
import io.github.jdropout.bench.result.BenchRun;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;

/** Bars of how near to memory's speed cases come, and of peers side by side. */
final class SpeedPlans {
  /** More bars than these are no picture any more; the page's table has all cases. */
  private static final int MOST_CASES = 32;

  private static final int MOST_WORKS = 10;

  private final BenchRun run;
  private final CaseNames names;

  SpeedPlans(BenchRun run, CaseNames names) {
    this.run = run;
    this.names = names;
  }

  /** Returns a chart for each place where a copy was measured or the memory's speed is known. */
  List<Plan> rooflines() {
    Map<BenchCase.Place, List<BenchCase>> byPlace = new EnumMap<>(BenchCase.Place.class);
    for (BenchCase it : run.cases()) {
      if (it.ofCopy().isPresent() || it.ofTheoretical().isPresent()) {
        byPlace.computeIfAbsent(it.place(), _ -> new ArrayList<>()).add(it);
      }
    }
    List<Plan> plans = new ArrayList<>();
    byPlace.forEach((place, cases) -> plans.add(roofline(place, cases)));
    return plans;
  }

  private Plan roofline(BenchCase.Place place, List<BenchCase> all) {
    Map<Object, BenchCase> largest = new LinkedHashMap<>();
    for (BenchCase it : all) {
      largest.merge(
          List.of(it.by(), it.operation(), it.type(), it.storage(), it.p(), it.threads()),
          it,
          (first, second) -> second.elements() > first.elements() ? second : first);
    }
    List<BenchCase> cases = largest.values().stream().limit(MOST_CASES).toList();
    List<Plan.Values> series = new ArrayList<>();
    if (cases.stream().anyMatch(it -> it.ofCopy().isPresent())) {
      series.add(
          new Plan.Values(
              "% of a copy", Ink.BAR, cases.stream().map(it -> percent(it.ofCopy())).toList()));
    }
    if (cases.stream().anyMatch(it -> it.ofTheoretical().isPresent())) {
      series.add(
          new Plan.Values(
              "% of theory",
              Ink.BAR_2, cases.stream().map(it -> percent(it.ofTheoretical())).toList()));
    }
    return new Plan.Bars(
        "roofline-" + place.name().toLowerCase(Locale.ROOT),
        "Speed against memory's: " + title(place),
        "100 % is a copy that reads and writes as many bytes, timed beside each case"
            + (series.size() > 1 ? "; theory is what the memory's clock and width allow" : "")
            + ". Each case at its largest size"
            + shown(cases.size(), largest.size())
            + ". More is better.",
        "percent",
        cases.stream()
            .map(it -> names.of(it) + "  " + figure(it.ofCopy(), it.ofTheoretical()))
            .toList(),
        series,
        100);
  }

  private static String figure(OptionalDouble ofCopy, OptionalDouble ofTheoretical) {
    return Numbers.percent(ofCopy.orElseGet(() -> ofTheoretical.orElse(Double.NaN)));
  }

  /** Returns a chart for each place where something else did the same work. */
  List<Plan> peers() {
    Map<BenchCase.Place, Map<Object, Map.Entry<BenchCase.Work, List<BenchCase>>>> byPlace =
        new EnumMap<>(BenchCase.Place.class);
    for (Map.Entry<BenchCase.Work, List<BenchCase>> shared : new Peers(run).shared()) {
      BenchCase.Work work = shared.getKey();
      byPlace
          .computeIfAbsent(work.place(), _ -> new LinkedHashMap<>())
          .merge(
              List.of(work.operation(), work.type(), work.p(), work.threads()),
              shared,
              (first, second) ->
                  second.getKey().elements() > first.getKey().elements() ? second : first);
    }
    List<Plan> plans = new ArrayList<>();
    byPlace.forEach((place, works) -> plans.add(peers(place, works.values())));
    return plans;
  }

  private Plan peers(
      BenchCase.Place place, Collection<Map.Entry<BenchCase.Work, List<BenchCase>>> all) {
    List<Map.Entry<BenchCase.Work, List<BenchCase>>> works =
        all.stream().limit(MOST_WORKS).toList();
    List<String> doers =
        works.stream()
            .flatMap(work -> work.getValue().stream().map(BenchCase::by))
            .distinct()
            .toList();
    List<Plan.Values> series = new ArrayList<>();
    for (String by : doers) {
      List<Double> speeds = new ArrayList<>();
      for (Map.Entry<BenchCase.Work, List<BenchCase>> work : works) {
        OptionalDouble time =
            Peers.fastest(work.getValue().stream().filter(it -> it.by().equals(by)));
        double nanos = time.orElse(0);
        speeds.add(nanos > 0 ? work.getKey().elements() / nanos : Double.NaN);
      }
      series.add(new Plan.Values(by, names.ink(by), speeds));
    }
    return new Plan.Bars(
        "peers-" + place.name().toLowerCase(Locale.ROOT),
        "Beside other implementations: " + title(place),
        "The same work on the same machine, timed in turns; where one was measured in several"
            + " ways, the fastest. Each work at its largest size"
            + shown(works.size(), all.size())
            + ". More is better.",
        "10⁹ elements per second",
        works.stream().map(work -> names.work(work.getKey(), "")).toList(),
        series,
        Double.NaN);
  }

  /** Returns a place in words. */
  static String title(BenchCase.Place place) {
    return switch (place) {
      case CPU -> "host memory, by the CPU";
      case DEVICE -> "the GPU's memory, by the GPU";
      case CALL -> "calls that queue work for a GPU";
      case STAGED -> "host memory, by the GPU";
    };
  }

  static String shown(int shown, int all) {
    return shown == all ? "" : ", " + shown + " of " + all;
  }

  private static double percent(OptionalDouble part) {
    double percent = 100 * part.orElse(Double.NaN);
    return Double.isFinite(percent) ? percent : Double.NaN;
  }
}
