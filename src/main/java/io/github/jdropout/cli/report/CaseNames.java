package io.github.jdropout.cli.report;

import io.github.jdropout.bench.result.BenchCase;
import io.github.jdropout.bench.result.BenchRun;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;

/** Names and colours of what was measured, the same in all charts of a run. */
final class CaseNames {
  private static final List<Ink> INKS =
      List.of(
          Ink.SERIES_1,
          Ink.SERIES_2,
          Ink.SERIES_3,
          Ink.SERIES_4,
          Ink.SERIES_5,
          Ink.SERIES_6,
          Ink.SERIES_7,
          Ink.SERIES_8);

  private final Map<String, Ink> inks = new HashMap<>();
  private final boolean isStorageNamed;
  private final boolean isPNamed;
  private final boolean areThreadsNamed;

  CaseNames(BenchRun run) {
    for (BenchCase it : run.cases()) {
      inks.computeIfAbsent(it.by(), _ -> INKS.get(inks.size() % INKS.size()));
    }
    isStorageNamed = isVarying(run, BenchCase::storage);
    isPNamed = isVarying(run, BenchCase::p);
    areThreadsNamed = isVarying(run, BenchCase::threads);
  }

  Ink ink(String by) {
    return inks.get(by);
  }

  /** Returns what was done and by whom, with as much of the rest as differs within the run. */
  String of(BenchCase it) {
    List<String> parts = new ArrayList<>(List.of(work(it.work(), ""), it.by()));
    if (isStorageNamed && it.place() == BenchCase.Place.CPU) {
      parts.add(it.storage());
    }
    return String.join(", ", parts);
  }

  /**
   * Returns what was done.
   *
   * @param without {@code size}, {@code threads} or {@code p}, if that is not to be named
   */
  String work(BenchCase.Work work, String without) {
    Stream<String> parts =
        Stream.of(
            work.operation(),
            work.type(),
            without.equals("size") ? "" : Numbers.elements(work.elements()),
            isPNamed && !without.equals("p") ? "p=" + Numbers.exact(work.p()) : "",
            areThreadsNamed && work.threads() > 0 && !without.equals("threads")
                ? threads(work.threads())
                : "");
    return String.join(" ", parts.filter(part -> !part.isEmpty()).toList());
  }

  private static String threads(int threads) {
    return threads == 1 ? "1 thread" : threads + " threads";
  }

  private static boolean isVarying(BenchRun run, Function<BenchCase, Object> property) {
    // A GPU's cases have neither threads nor a host's storage.
    return run.cases().stream()
            .filter(it -> it.place() == BenchCase.Place.CPU)
            .map(property)
            .distinct()
            .count()
        > 1;
  }
}
