package io.github.jdropout.backend.cuda;

import static io.github.jdropout.backend.cuda.driver.CudaConstants.CUDA_ERROR_NO_DEVICE;
import static io.github.jdropout.backend.cuda.driver.CudaConstants.CUDA_SUCCESS;
import static io.github.jdropout.backend.cuda.driver.CudaConstants.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR;
import static io.github.jdropout.backend.cuda.driver.CudaConstants.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR;

import io.github.jdropout.backend.cuda.driver.BindingException;
import io.github.jdropout.backend.cuda.driver.CudaDriver;
import java.util.ArrayList;
import java.util.List;

/** Finds out whether a driver and its devices can run the kernels. */
final class CudaProbe {
  /** 11.8, the first to load PTX 7.8, in which the kernels are. */
  static final int MIN_VERSION = 11080;

  /** 7.5: the architecture that the kernels are compiled for, and all later ones. */
  static final int MIN_CAPABILITY = 75;

  private static final String NO_DEVICE = "the CUDA driver finds no device";

  private CudaProbe() {}

  /**
   * Initialises the driver and returns what it has, in one line for people.
   *
   * @throws BindingException if it cannot run the kernels
   */
  static String describe(CudaDriver driver) throws BindingException {
    // First: an old driver may fail to initialise a new device, and would not say why.
    int[] version = new int[1];
    check(driver, driver.version(version), "cuDriverGetVersion");
    if (version[0] < MIN_VERSION) {
      throw new BindingException(
          "driver supports CUDA "
              + text(version[0])
              + " but "
              + text(MIN_VERSION)
              + " is needed; update the NVIDIA driver to 520 or newer");
    }
    int status = driver.init();
    if (status == CUDA_ERROR_NO_DEVICE) {
      throw new BindingException(NO_DEVICE);
    }
    check(driver, status, "cuInit");
    return driver.description()
        + "; driver supports CUDA "
        + text(version[0])
        + "; "
        + String.join(", ", devices(driver));
  }

  /** Returns each device's name and capability. */
  private static List<String> devices(CudaDriver driver) throws BindingException {
    int[] count = new int[1];
    int status = driver.deviceCount(count);
    if (status == CUDA_ERROR_NO_DEVICE || (status == CUDA_SUCCESS && count[0] == 0)) {
      throw new BindingException(NO_DEVICE);
    }
    check(driver, status, "cuDeviceGetCount");
    List<String> devices = new ArrayList<>();
    int highest = 0;
    for (int ordinal = 0; ordinal < count[0]; ordinal++) {
      String[] name = new String[1];
      check(driver, driver.deviceName(ordinal, name), "cuDeviceGetName");
      int major = attribute(driver, ordinal, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR);
      int minor = attribute(driver, ordinal, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR);
      devices.add(name[0] + " of compute capability " + major + "." + minor);
      highest = Math.max(highest, 10 * major + minor);
    }
    if (highest < MIN_CAPABILITY) {
      throw new BindingException(
          "no device has compute capability "
              + MIN_CAPABILITY / 10
              + "."
              + MIN_CAPABILITY % 10
              + " or higher: "
              + String.join(", ", devices));
    }
    return devices;
  }

  private static int attribute(CudaDriver driver, int ordinal, int attribute)
      throws BindingException {
    int[] value = new int[1];
    check(driver, driver.deviceAttribute(ordinal, attribute, value), "cuDeviceGetAttribute");
    return value[0];
  }

  private static void check(CudaDriver driver, int status, String function)
      throws BindingException {
    if (status != CUDA_SUCCESS) {
      throw new BindingException(
          function
              + " failed with "
              + status
              + ", "
              + driver.errorName(status)
              + ": "
              + driver.errorText(status));
    }
  }

  /** Returns the version of CUDA as people write it. */
  private static String text(int version) {
    return version / 1000 + "." + version % 1000 / 10;
  }
}
