package io.github.jdropout.bench.gpu;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.jdropout.bench.result.MarkdownTable;
import io.github.jdropout.bench.result.Samples;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;

/**
 * The times of one case, from the JSON of a benchmark of ours or of a peer.
 *
 * @param source the launch shape, or the peer
 */
record GpuTimes(JsonNode json, String source) {
  String operation() {
    return json.path("operation").asText();
  }

  String type() {
    return json.path("type").asText();
  }

  long elements() {
    return json.path("elements").asLong();
  }

  long bytes() {
    return json.path("bytes").asLong();
  }

  /** Returns the samples in the order in which they were taken. */
  double[] nanos() {
    return StreamSupport.stream(json.path("nanosPerCall").spliterator(), false)
        .mapToDouble(JsonNode::asDouble)
        .toArray();
  }

  double median() {
    return Samples.median(DoubleStream.of(nanos()).boxed().toList());
  }

  /** Bytes per nanosecond are 10^9 bytes per second. */
  double rate() {
    return bytes() / median();
  }

  /** Returns the rates between which the middle half of the samples lies. */
  String quartiles() {
    double[] sorted = nanos();
    Arrays.sort(sorted);
    int quarter = sorted.length / 4;
    return MarkdownTable.format(bytes() / sorted[sorted.length - 1 - quarter])
        + " … "
        + MarkdownTable.format(bytes() / sorted[quarter]);
  }

  /**
   * Returns how fast this moved its bytes compared with a copy: the median over the rounds, in each
   * of which both ran.
   */
  double ofCopy(GpuTimes copy) {
    double[] own = nanos();
    double[] copies = copy.nanos();
    return Samples.median(
        IntStream.range(0, Math.min(own.length, copies.length))
            .mapToObj(round -> bytes() / own[round] / (copy.bytes() / copies[round]))
            .toList());
  }

  boolean isOfSameTensor(GpuTimes other) {
    return type().equals(other.type()) && elements() == other.elements();
  }

  String size() {
    return Long.bitCount(elements()) == 1
        ? "2^" + Long.numberOfTrailingZeros(elements())
        : Long.toString(elements());
  }

  static String percent(double ratio) {
    return String.format(Locale.ROOT, "%.1f %%", 100 * ratio);
  }
}
