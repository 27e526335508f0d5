package io.github.jdropout.spec;

import io.github.jdropout.rng.StreamAllocator;
import java.util.Objects;

/**
 * What selects a mask: a seed for the run and a stream for the application of dropout.
 *
 * <p>A forward call and its backward call use the same key. Two applications that should draw
 * different masks need different keys; {@link StreamAllocator} hands them out.
 *
 * @param seed any 64 bits, usually one value for a whole training run
 * @param stream any 64 bits, one value per application of dropout
 */
public record MaskKey(long seed, long stream) {
  /** Returns a key with the allocator's seed and its next unused stream. */
  public static MaskKey next(StreamAllocator streams) {
    Objects.requireNonNull(streams, "streams");
    return new MaskKey(streams.seed(), streams.next());
  }

  /** Returns the key of the same seed and another stream. */
  public MaskKey withStream(long newStream) {
    return new MaskKey(seed, newStream);
  }
}
