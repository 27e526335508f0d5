package io.github.jdropout.rng;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Hands out stream numbers so that no two applications of dropout share a mask by accident.
 *
 * <p>There are two families that never meet, because bit 63 tells them apart:
 *
 * <ul>
 *   <li>{@link #next()} counts 0, 1, 2 …, in the order of the calls. It suits one thread that runs
 *       the same program again; which thread gets which number is not determined otherwise.
 *   <li>{@link #stream(int, long)} computes the number from (layer, step) alone. It suits
 *       activation checkpointing, resume and data-parallel replicas: whoever asks for the same
 *       layer and step gets the same stream, in any order.
 * </ul>
 *
 * <p>A mask repeats where seed, stream and the threshold that p gives are the same again: when the
 * same (layer, step) is asked for twice, when two allocators with one seed both count from 0, or
 * when an allocator is restored from an older checkpoint. Within one allocator {@link #next()}
 * never repeats: it throws after 2<sup>63</sup> numbers.
 *
 * <p>Safe for use by several threads.
 */
public final class StreamAllocator {
  /** Number of layers that {@link #stream(int, long)} can tell apart. */
  public static final int MAX_LAYERS = 1 << 20;

  /** Number of steps that {@link #stream(int, long)} can tell apart. */
  public static final long MAX_STEPS = 1L << 43;

  private static final long DERIVED = Long.MIN_VALUE;

  /** What the next stream is after 2^63 of them. */
  private static final long EXHAUSTED = Long.MIN_VALUE;

  /** "JDS" and the version of the format. */
  private static final int MAGIC = 0x4A445301;

  private static final int SAVED_BYTES = Integer.BYTES + 2 * Long.BYTES;

  private final long seed;
  private final AtomicLong nextStream;

  private StreamAllocator(long seed, long firstStream) {
    this.seed = seed;
    this.nextStream = new AtomicLong(firstStream);
  }

  /**
   * Returns an allocator that starts at stream 0.
   *
   * @param seed the seed of the run, any 64 bits
   */
  public static StreamAllocator withSeed(long seed) {
    return new StreamAllocator(seed, 0);
  }

  /**
   * Returns the stream of a layer at a step: {@code 2^63 + layer * 2^43 + step}.
   *
   * <p>Different (layer, step) pairs have different streams, and none equals one of {@link
   * #next()}. Replicas that each hold a shard of the batch call this with the same arguments and
   * pass the shard's first global index to dropout; together they draw the mask of the whole.
   *
   * @param layer number of the place where dropout is applied, in [0, 2^20)
   * @param step number of the training step, in [0, 2^43)
   * @throws IllegalArgumentException if an argument is outside its range
   */
  public static long stream(int layer, long step) {
    if (layer < 0 || layer >= MAX_LAYERS) {
      throw new IllegalArgumentException(
          "layer must be in [0, " + MAX_LAYERS + ") but is " + layer);
    }
    if (step < 0 || step >= MAX_STEPS) {
      throw new IllegalArgumentException("step must be in [0, " + MAX_STEPS + ") but is " + step);
    }
    return DERIVED | layer * MAX_STEPS | step;
  }

  /**
   * Returns a seed for one of several replicas that should draw independent masks.
   *
   * <p>A bijection of {@code replica} is mixed into the seed, so the replicas of one seed never
   * share a seed; replica 0 has the seed itself. Do not use it where replicas hold shards of one
   * tensor and must agree: there, share the seed and pass each shard's first index.
   *
   * @param seed the seed of the run
   * @param replica number of the replica, at least 0
   * @throws IllegalArgumentException if {@code replica} is negative
   */
  public static long replicaSeed(long seed, int replica) {
    if (replica < 0) {
      throw new IllegalArgumentException("replica must be at least 0 but is " + replica);
    }
    return seed ^ mix(replica);
  }

  /** The finaliser of MurmurHash3's 64-bit variant (Appleby): a bijection that maps 0 to 0. */
  private static long mix(long value) {
    long bits = value;
    bits = (bits ^ (bits >>> 33)) * 0xFF51AFD7ED558CCDL;
    bits = (bits ^ (bits >>> 33)) * 0xC4CEB9FE1A85EC53L;
    return bits ^ (bits >>> 33);
  }

  /** Returns the seed that was given at creation. */
  public long seed() {
    return seed;
  }

  /**
   * Returns a stream that this allocator has not returned before.
   *
   * @throws IllegalStateException after 2^63 streams
   */
  public long next() {
    long stream = nextStream.getAndUpdate(next -> next < 0 ? next : next + 1);
    if (stream < 0) {
      throw new IllegalStateException("all 2^63 streams of seed " + seed + " are used up");
    }
    return stream;
  }

  /**
   * Returns the state as 20 bytes: a mark, the seed and the next stream, big-endian.
   *
   * <p>Streams handed out after this call are handed out again by an allocator restored from it.
   */
  public byte[] save() {
    return ByteBuffer.allocate(SAVED_BYTES)
        .putInt(MAGIC)
        .putLong(seed)
        .putLong(nextStream.get())
        .array();
  }

  /**
   * Returns an allocator in the state that {@link #save()} recorded.
   *
   * @param saved the bytes from {@link #save()}
   * @throws IllegalArgumentException if the bytes are not a saved state
   */
  public static StreamAllocator restore(byte[] saved) {
    Objects.requireNonNull(saved, "saved");
    if (saved.length != SAVED_BYTES) {
      throw new IllegalArgumentException(
          "saved must have " + SAVED_BYTES + " bytes but has " + saved.length);
    }
    ByteBuffer buffer = ByteBuffer.wrap(saved);
    if (buffer.getInt() != MAGIC) {
      throw new IllegalArgumentException(
          "saved must start with 4a445301 but starts with "
              + HexFormat.of().formatHex(Arrays.copyOf(saved, Integer.BYTES)));
    }
    long seed = buffer.getLong();
    long next = buffer.getLong();
    if (next < 0 && next != EXHAUSTED) {
      throw new IllegalArgumentException(
          "saved must hold a next stream in [0, 2^63] but holds " + Long.toUnsignedString(next));
    }
    return new StreamAllocator(seed, next);
  }

  @Override
  public String toString() {
    return "StreamAllocator[seed=" + seed + ", next=" + nextStream.get() + "]";
  }
}
