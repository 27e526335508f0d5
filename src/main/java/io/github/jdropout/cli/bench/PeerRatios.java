package io.github.jdropout.cli.bench;

import io.github.jdropout.backend.BackendId;
import io.github.jdropout.bench.Size;
import io.github.jdropout.bench.result.BenchCase;
import io.github.jdropout.bench.result.BenchCase.Place;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** How many times as fast as its peers this library is, work by work. */
public final class PeerRatios {
  private PeerRatios() {}

  /** What must be the same for a comparison; where host memory lies need not be. */
  private record Work(
      Place place, String operation, String type, long elements, double p, int threads) {
    static Work of(BenchCase measured) {
      return new Work(
          measured.place(),
          measured.operation(),
          measured.type(),
          measured.elements(),
          measured.p(),
          measured.threads());
    }
  }

  /** Returns a line for each peer at each work that this library did, too: with its fastest. */
  public static List<String> of(List<BenchCase> cases) {
    Map<Work, BenchCase> ours = new LinkedHashMap<>();
    cases.stream()
        .filter(PeerRatios::isOurs)
        .forEach(measured ->
            ours.merge(Work.of(measured), measured, (a, b) -> a.median() <= b.median() ? a : b));
    return cases.stream()
        .filter(measured -> !isOurs(measured))
        .sorted(Comparator.comparing(BenchCase::operation))
        .map(peer -> Optional.ofNullable(ours.get(Work.of(peer))).map(own -> line(own, peer)))
        .flatMap(Optional::stream)
        .toList();
  }

  private static boolean isOurs(BenchCase measured) {
    return Arrays.stream(BackendId.values())
        .anyMatch(id -> measured.by().split(" ", 2)[0].equals(id.label()));
  }

  private static String line(BenchCase own, BenchCase peer) {
    return own.operation()
        + " "
        + own.type()
        + " "
        + Size.text(own.elements())
        + ": "
        + own.by()
        + " is "
        + BenchTable.number(peer.median() / own.median())
        + " times as fast as "
        + peer.by();
  }
}
