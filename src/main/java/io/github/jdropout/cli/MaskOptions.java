package io.github.jdropout.cli;

import io.github.jdropout.Dropout;
import io.github.jdropout.backend.BackendId;
import io.github.jdropout.spec.DropoutSpec;
import io.github.jdropout.spec.MaskKey;
import io.github.jdropout.spec.Scaling;
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

  Dropout dropout(Scaling scaling) {
    DropoutSpec spec = new DropoutSpec(p, scaling);
    return backend == null ? Dropout.of(spec) : Dropout.of(spec, backend);
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
