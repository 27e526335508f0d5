package io.github.jdropout.cli.report;

import io.github.jdropout.backend.BackendId;
import io.github.jdropout.bench.result.BenchCase;
import io.github.jdropout.bench.result.BenchRun;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.Stream;

/** Other implementations of the same work in a run. */
final class Peers {
  private final Map<Work, List<BenchCase>> byWork = new LinkedHashMap<>();
  private final List<String> names;

  /**
   * What must be equal for times to be of the same work; where the elements lie need not.
   *
   * @param threads that may work on a call; 0 on a GPU
   */
  record Work(
      BenchCase.Place place, String operation, String type, long elements, double p, int threads) {
    static Work of(BenchCase it) {
      return new Work(it.place(), it.operation(), it.type(), it.elements(), it.p(), it.threads());
    }
  }

  Peers(BenchRun run) {
    for (BenchCase it : run.cases()) {
      byWork.computeIfAbsent(Work.of(it), _ -> new ArrayList<>()).add(it);
    }
    names = run.cases().stream().map(BenchCase::by).filter(Peers::isPeer).distinct().toList();
  }

  /** Returns whether it is none of this library's backends, whatever follows their names. */
  static boolean isPeer(String by) {
    String first = by.split("[ ,]", 2)[0];
    return Arrays.stream(BackendId.values()).noneMatch(id -> id.label().equals(first));
  }

  /** Returns the peers of the run, in the order of measuring. */
  List<String> names() {
    return names;
  }

  /** Returns every work that a peer and this library did, with all cases of it. */
  List<Map.Entry<Work, List<BenchCase>>> shared() {
    return byWork.entrySet().stream()
        .filter(entry ->
            entry.getValue().stream().anyMatch(it -> isPeer(it.by()))
                && entry.getValue().stream().anyMatch(it -> !isPeer(it.by())))
        .toList();
  }

  /** Returns the fastest case of those. */
  static OptionalDouble fastest(Stream<BenchCase> cases) {
    return cases.mapToDouble(BenchCase::median).min();
  }

  /** Returns how many times as fast as the peer a case is; empty if the peer did not do it. */
  OptionalDouble ratio(BenchCase it, String peer) {
    if (isPeer(it.by())) {
      return OptionalDouble.empty();
    }
    OptionalDouble time =
        fastest(byWork.get(Work.of(it)).stream().filter(other -> other.by().equals(peer)));
    return time.isEmpty() ? time : OptionalDouble.of(time.getAsDouble() / it.median());
  }
}
