package io.github.jdropout.bench.gpu;

import io.github.jdropout.bench.result.MarkdownTable;
import java.util.List;
import java.util.stream.Stream;

/**
 * A speed that was set as the aim before anything was measured.
 *
 * @param peer the peer's case; empty for the copy
 * @param wanted how many times as fast, at least
 */
record GpuTarget(String operation, String type, String peer, double wanted) {
  private static final long ELEMENTS = 1L << 28;
  private static final String FORWARD = Operation.FORWARD.label();
  private static final String BOTH = Operation.FORWARD_AND_BACKWARD.label();
  private static final String TORCH = "torch";

  static final List<GpuTarget> ALL =
      List.of(
          new GpuTarget(FORWARD, "f32", "", 0.95),
          new GpuTarget(FORWARD, "f16", "", 0.95),
          new GpuTarget(FORWARD, "bf16", "", 0.95),
          new GpuTarget(FORWARD, "f32", TORCH, 1.25),
          new GpuTarget(FORWARD, "f16", TORCH, 1.5),
          new GpuTarget(FORWARD, "bf16", TORCH, 1.5),
          new GpuTarget(BOTH, "f32", TORCH, 1.4),
          new GpuTarget(BOTH, "f16", TORCH, 1.4),
          new GpuTarget(BOTH, "bf16", TORCH, 1.4));

  /** Returns a row for each launch shape, or one that says that nothing was measured. */
  Stream<List<String>> rows(GpuReport report) {
    List<List<String>> rows =
        report.ours(operation, type, ELEMENTS).flatMap(times -> row(report, times)).toList();
    return rows.isEmpty()
        ? Stream.of(List.of(name(), MarkdownTable.format(wanted), "–", "–", "not measured"))
        : rows.stream();
  }

  private Stream<List<String>> row(GpuReport report, GpuTimes times) {
    Stream<Double> ratios =
        peer.isEmpty()
            ? report.copyOf(times).map(times::ofCopy).stream()
            : report
                .peers(operation, type, ELEMENTS)
                .filter(theirs -> theirs.source().equals(peer))
                .map(theirs -> theirs.median() / times.median());
    return ratios.map(ratio ->
        List.of(
            name(),
            MarkdownTable.format(wanted),
            times.source(),
            MarkdownTable.format(ratio),
            ratio >= wanted ? "reached" : "missed"));
  }

  private String name() {
    return operation + " " + type + ", × " + (peer.isEmpty() ? "copy" : peer);
  }
}
