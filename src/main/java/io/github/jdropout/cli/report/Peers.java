package io.github.jdropout.cli.report;

import io.github.jdropout.bench.result.BenchCase;
import io.github.jdropout.bench.result.BenchRun;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.Stream;

/** Other implementations of the same work in a run. */
final class Peers {
  private final Map<BenchCase.Work, List<BenchCase>> byWork = new LinkedHashMap<>();
  private final List<String> names;

  Peers(BenchRun run) {
    for (BenchCase it : run.cases()) {
      byWork.computeIfAbsent(it.work(), _ -> new ArrayList<>()).add(it);
    }
    names = run.cases().stream().map(BenchCase::by).filter(BenchCase::isPeer).distinct().toList();
  }

  /** Returns the peers of the run, in the order of measuring. */
  List<String> names() {
    return names;
  }

  /** Returns every work that a peer and this library did, with all cases of it. */
  List<Map.Entry<BenchCase.Work, List<BenchCase>>> shared() {
    return byWork.entrySet().stream()
        .filter(entry ->
            entry.getValue().stream().anyMatch(it -> BenchCase.isPeer(it.by()))
                && entry.getValue().stream().anyMatch(it -> !BenchCase.isPeer(it.by())))
        .toList();
  }

  /** Returns the fastest case of those. */
  static OptionalDouble fastest(Stream<BenchCase> cases) {
    return cases.mapToDouble(BenchCase::median).min();
  }

  /** Returns how many times as fast as a peer this library's fastest is, at each shared work. */
  List<Double> ratios(String peer) {
    List<Double> ratios = new ArrayList<>();
    for (List<BenchCase> cases : byWork.values()) {
      List<BenchCase> settled = cases.stream().filter(BenchCase::hasSettled).toList();
      OptionalDouble ours = fastest(settled.stream().filter(it -> !BenchCase.isPeer(it.by())));
      OptionalDouble theirs = fastest(settled.stream().filter(it -> it.by().equals(peer)));
      if (ours.isPresent() && theirs.isPresent()) {
        ratios.add(theirs.getAsDouble() / ours.getAsDouble());
      }
    }
    return ratios;
  }

  /** Returns how many times as fast as the peer a case is; empty if the peer did not do it. */
  OptionalDouble ratio(BenchCase it, String peer) {
    if (BenchCase.isPeer(it.by())) {
      return OptionalDouble.empty();
    }
    OptionalDouble time =
        fastest(byWork.get(it.work()).stream().filter(other -> other.by().equals(peer)));
    return time.isEmpty() ? time : OptionalDouble.of(time.getAsDouble() / it.median());
  }
}
