package io.github.jdropout.bench.gpu;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.jdropout.bench.result.BenchCase;
import io.github.jdropout.bench.result.BenchCase.Place;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;

/** Turns what {@link GpuBenchmark} prints into cases of a run. */
final class GpuCases {
  private static final String BY = "cuda";
  private static final String DEVICE = "device";

  private final String binding;
  private double p;
  private double theoreticalBytesPerSecond;

  /** Creates one for the results of one binding. */
  GpuCases(String binding) {
    this.binding = binding;
  }

  /** Takes what all cases have in common. */
  void describe(String part, JsonNode result) {
    switch (part) {
      case "run" -> p = result.path("p").asDouble();
      case "machine" ->
          theoreticalBytesPerSecond = result.path("theoreticalBytesPerSecond").asDouble();
      default -> {}
    }
  }

  /**
   * Returns the cases of operations that took turns.
   *
   * @param results those that ran, the copy among them
   */
  List<BenchCase> device(List<JsonNode> results) {
    Optional<JsonNode> copy =
        results.stream()
            .filter(result -> Operation.COPY.label().equals(result.path("operation").asText()))
            .findFirst();
    return results.stream()
        .filter(result -> result.has("nanosPerCall"))
        .filter(result -> !copy.filter(result::equals).isPresent())
        .map(result -> device(result, copy))
        .toList();
  }

  private BenchCase device(JsonNode result, Optional<JsonNode> copy) {
    long bytes = result.path("bytes").asLong();
    long written = result.path("bytesWritten").asLong();
    String operation = result.path("operation").asText();
    List<Double> nanos = nanos(result);
    // Drawing a mask moves next to nothing; the copy of that would be the time of a launch.
    List<Double> copies =
        operation.equals(Operation.MASK.label())
            ? List.of()
            : copy.map(other -> scaled(other, bytes, nanos.size())).orElse(List.of());
    return new BenchCase(
        Place.DEVICE,
        BY,
        operation,
        result.path("type").asText(),
        DEVICE,
        result.path("elements").asLong(),
        p,
        0,
        bytes - written,
        written,
        nanos,
        copies,
        theoreticalBytesPerSecond);
  }

  /** Returns what the copy would take for another number of bytes, at its speed. */
  private static List<Double> scaled(JsonNode copy, long bytes, int samples) {
    double ratio = bytes / copy.path("bytes").asDouble();
    List<Double> nanos = nanos(copy);
    return IntStream.range(0, Math.min(samples, nanos.size()))
        .mapToObj(i -> nanos.get(i) * ratio)
        .toList();
  }

  /** Returns what a call costs its caller; no bytes are of interest. */
  BenchCase call(JsonNode result) {
    boolean isUntilDone = result.path("measured").asText().equals("until done");
    String call = result.path("call").asText();
    return new BenchCase(
        Place.CALL,
        BY + " " + binding,
        isUntilDone ? call + " until done" : call,
        result.path("type").asText(),
        DEVICE,
        result.path("elements").asLong(),
        p,
        0,
        0,
        0,
        nanos(result),
        List.of(),
        0);
  }

  /** Returns a call on host memory. */
  BenchCase staged(JsonNode result) {
    long bytes = result.path("bytes").asLong();
    return new BenchCase(
        Place.STAGED,
        BY,
        Operation.FORWARD.label(),
        result.path("type").asText(),
        "native",
        result.path("elements").asLong(),
        p,
        0,
        bytes / 2,
        bytes / 2,
        nanos(result),
        List.of(),
        0);
  }

  private static List<Double> nanos(JsonNode result) {
    List<Double> nanos = new ArrayList<>();
    StreamSupport.stream(result.path("nanosPerCall").spliterator(), false)
        .map(JsonNode::asDouble)
        .forEach(nanos::add);
    return nanos;
  }
}
