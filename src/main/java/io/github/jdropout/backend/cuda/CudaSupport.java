package io.github.jdropout.backend.cuda;

import io.github.jdropout.backend.Availability;
import io.github.jdropout.backend.DropoutBackend;
import io.github.jdropout.backend.cuda.driver.CudaConstants;
import io.github.jdropout.spec.BackendUnavailableException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

/** Finds out whether a GPU can be used, and opens it; the probe never throws. */
public final class CudaSupport {
  /** System property: the ordinal of the device that serves host memory, 0 if not given. */
  public static final String DEVICE_PROPERTY = "jdropout.cuda.device";

  /**
   * By ordinal. One for each device, however often somebody asks: its page-locked buffers live as
   * long as it does.
   */
  private static final Map<Integer, DropoutBackend> BACKENDS = new ConcurrentHashMap<>();

  private CudaSupport() {}

  /** The driver, found at most once. */
  private static final class Found {
    static final Cuda CUDA;

    /** What was found, or why there is nothing. */
    static final String REASON;

    static {
      Cuda cuda = null;
      String reason;
      CudaBindings.Probe probe = CudaBindings.select();
      reason = probe.reason();
      try {
        cuda = probe.driver().isPresent() ? new Cuda(probe.driver().get()) : null;
      } catch (CudaException e) {
        reason = e.getMessage();
      }
      CUDA = cuda;
      REASON = reason;
    }
  }

  /**
   * Returns whether the backend can run, on which device and how.
   *
   * <p>It is never chosen by itself: for data in the host's memory the bus is slower than a CPU
   * that computes where the data is. The GPU is for data that is there already, see {@link
   * CudaDropout}.
   */
  public static Availability probe() {
    if (Found.CUDA == null) {
      return Availability.unavailable(Found.REASON);
    }
    try {
      CudaDevice device = device();
      checkCapability(device);
      // Their errors would otherwise come from whatever call happens to read them first.
      StagedBackend.partBytes();
      LaunchConfig.ofProperty();
      return Availability.discouraged(
          device.summary()
              + ", "
              + Found.CUDA.driver().description()
              + "; never chosen for host memory, because the bus is slower than a CPU");
    } catch (IllegalArgumentException | BackendUnavailableException e) {
      return Availability.unavailable(e.getMessage());
    }
  }

  /**
   * Returns the backend on the device that the property names; the probe has said that it can run.
   */
  public static DropoutBackend backend() {
    return backend(device());
  }

  /**
   * Returns the backend on a device, for {@link io.github.jdropout.spec.Elements} in the host's
   * memory; the same one for each call.
   *
   * @throws BackendUnavailableException if no GPU can be used here, or not this one
   */
  public static DropoutBackend backend(CudaDevice device) {
    Objects.requireNonNull(device, "device");
    checkCapability(device);
    Cuda cuda = cuda();
    return BACKENDS.computeIfAbsent(device.ordinal(), _ -> new StagedBackend(cuda, device));
  }

  private static void checkCapability(CudaDevice device) {
    if (device.capability() < CudaProbe.MIN_CAPABILITY) {
      throw new BackendUnavailableException(
          device + " has compute capability " + device.computeCapability() + " but 7.5 is needed");
    }
  }

  /**
   * Returns the devices, in the driver's order.
   *
   * @throws BackendUnavailableException if no GPU can be used here
   */
  public static List<CudaDevice> devices() {
    return cuda().devices();
  }

  /**
   * Returns the version of CUDA that the driver supports: 1000 * major + 10 * minor, so 12.6 is
   * 12060.
   *
   * @throws BackendUnavailableException if no GPU can be used here
   * @throws CudaException if the driver does not tell
   */
  public static int supportedVersion() {
    int[] version = new int[1];
    int status = cuda().driver().version(version);
    if (status != CudaConstants.CUDA_SUCCESS) {
      throw new CudaException(
          status, "cuDriverGetVersion failed: " + CudaContext.describe(cuda().driver(), status));
    }
    return version[0];
  }

  /** Returns the driver, or throws why there is none. */
  static Cuda cuda() {
    if (Found.CUDA == null) {
      throw new BackendUnavailableException("no GPU can be used here: " + Found.REASON);
    }
    return Found.CUDA;
  }

  private static CudaDevice device() {
    String value = System.getProperty(DEVICE_PROPERTY, "0");
    List<CudaDevice> devices = Found.CUDA.devices();
    int ordinal;
    try {
      ordinal = Integer.parseInt(value);
    } catch (NumberFormatException e) {
      ordinal = -1;
    }
    if (ordinal < 0 || ordinal >= devices.size()) {
      throw new IllegalArgumentException(
          "-D" + DEVICE_PROPERTY + " must be in [0, " + devices.size() + ") but is " + value);
    }
    return devices.get(ordinal);
  }
}
