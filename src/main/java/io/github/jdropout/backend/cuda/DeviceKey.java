package io.github.jdropout.backend.cuda;

import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.MaskKey;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * A mask's key in device memory: seed and stream, read by the kernels when they run.
 *
 * <p>A graph that has captured a dropout with such a key and an {@link #advance} draws a new mask
 * at each replay.
 */
public final class DeviceKey implements AutoCloseable {
  private final DeviceBuffer buffer;

  private DeviceKey(DeviceBuffer buffer) {
    this.buffer = buffer;
  }

  /**
   * Puts a key into the memory of a device.
   *
   * @throws CudaException if the driver fails
   * @throws io.github.jdropout.spec.BackendUnavailableException if no GPU can be used here
   */
  public static DeviceKey of(CudaDevice device, MaskKey key) {
    Objects.requireNonNull(key, "key");
    DeviceKey made = new DeviceKey(DeviceBuffer.allocate(device, 2 * Long.BYTES));
    made.set(key);
    return made;
  }

  /** Returns the address of seed and stream, 16 bytes. */
  long address() {
    return buffer.address();
  }

  /** Returns the device in whose memory it is. */
  public CudaDevice device() {
    return buffer.device();
  }

  /**
   * Replaces the key, and returns when that is done. Launches that are under way on streams of
   * their own may see either.
   *
   * @throws IllegalStateException if it is closed
   * @throws CudaException if the driver fails
   */
  public void set(MaskKey key) {
    Objects.requireNonNull(key, "key");
    buffer.copyFrom(MemorySegment.ofArray(new long[] {key.seed(), key.stream()}));
  }

  /**
   * Reads the key back.
   *
   * @throws IllegalStateException if it is closed
   * @throws CudaException if the driver fails
   */
  public MaskKey get() {
    long[] words = new long[2];
    buffer.copyTo(MemorySegment.ofArray(words));
    return new MaskKey(words[0], words[1]);
  }

  /**
   * Queues an addition to the stream: the next dropout on {@code stream} draws another mask.
   *
   * @param increment added to the key's stream, modulo 2^64
   * @param stream a {@code CUstream}, 0 for the default stream
   * @throws IllegalStateException if it is closed
   * @throws CudaException if the driver fails
   */
  public void advance(long increment, long stream) {
    CudaContext context = CudaSupport.cuda().primary(device());
    long address = address();
    context.function(Operator.STREAM, ElementType.F32, false); // Before push: it takes a lock.
    context.push();
    try {
      context.kernels().advance(address, increment, stream);
    } finally {
      context.pop();
    }
  }

  /**
   * Frees the memory.
   *
   * @throws IllegalStateException if it has been closed before
   * @throws CudaException if the driver fails
   */
  @Override
  public void close() {
    buffer.close();
  }

  @Override
  public String toString() {
    return "DeviceKey in " + buffer;
  }
}
