package io.github.jdropout.backend.cuda;

import io.github.jdropout.backend.cuda.driver.CudaDriver;
import io.github.jdropout.spec.DeviceElements;
import io.github.jdropout.spec.DeviceMask;
import io.github.jdropout.spec.ElementType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Memory of a GPU, in the device's primary context.
 *
 * <p>Close it when the work that uses it is done; a buffer that is forgotten is freed when the
 * garbage collector finds it. The address does not keep the buffer: keep the buffer itself as long
 * as work with its address is under way. Safe for use by several threads, but for a close during a
 * call.
 */
public final class DeviceBuffer implements AutoCloseable {
  private static final Cleaner CLEANER = Cleaner.create();

  private final CudaContext context;
  private final long address;
  private final long byteSize;
  private final Memory memory;
  private final Cleaner.Cleanable cleanable;

  /** Frees the memory once; must not refer to the buffer, which it outlives. */
  private static final class Memory implements Runnable {
    private final CudaContext context;
    private final long address;
    private final AtomicBoolean isFree = new AtomicBoolean();

    Memory(CudaContext context, long address) {
      this.context = context;
      this.address = address;
    }

    /** Runs when the garbage collector has found the buffer, or to no effect after a close. */
    @Override
    public void run() {
      if (isFree.compareAndSet(false, true)) {
        try {
          free();
        } catch (CudaException e) {
          // The context is lost, or somebody is capturing; nobody waits for an answer here.
          System.getLogger(DeviceBuffer.class.getName())
              .log(System.Logger.Level.DEBUG, "a forgotten buffer was not freed", e);
        }
      }
    }

    void free() {
      context.push();
      try {
        context.check(
            context.driver().free(address), "cuMemFree(0x" + Long.toHexString(address) + ")");
      } finally {
        context.pop();
      }
    }
  }

  private DeviceBuffer(CudaContext context, long address, long byteSize) {
    this.context = context;
    this.address = address;
    this.byteSize = byteSize;
    this.memory = new Memory(context, address);
    this.cleanable = CLEANER.register(this, memory);
  }

  /**
   * Allocates memory, whose content is undefined.
   *
   * @param byteSize at least 1
   * @throws IllegalArgumentException if {@code byteSize} is outside its range
   * @throws CudaException if the device has too little memory
   * @throws io.github.jdropout.spec.BackendUnavailableException if no GPU can be used here
   */
  public static DeviceBuffer allocate(CudaDevice device, long byteSize) {
    Objects.requireNonNull(device, "device");
    if (byteSize < 1) {
      throw new IllegalArgumentException("byteSize must be at least 1 but is " + byteSize);
    }
    CudaContext context = CudaSupport.cuda().primary(device);
    long[] address = new long[1];
    context.push();
    try {
      context.check(
          context.driver().allocate(byteSize, address),
          "cuMemAlloc(" + byteSize + " bytes) on " + device);
    } finally {
      context.pop();
    }
    return new DeviceBuffer(context, address[0], byteSize);
  }

  /**
   * Returns the address, a multiple of 256.
   *
   * @throws IllegalStateException if the buffer is closed
   */
  public long address() {
    checkOpen();
    return address;
  }

  /** Returns the size in bytes. */
  public long byteSize() {
    return byteSize;
  }

  /** Returns the device whose memory it is. */
  public CudaDevice device() {
    return context.device();
  }

  /**
   * Returns a view of the first elements.
   *
   * @param count in [0, byteSize() / type.bytes()]
   * @throws IllegalArgumentException if {@code count} is outside its range
   * @throws IllegalStateException if the buffer is closed
   */
  public DeviceElements elements(ElementType type, long count) {
    checkCount(count, byteSize / type.bytes());
    return new DeviceElements(type, address(), count);
  }

  /**
   * Returns a view as a mask.
   *
   * @param count number of elements, in [0, 8 * byteSize()]
   * @throws IllegalArgumentException if {@code count} is outside its range
   * @throws IllegalStateException if the buffer is closed
   */
  public DeviceMask mask(long count) {
    checkCount(count, Math.multiplyExact(byteSize, Byte.SIZE));
    return new DeviceMask(address(), count);
  }

  private static void checkCount(long count, long limit) {
    if (count < 0 || count > limit) {
      throw new IllegalArgumentException("count must be in [0, " + limit + "] but is " + count);
    }
  }

  /**
   * Copies from the host's memory to the buffer's start, and returns when that is done.
   *
   * <p>The copy waits for no work of other streams that does not itself wait for the default
   * stream.
   *
   * @throws IllegalArgumentException if {@code source} is longer than the buffer
   * @throws IllegalStateException if the buffer is closed
   * @throws CudaException if the driver fails
   */
  public void copyFrom(MemorySegment source) {
    checkSize("source", source);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = source;
      if (!source.isNative()) {
        bytes = arena.allocate(Math.max(source.byteSize(), 1)).copyFrom(source);
      }
      copy(bytes, source.byteSize(), true);
    }
  }

  /**
   * Copies from the buffer's start to the host's memory, and returns when that is done; see {@link
   * #copyFrom}.
   *
   * @throws IllegalArgumentException if {@code target} is longer than the buffer or read-only
   * @throws IllegalStateException if the buffer is closed
   * @throws CudaException if the driver fails
   */
  public void copyTo(MemorySegment target) {
    checkSize("target", target);
    if (target.isReadOnly()) {
      throw new IllegalArgumentException("target must be writable but is read-only: " + target);
    }
    if (target.isNative()) {
      copy(target, target.byteSize(), false);
      return;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocate(Math.max(target.byteSize(), 1));
      copy(bytes, target.byteSize(), false);
      target.copyFrom(bytes.asSlice(0, target.byteSize()));
    }
  }

  private void checkSize(String name, MemorySegment segment) {
    Objects.requireNonNull(segment, name);
    checkOpen();
    if (segment.byteSize() > byteSize) {
      throw new IllegalArgumentException(
          name + " has " + segment.byteSize() + " bytes but the buffer has " + byteSize);
    }
  }

  private void copy(MemorySegment host, long bytes, boolean isUp) {
    if (bytes == 0) {
      return;
    }
    // The driver gets the address alone, and would use memory of an arena that is closed.
    host.get(ValueLayout.JAVA_BYTE, 0);
    CudaDriver driver = context.driver();
    context.push();
    try {
      if (isUp) {
        context.check(driver.copyToDevice(address, host.address(), bytes, 0), "cuMemcpyHtoDAsync");
      } else {
        context.check(driver.copyToHost(host.address(), address, bytes, 0), "cuMemcpyDtoHAsync");
      }
      context.check(driver.synchronizeStream(0), "cuStreamSynchronize");
    } finally {
      context.pop();
      // Neither is to be collected, which frees the memory, while there are copies of its address.
      Reference.reachabilityFence(host);
      Reference.reachabilityFence(this);
    }
  }

  private void checkOpen() {
    if (memory.isFree.get()) {
      throw new IllegalStateException(this + " has been closed");
    }
  }

  /**
   * Frees the memory, having waited for the work on the device.
   *
   * @throws IllegalStateException if the buffer has been closed before
   * @throws CudaException if the driver fails
   */
  @Override
  public void close() {
    if (!memory.isFree.compareAndSet(false, true)) {
      throw new IllegalStateException(this + " has been closed before");
    }
    cleanable.clean();
    memory.free();
  }

  @Override
  public String toString() {
    return "DeviceBuffer of "
        + byteSize
        + " bytes at 0x"
        + Long.toHexString(address)
        + " on "
        + context.device();
  }
}
