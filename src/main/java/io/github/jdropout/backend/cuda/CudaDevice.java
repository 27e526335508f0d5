package io.github.jdropout.backend.cuda;

import io.github.jdropout.backend.cuda.driver.CudaConstants;
import io.github.jdropout.backend.cuda.driver.CudaDriver;
import java.util.Locale;

/**
 * A GPU, as the driver describes it.
 *
 * @param ordinal its number, from 0
 * @param name for example NVIDIA GeForce RTX 4090
 * @param capability compute capability times 10, for example 89
 * @param memoryBytes size of its memory
 * @param multiprocessors number of them; as the three below, 0 where the driver does not tell
 * @param memoryClockKhz clock of the memory in kHz
 * @param memoryBusBits width of the memory's bus
 * @param cacheBytes size of the second-level cache
 */
public record CudaDevice(
    int ordinal,
    String name,
    int capability,
    long memoryBytes,
    int multiprocessors,
    int memoryClockKhz,
    int memoryBusBits,
    int cacheBytes) {
  /**
   * Asks the driver.
   *
   * @throws CudaException if it does not answer
   */
  static CudaDevice ask(CudaDriver driver, int ordinal) {
    String[] name = new String[1];
    check(driver, driver.deviceName(ordinal, name), "cuDeviceGetName(" + ordinal + ")");
    long[] memory = new long[1];
    check(driver, driver.deviceMemory(ordinal, memory), "cuDeviceTotalMem(" + ordinal + ")");
    return new CudaDevice(
        ordinal,
        name[0],
        10 * attribute(driver, ordinal, CudaConstants.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR)
            + attribute(
                driver, ordinal, CudaConstants.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR),
        memory[0],
        optional(driver, ordinal, CudaConstants.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT),
        optional(driver, ordinal, CudaConstants.CU_DEVICE_ATTRIBUTE_MEMORY_CLOCK_RATE),
        optional(driver, ordinal, CudaConstants.CU_DEVICE_ATTRIBUTE_GLOBAL_MEMORY_BUS_WIDTH),
        optional(driver, ordinal, CudaConstants.CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE));
  }

  private static int attribute(CudaDriver driver, int ordinal, int attribute) {
    int[] value = new int[1];
    check(
        driver,
        driver.deviceAttribute(ordinal, attribute, value),
        "cuDeviceGetAttribute(" + attribute + ", " + ordinal + ")");
    return value[0];
  }

  /**
   * Returns what only describes the device; 0 where the driver does not tell, and it runs as well.
   */
  private static int optional(CudaDriver driver, int ordinal, int attribute) {
    int[] value = new int[1];
    return driver.deviceAttribute(ordinal, attribute, value) == CudaConstants.CUDA_SUCCESS
        ? value[0]
        : 0;
  }

  private static void check(CudaDriver driver, int status, String call) {
    if (status != CudaConstants.CUDA_SUCCESS) {
      throw new CudaException(status, call + " failed: " + CudaContext.describe(driver, status));
    }
  }

  /** Returns the compute capability as NVIDIA writes it, for example 8.9. */
  public String computeCapability() {
    return capability / 10 + "." + capability % 10;
  }

  /**
   * Returns the memory's bandwidth by its clock and bus, in bytes per second, counting two
   * transfers per clock; 0 where the driver does not tell the clock.
   */
  public double theoreticalBandwidth() {
    return 2.0 * memoryClockKhz * 1000 * memoryBusBits / Byte.SIZE;
  }

  /** Returns one line: name, ordinal, compute capability, memory. */
  public String summary() {
    return String.format(
        Locale.ROOT,
        "%s (device %d, compute capability %s, %.0f GiB)",
        name,
        ordinal,
        computeCapability(),
        memoryBytes / (double) (1L << 30));
  }

  @Override
  public String toString() {
    return "device " + ordinal + " (" + name + ")";
  }
}
