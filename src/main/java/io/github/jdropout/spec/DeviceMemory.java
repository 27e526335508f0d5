package io.github.jdropout.spec;

/** What views of device memory have in common. */
final class DeviceMemory {
  private DeviceMemory() {}

  static void checkAddress(long address, long count, String unit) {
    if (address == 0 && count > 0) {
      throw new IllegalArgumentException("address must not be 0 for " + count + " " + unit);
    }
  }

  static String hex(long address) {
    return "0x" + Long.toHexString(address);
  }
}
