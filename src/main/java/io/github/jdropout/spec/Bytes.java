package io.github.jdropout.spec;

import java.lang.foreign.MemorySegment;
import java.util.Objects;

/** Memory without a type, of the host or of a GPU: for what a call keeps or works in. */
public sealed interface Bytes {
  /** Returns the size in bytes. */
  long byteSize();

  /**
   * Returns a part.
   *
   * @param offset of its first byte, in [0, byteSize()]
   * @param size in [0, byteSize() - offset]
   * @throws IndexOutOfBoundsException if the part leaves this memory
   */
  Bytes slice(long offset, long size);

  /** Returns whether any byte belongs to both. */
  boolean overlaps(Bytes other);

  /** Returns whether both begin at the same byte. */
  boolean beginsLike(Bytes other);

  /**
   * Memory of the host.
   *
   * @param segment the memory
   */
  record OfHost(MemorySegment segment) implements Bytes {
    /** Checks that there is a segment. */
    public OfHost {
      Objects.requireNonNull(segment, "segment");
    }

    @Override
    public long byteSize() {
      return segment.byteSize();
    }

    @Override
    public OfHost slice(long offset, long size) {
      return new OfHost(segment.asSlice(offset, size));
    }

    @Override
    public boolean overlaps(Bytes other) {
      return other instanceof OfHost host
          && byteSize() != 0
          && host.byteSize() != 0
          && segment.asOverlappingSlice(host.segment).isPresent();
    }

    @Override
    public boolean beginsLike(Bytes other) {
      return other instanceof OfHost host
          && overlaps(host)
          && segment.address() == host.segment.address();
    }

    /**
     * Checks that the memory can be used now, by this thread.
     *
     * @param name the argument's name, for the message
     * @throws IllegalArgumentException if its arena is closed or belongs to another thread
     */
    public void checkReadable(String name) {
      Memory.checkReadable(name, segment);
    }

    /**
     * Checks that the memory can be written now, by this thread.
     *
     * @param name the argument's name, for the message
     * @throws IllegalArgumentException if it is read-only, closed or another thread's
     */
    public void checkWritable(String name) {
      Memory.checkWritable(name, segment);
    }

    /** Returns whether threads other than the current one may read and write this memory. */
    public boolean isSharedBetweenThreads() {
      return Memory.isSharedBetweenThreads(segment);
    }
  }

  /**
   * Memory of a GPU.
   *
   * @param address of the first byte
   * @param byteSize how many
   */
  record OfDevice(long address, long byteSize) implements Bytes {
    /**
     * Checks the arguments.
     *
     * @throws IllegalArgumentException if the address is 0 with a positive size, or the size is
     *     negative
     */
    public OfDevice {
      if (byteSize < 0) {
        throw new IllegalArgumentException("byteSize must be at least 0 but is " + byteSize);
      }
      DeviceMemory.checkAddress(address, byteSize, "bytes");
    }

    @Override
    public OfDevice slice(long offset, long size) {
      Objects.checkFromIndexSize(offset, size, byteSize);
      return new OfDevice(address + offset, size);
    }

    @Override
    public boolean overlaps(Bytes other) {
      return other instanceof OfDevice device
          && byteSize != 0
          && device.byteSize != 0
          && Long.compareUnsigned(address, device.address + device.byteSize) < 0
          && Long.compareUnsigned(device.address, address + byteSize) < 0;
    }

    @Override
    public boolean beginsLike(Bytes other) {
      return overlaps(other) && other instanceof OfDevice device && address == device.address;
    }
  }
}
