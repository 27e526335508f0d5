package io.github.jdropout.spec;

import java.util.Objects;

/**
 * Contiguous elements in the memory of a GPU, by their address.
 *
 * <p>The address is what CUDA calls a device pointer; it is used, never read by the host, and
 * nothing is copied. The memory stays its owner's, who keeps it allocated until the work that uses
 * it is done.
 *
 * @param type of the elements
 * @param address of the first element, a multiple of its size
 * @param count number of elements
 */
public record DeviceElements(ElementType type, long address, long count) {
  /**
   * Checks the arguments.
   *
   * @throws IllegalArgumentException if the address is 0 with a positive count, or no multiple of
   *     the element's size, or the count is negative or makes 2^63 bytes or more
   */
  public DeviceElements {
    Objects.requireNonNull(type, "type");
    long limit = Long.MAX_VALUE / type.bytes();
    if (count < 0 || count > limit) {
      throw new IllegalArgumentException("count must be in [0, " + limit + "] but is " + count);
    }
    DeviceMemory.checkAddress(address, count, "elements");
    if (address % type.bytes() != 0) {
      throw new IllegalArgumentException(
          "address must be a multiple of "
              + type.bytes()
              + " ("
              + type.label()
              + ") but is "
              + DeviceMemory.hex(address));
    }
  }

  /** Returns the size in bytes. */
  public long byteSize() {
    return count * type.bytes();
  }

  /**
   * Returns a part.
   *
   * @param from index of the part's first element, in [0, count()]
   * @param elementCount in [0, count() - from]
   * @throws IllegalArgumentException if the range leaves these elements
   */
  public DeviceElements slice(long from, long elementCount) {
    if (from < 0 || from > count) {
      throw new IllegalArgumentException("from must be in [0, " + count + "] but is " + from);
    }
    if (elementCount < 0 || elementCount > count - from) {
      throw new IllegalArgumentException(
          "elementCount must be in [0, " + (count - from) + "] but is " + elementCount);
    }
    return new DeviceElements(type, address + from * type.bytes(), elementCount);
  }

  /** Returns the memory that the elements occupy. */
  public Bytes.OfDevice bytes() {
    return new Bytes.OfDevice(address, byteSize());
  }

  @Override
  public String toString() {
    return count + " " + type.label() + " at device address " + DeviceMemory.hex(address);
  }
}
