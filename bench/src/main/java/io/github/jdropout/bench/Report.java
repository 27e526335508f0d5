package io.github.jdropout.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.jdropout.spec.Activation;
import io.github.jdropout.spec.ElementType;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** Turns the JSON of a {@link Suite} into Markdown tables. */
public final class Report {
  /** A case with at least as many forks gets a table of medians per JVM. */
  static final int FRESH_JVMS = 20;

  private static final String COPY = "CopyBenchmark.copy";
  private static final String SUM = "SumBenchmark.sum";

  private Report() {}

  /** Prints the report of the JSON file that is the argument. */
  public static void main(String[] args) throws IOException {
    if (args.length != 1) {
      throw new IllegalArgumentException("wants: FILE.json");
    }
    byte[] report =
        of(new ObjectMapper().readTree(new File(args[0]))).getBytes(StandardCharsets.UTF_8);
    System.out.write(report);
    System.out.flush();
  }

  /** One case: a benchmark with its parameters. */
  private record Result(JsonNode json) {
    String name() {
      String name = json.get("benchmark").asText();
      return name.substring(name.lastIndexOf('.', name.lastIndexOf('.') - 1) + 1);
    }

    String label() {
      String name = name().replace("Benchmark", "");
      String variant = param("sharing") + param("activation");
      return variant.isEmpty() ? name : name + " (" + variant + ")";
    }

    String param(String name) {
      return json.path("params").path(name).asText("").toLowerCase(Locale.ROOT);
    }

    boolean hasSize() {
      return !param("size").isEmpty();
    }

    boolean isFresh() {
      return json.get("forks").asInt() >= FRESH_JVMS;
    }

    String size() {
      long size = Long.parseLong(param("size"));
      return Long.bitCount(size) == 1 ? "2^" + Long.numberOfTrailingZeros(size) : "" + size;
    }

    /** Nanoseconds per call of each JVM's iterations. */
    List<double[]> nanosPerJvm() {
      JsonNode metric = json.get("primaryMetric");
      if (!metric.get("scoreUnit").asText().equals("ns/op")) {
        throw new IllegalArgumentException("unit is " + metric.get("scoreUnit") + ", not ns/op");
      }
      return StreamSupport.stream(metric.get("rawData").spliterator(), false)
          .map(fork ->
              StreamSupport.stream(fork.spliterator(), false)
                  .mapToDouble(JsonNode::asDouble)
                  .toArray())
          .toList();
    }

    /** Nanoseconds per call of all iterations, ascending. */
    double[] nanos() {
      return nanosPerJvm().stream().flatMapToDouble(Arrays::stream).sorted().toArray();
    }

    /** Elements per nanosecond are 10^9 elements per second. */
    double rate(double nanos) {
      return Double.parseDouble(param("size")) / nanos;
    }

    boolean isCopy() {
      return name().equals(COPY) || name().equals(SUM);
    }

    /** What moves the same bytes: two inputs and an output, or one of each. */
    private String copy() {
      if (isCopy()) {
        return name();
      }
      String activation = param("activation");
      boolean readsTwo =
          name().equals("EpilogueBenchmark.forward")
              || (name().equals("EpilogueBenchmark.gradient")
                  && Activation.valueOf(activation.toUpperCase(Locale.ROOT)).needsProduct());
      return readsTwo ? SUM : COPY;
    }

    /** What a copy of the same bytes has in common with this. */
    List<String> bytes() {
      String type = param("type");
      String width =
          type.isEmpty() ? "" : "" + ElementType.valueOf(type.toUpperCase(Locale.ROOT)).bytes();
      return List.of(copy(), width, param("size"), param("storage"), param("cores"));
    }
  }

  /** Returns the tables. */
  static String of(JsonNode json) {
    List<Result> results =
        StreamSupport.stream(json.spliterator(), false).map(Result::new).toList();
    if (results.isEmpty()) {
      throw new IllegalArgumentException("there are no results");
    }
    Map<List<String>, Double> copies = new HashMap<>();
    for (Result result : results) {
      if (result.isCopy()) {
        copies.put(result.bytes(), median(result.nanos()));
      }
    }
    StringBuilder out = new StringBuilder(header(results.getFirst().json()));
    for (String cores : results.stream().map(result -> result.param("cores")).distinct().toList()) {
      table(
          out,
          "Throughput, cores: " + cores,
          List.of("Benchmark", "Ran", "Type", "Size", "Storage", "Gelem/s", "min … max", "× copy"),
          results.stream()
              .filter(result -> result.hasSize() && !result.isFresh())
              .filter(result -> result.param("cores").equals(cores))
              .map(result -> throughput(result, copies.get(result.bytes()))));
    }
    table(
        out,
        "Small calls",
        List.of("Benchmark", "Ran", "ns/call", "min … max", "B/call"),
        results.stream().filter(result -> !result.hasSize()).map(Report::smallCall));
    table(
        out,
        "Fresh JVMs: Gelem/s, median of each",
        List.of(
            "Benchmark", "Ran", "Type", "Size", "JVMs", "best", "median", "worst", "median/best"),
        results.stream().filter(Result::isFresh).map(Report::freshJvms));
    return out.toString();
  }

  private static String header(JsonNode json) {
    JsonNode machine = json.path("machine");
    StringBuilder out = new StringBuilder();
    out.append("- CPU: ").append(machine.path("cpu").asText("unknown"));
    out.append(", processors: ").append(machine.path("processors").asText("unknown"));
    out.append(", ").append(machine.path("os").asText("unknown"));
    out.append(", transparent huge pages: ");
    out.append(machine.path("transparentHugePages").asText("unknown")).append('\n');
    out.append("- JVM: ").append(json.path("vmName").asText());
    out.append(' ').append(json.path("vmVersion").asText()).append('\n');
    machine
        .path("backends")
        .properties()
        .forEach(backend ->
            out.append("- ")
                .append(backend.getKey().toLowerCase(Locale.ROOT))
                .append(": ")
                .append(backend.getValue().asText())
                .append('\n'));
    return out.toString();
  }

  private static List<String> throughput(Result result, Double copyNanos) {
    double[] nanos = result.nanos();
    return List.of(
        result.label(),
        ran(result),
        result.param("type"),
        result.size(),
        result.param("storage"),
        format(result.rate(median(nanos))),
        format(result.rate(nanos[nanos.length - 1])) + " … " + format(result.rate(nanos[0])),
        copyNanos == null ? "–" : format(copyNanos / median(nanos)));
  }

  private static List<String> smallCall(Result result) {
    double[] nanos = result.nanos();
    JsonNode allocated =
        result.json().path("secondaryMetrics").path("gc.alloc.rate.norm").path("score");
    return List.of(
        result.label(),
        ran(result),
        format(median(nanos)),
        format(nanos[0]) + " … " + format(nanos[nanos.length - 1]),
        allocated.isMissingNode() ? "–" : format(allocated.asDouble()));
  }

  private static List<String> freshJvms(Result result) {
    double[] medians = result.nanosPerJvm().stream().mapToDouble(Report::median).sorted().toArray();
    double best = result.rate(medians[0]);
    double middle = result.rate(median(medians));
    return List.of(
        result.label(),
        ran(result),
        result.param("type"),
        result.size(),
        "" + medians.length,
        format(best),
        format(middle),
        format(result.rate(medians[medians.length - 1])),
        format(middle / best));
  }

  private static String ran(Result result) {
    if (result.name().startsWith("Dl4j")) {
      return "nd4j";
    }
    return result.isCopy() ? "copy" : result.param("backend");
  }

  /** Appends a Markdown table, nothing if it has no rows. */
  public static void table(
      StringBuilder out, String title, List<String> columns, Stream<List<String>> rows) {
    List<List<String>> cells = new ArrayList<>(rows.toList());
    if (cells.isEmpty()) {
      return;
    }
    cells.add(0, columns.stream().map(column -> "---").toList());
    cells.add(0, columns);
    out.append("\n### ").append(title).append("\n\n");
    for (List<String> row : cells) {
      out.append("| ").append(String.join(" | ", row)).append(" |\n");
    }
  }

  /** Returns the middle value, or the mean of the two in the middle. */
  public static double median(double... values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  /** Returns about three significant digits. */
  public static String format(double value) {
    int decimals = value >= 100 ? 0 : value >= 10 ? 1 : value >= 0.1 || value == 0 ? 2 : 4;
    return String.format(Locale.ROOT, "%." + decimals + "f", value);
  }
}
