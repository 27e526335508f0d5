package io.github.jdropout.cli.report;

import io.github.jdropout.bench.result.BenchCase;
import io.github.jdropout.bench.result.BenchRun;
import io.github.jdropout.bench.result.Samples;
import io.github.jdropout.bench.result.TrainingStep;
import io.github.jdropout.cli.report.Facts.Tile;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** The few figures of a run that a reader looks for first. */
final class BenchSummary {
  private static final String HEADLINE = "forward";
  private static final String HEADLINE_TYPE = "f32";

  private BenchSummary() {}

  static List<Tile> of(BenchRun run) {
    List<Tile> tiles = new ArrayList<>();
    for (BenchCase.Place place : List.of(BenchCase.Place.CPU, BenchCase.Place.DEVICE)) {
      ofCopy(run, place).ifPresent(tiles::add);
    }
    Peers peers = new Peers(run);
    for (String peer : peers.names()) {
      List<Double> ratios = peers.ratios(peer);
      if (!ratios.isEmpty()) {
        tiles.add(
            new Tile(
                "× " + Numbers.significant(Samples.median(ratios)),
                "as fast as "
                    + peer
                    + ", median of "
                    + (ratios.size() == 1 ? "1 kind of call" : ratios.size() + " kinds of calls")));
      }
    }
    // Of two turns the interval is anything.
    for (TrainingStep step : run.run().isQuick() ? List.<TrainingStep>of() : run.training()) {
      tiles.add(
          new Tile(
              Numbers.signed(step.overheadPercent()) + " %",
              "on a training step: "
                  + step.name()
                  + ", "
                  + step.where()
                  + " ("
                  + CaseTable.interval(step)
                  + ")"));
    }
    return tiles;
  }

  /** The largest forward call of a place, on f32 if there is one, by the fastest backend. */
  private static Optional<Tile> ofCopy(BenchRun run, BenchCase.Place place) {
    return run.cases().stream()
        .filter(it -> it.place() == place && it.operation().equals(HEADLINE))
        .filter(it -> it.ofCopy().isPresent() && !BenchCase.isPeer(it.by()) && it.hasSettled())
        .max(
            Comparator.comparingLong(BenchCase::elements)
                .thenComparing(it -> it.type().equals(HEADLINE_TYPE))
                .thenComparingDouble(BenchCase::gigaelementsPerSecond))
        .map(it ->
            new Tile(
                Numbers.percent(it.ofCopy().orElseThrow()),
                "of a copy's speed: "
                    + String.join(
                        " ", it.by(), it.operation(), it.type(), Numbers.elements(it.elements()))));
  }
}
