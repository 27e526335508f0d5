package io.github.jdropout.cli.bench;

import io.github.jdropout.bench.Size;
import io.github.jdropout.bench.result.BenchCase;
import io.github.jdropout.bench.result.MarkdownTable;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** How many times as fast as its peers this library is, work by work. */
public final class PeerRatios {
  private PeerRatios() {}

  /** Returns a line for each peer at each work that this library did, too: with its fastest. */
  public static List<String> of(List<BenchCase> cases) {
    Map<BenchCase.Work, BenchCase> ours = new LinkedHashMap<>();
    List<BenchCase> settled = cases.stream().filter(BenchCase::hasSettled).toList();
    settled.stream()
        .filter(measured -> !BenchCase.isPeer(measured.by()))
        .forEach(measured ->
            ours.merge(measured.work(), measured, (a, b) -> a.median() <= b.median() ? a : b));
    return settled.stream()
        .filter(measured -> BenchCase.isPeer(measured.by()))
        .sorted(Comparator.comparing(BenchCase::operation))
        .map(peer -> Optional.ofNullable(ours.get(peer.work())).map(own -> line(own, peer)))
        .flatMap(Optional::stream)
        .toList();
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
        + MarkdownTable.format(peer.median() / own.median())
        + " times as fast as "
        + peer.by();
  }
}
