package io.github.jdropout.spec;

/**
 * A mask in the memory of a GPU, one bit per element, 1 = keep.
 *
 * <p>Element i is bit {@code i & 7} of byte {@code i >> 3}, as in {@link PackedMask}; the address
 * may be any.
 *
 * @param address of the byte with the first element's bit
 * @param count number of elements
 */
public record DeviceMask(long address, long count) {
  /**
   * Checks the arguments.
   *
   * @throws IllegalArgumentException if the address is 0 with a positive count, or the count is
   *     negative
   */
  public DeviceMask {
    if (count < 0) {
      throw new IllegalArgumentException("count must be at least 0 but is " + count);
    }
    DeviceMemory.checkAddress(address, count, "elements");
  }

  /** Returns the size in bytes; bits after the last element are written as 0. */
  public long byteSize() {
    return PackedMask.bytesFor(count);
  }

  @Override
  public String toString() {
    return "mask of " + count + " elements at device address " + DeviceMemory.hex(address);
  }
}
