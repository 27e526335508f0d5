package io.github.jdropout.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.jdropout.Dropout;
import io.github.jdropout.backend.BackendId;
import io.github.jdropout.spec.DropoutSpec;
import io.github.jdropout.spec.MaskKey;
import io.github.jdropout.spec.Scaling;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The options that say which mask, and who computes it. */
final class MaskOptions {
  @Option(
      names = {"-p", "--p"},
      required = true,
      paramLabel = "P",
      description = "Probability of dropping an element, in [0, 1].")
  private double p;

  @Option(
      names = "--seed",
      converter = Int64.class,
      defaultValue = "0",
      paramLabel = "N",
      description = "64-bit seed, decimal or 0x... Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Option(
      names = "--stream",
      converter = Int64.class,
      defaultValue = "0",
      paramLabel = "N",
      description = "64-bit stream, decimal or 0x... Default: ${DEFAULT-VALUE}.")
  private long stream;

  @Option(
      names = "--first",
      defaultValue = "0",
      paramLabel = "N",
      description = "Global index of the first element. Default: ${DEFAULT-VALUE}.")
  private long first;

  @Option(
      names = "--backend",
      converter = BackendName.class,
      completionCandidates = BackendName.class,
      paramLabel = "ID",
      description = BackendName.DESCRIPTION)
  private BackendId backend;

  @Option(
      names = "--json",
      description =
          "Write what was computed to standard output as JSON; the result itself goes to a file.")
  private boolean json;

  Dropout dropout(Scaling scaling) {
    DropoutSpec spec = new DropoutSpec(p, scaling);
    return backend == null ? Dropout.of(spec) : Dropout.of(spec, backend);
  }

  double p() {
    return p;
  }

  boolean json() {
    return json;
  }

  /** Writes what was computed, if that is wanted. */
  void describe(Console console, Dropout dropout, long count, Path file)
      throws JsonProcessingException {
    if (!json) {
      return;
    }
    ObjectNode root = new ObjectMapper().createObjectNode();
    root.put("p", p);
    root.put("effectiveP", dropout.effectiveP());
    root.put("scale", dropout.scale());
    // As text: many readers of JSON have no integers of 64 bits.
    root.put("seed", Long.toUnsignedString(seed));
    root.put("stream", Long.toUnsignedString(stream));
    root.put("first", first);
    root.put("count", count);
    root.put("backend", dropout.backend().id().label());
    root.put("file", file.toString());
    console
        .out()
        .println(
            new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValueAsString(root));
  }

  MaskKey key() {
    return new MaskKey(seed, stream);
  }

  /**
   * Returns the global index of the first of {@code count} elements.
   *
   * @throws IllegalArgumentException if one of their indices is not in [0, 2^63)
   */
  long first(long count) {
    if (first < 0 || first > Long.MAX_VALUE - Math.max(count - 1, 0)) {
      throw new IllegalArgumentException(
          "first must be in [0, 2^63 - " + count + "] but is " + first);
    }
    return first;
  }
}
