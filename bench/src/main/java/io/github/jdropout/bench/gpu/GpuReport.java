package io.github.jdropout.bench.gpu;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.jdropout.bench.result.MarkdownTable;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * Turns the JSON of any number of runs of {@link GpuBenchmark}, and of {@code pytorch_cuda.py},
 * into Markdown.
 */
public final class GpuReport {
  private static final String COPY = Operation.COPY.label();
  private static final String NONE = "–";

  private final List<JsonNode> runs;
  private final List<GpuTimes> ours = new ArrayList<>();
  private final List<GpuTimes> peers = new ArrayList<>();

  private GpuReport(List<JsonNode> runs) {
    this.runs = runs;
    for (JsonNode run : runs) {
      boolean isPeer = run.has("peer");
      if (isQuick(run)) {
        continue;
      }
      for (JsonNode times : run.path("device")) {
        if (times.has("notRun")) {
          continue;
        }
        if (isPeer) {
          peers.add(new GpuTimes(times, times.path("case").asText()));
        } else {
          ours.add(new GpuTimes(times, run.path("run").path("launch").asText()));
        }
      }
    }
  }

  /** Prints the report of the JSON files that are the arguments. */
  public static void main(String[] files) throws IOException {
    List<JsonNode> runs = new ArrayList<>();
    for (String file : files) {
      runs.add(new ObjectMapper().readTree(new File(file)));
    }
    System.out.write(of(runs).getBytes(StandardCharsets.UTF_8));
    System.out.flush();
  }

  /** Returns the tables. */
  static String of(List<JsonNode> runs) {
    GpuReport report = new GpuReport(runs);
    StringBuilder out = new StringBuilder();
    report.header(out);
    report.targets(out);
    report.main(out);
    report.shapes(out);
    report.peers(out);
    report.host(out);
    report.staged(out);
    report.layers(out);
    report.notRun(out);
    return out.toString();
  }

  private void header(StringBuilder out) {
    for (JsonNode run : runs) {
      out.append("- ").append(fields(run.has("peer") ? "peer" : "run", run)).append('\n');
    }
    for (JsonNode run : runs) {
      if (!run.has("peer")) {
        out.append("- ").append(fields("machine", run)).append('\n');
        out.append("- before: ").append(fields("smiBefore", run)).append('\n');
        out.append("- after: ").append(fields("smiAfter", run)).append('\n');
        break;
      }
    }
  }

  private static String fields(String name, JsonNode run) {
    List<String> fields = new ArrayList<>();
    run.path(name)
        .properties()
        .forEach(field -> fields.add(field.getKey() + " " + field.getValue().asText()));
    return String.join(", ", fields);
  }

  private void targets(StringBuilder out) {
    MarkdownTable.append(
        out,
        "Targets, at 2^28 elements",
        List.of("Target", "Wanted", "Launch", "Measured", "Result"),
        GpuTarget.ALL.stream().flatMap(target -> target.rows(this)));
  }

  private void main(StringBuilder out) {
    double theoretical =
        runs.stream()
            .mapToDouble(run -> run.path("machine").path("theoreticalBytesPerSecond").asDouble())
            .max()
            .orElse(0);
    MarkdownTable.append(
        out,
        "On the device",
        List.of(
            "Operation",
            "Launch",
            "Type",
            "Size",
            "Gelem/s",
            "GB/s",
            "middle half",
            "of the copy",
            "of the bus",
            "queued by"),
        ours.stream()
            .map(times ->
                List.of(
                    times.operation(),
                    times.source(),
                    times.type(),
                    times.size(),
                    MarkdownTable.format(times.elements() / times.median()),
                    MarkdownTable.format(times.rate()),
                    times.quartiles(),
                    ofCopy(times),
                    theoretical == 0 ? NONE : GpuTimes.percent(times.rate() * 1e9 / theoretical),
                    times.json().path("queued").asText())));
  }

  /** One row per case, one column per launch shape: what to choose by. */
  private void shapes(StringBuilder out) {
    List<String> launches = ours.stream().map(GpuTimes::source).distinct().toList();
    if (launches.size() < 2) {
      return;
    }
    List<String> columns = new ArrayList<>(List.of("Operation", "Type", "Size"));
    columns.addAll(launches);
    MarkdownTable.append(
        out,
        "Launch shapes: of the copy of the same run",
        columns,
        ours.stream()
            .filter(times -> times.source().equals(launches.getLast()))
            .filter(times -> !times.operation().equals(COPY))
            .map(times -> {
              List<String> row =
                  new ArrayList<>(List.of(times.operation(), times.type(), times.size()));
              for (String launch : launches) {
                row.add(
                    find(launch, times.operation(), times.type(), times.elements())
                        .map(this::ofCopy)
                        .orElse(NONE));
              }
              return row;
            }));
  }

  private void peers(StringBuilder out) {
    MarkdownTable.append(
        out,
        "Peers",
        List.of("Case", "Operation", "Type", "Size", "Gelem/s", "ours, times as fast"),
        peers.stream()
            .map(peer ->
                List.of(
                    peer.source(),
                    peer.operation(),
                    peer.type(),
                    peer.size(),
                    MarkdownTable.format(peer.elements() / peer.median()),
                    ours.stream()
                        .filter(peer::isOfSameTensor)
                        .filter(times -> times.operation().equals(peer.operation()))
                        .map(times ->
                            MarkdownTable.format(peer.median() / times.median())
                                + " ("
                                + times.source()
                                + ")")
                        .reduce((a, b) -> a + ", " + b)
                        .orElse(NONE))));
    for (JsonNode run : runs) {
      for (JsonNode answer : run.path("answers")) {
        out.append("\n- ").append(answer.asText());
      }
    }
    out.append('\n');
  }

  /** Figures of a quick run would mislead. */
  private static boolean isQuick(JsonNode run) {
    return run.path(run.has("peer") ? "peer" : "run").path("quick").asBoolean();
  }

  private Stream<JsonNode> figures() {
    return runs.stream().filter(run -> !isQuick(run));
  }

  private void host(StringBuilder out) {
    MarkdownTable.append(
        out,
        "Host",
        List.of("Binding", "Measured", "Call", "Elements", "ns/call"),
        figures()
            .flatMap(run ->
                StreamSupport.stream(run.path("host").spliterator(), false)
                    .map(times ->
                        List.of(
                            run.path("run").path("binding").asText(),
                            times.path("measured").asText(),
                            times.path("call").asText(),
                            times.path("elements").asText(),
                            MarkdownTable.format(new GpuTimes(times, "").median())))));
  }

  private void staged(StringBuilder out) {
    MarkdownTable.append(
        out,
        "Host memory through the GPU: both copies included",
        List.of("Type", "Size", "Gelem/s", "GB/s"),
        figures()
            .flatMap(run -> StreamSupport.stream(run.path("staged").spliterator(), false))
            .map(json -> new GpuTimes(json, ""))
            .map(times ->
                List.of(
                    times.type(),
                    times.size(),
                    MarkdownTable.format(times.elements() / times.median()),
                    MarkdownTable.format(times.rate()))));
  }

  /** Layers, and what their dropout adds to the same layer without. */
  private void layers(StringBuilder out) {
    MarkdownTable.append(
        out,
        "Layers",
        List.of("Layer", "Type", "Tokens", "Inputs", "Outputs", "µs", "without dropout, times"),
        figures()
            .flatMap(run ->
                StreamSupport.stream(run.path("layers").spliterator(), false)
                    .map(times -> layer(run, times))));
  }

  private static List<String> layer(JsonNode run, JsonNode times) {
    double median = new GpuTimes(times, "").median();
    String plain = LayerTimes.withoutDropout(times.path("layer").asText());
    String ratio =
        StreamSupport.stream(run.path("layers").spliterator(), false)
            .filter(other -> other.path("layer").asText().equals(plain))
            .filter(other ->
                Stream.of("tokens", "inputs", "outputs")
                    .allMatch(size -> other.path(size).equals(times.path(size))))
            .map(other -> MarkdownTable.format(median / new GpuTimes(other, "").median()))
            .findFirst()
            .orElse(NONE);
    return List.of(
        times.path("layer").asText(),
        times.path("type").asText(),
        times.path("tokens").asText(),
        times.path("inputs").asText(),
        times.path("outputs").asText(),
        MarkdownTable.format(median / 1000),
        ratio);
  }

  private void notRun(StringBuilder out) {
    MarkdownTable.append(
        out,
        "Not run",
        List.of("Type", "Elements", "Why"),
        runs.stream()
            .flatMap(run -> StreamSupport.stream(run.path("device").spliterator(), false))
            .filter(json -> json.has("notRun"))
            .map(json ->
                List.of(
                    json.path("type").asText(),
                    json.path("elements").asText(),
                    json.path("notRun").asText())));
  }

  private String ofCopy(GpuTimes times) {
    return copyOf(times).map(copy -> GpuTimes.percent(times.ofCopy(copy))).orElse(NONE);
  }

  /** Returns the copy that ran in turns with a case. */
  Optional<GpuTimes> copyOf(GpuTimes times) {
    return find(times.source(), COPY, times.type(), times.elements());
  }

  private Optional<GpuTimes> find(String launch, String operation, String type, long elements) {
    return ours(operation, type, elements).filter(t -> t.source().equals(launch)).findFirst();
  }

  /** Returns a case with every launch shape. */
  Stream<GpuTimes> ours(String operation, String type, long elements) {
    return of(ours, operation, type, elements);
  }

  /** Returns the peers' times of a case. */
  Stream<GpuTimes> peers(String operation, String type, long elements) {
    return of(peers, operation, type, elements);
  }

  private static Stream<GpuTimes> of(
      List<GpuTimes> all, String operation, String type, long elements) {
    return all.stream()
        .filter(times -> times.operation().equals(operation))
        .filter(times -> times.type().equals(type) && times.elements() == elements);
  }
}
