package io.github.jdropout.backend.cuda;

import io.github.jdropout.backend.cuda.driver.CudaConstants;
import io.github.jdropout.backend.cuda.driver.CudaDriver;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** A driver with its devices, and the contexts that this library has met. */
final class Cuda {
  private final CudaDriver driver;
  private final List<CudaDevice> devices;

  /** By the number that the driver gives each, or by handle where it gives none. */
  private final Map<Long, CudaContext> contexts = new ConcurrentHashMap<>();

  private final Map<Integer, CudaContext> primary = new ConcurrentHashMap<>();

  /** The context that a thread has asked for last: as a rule there is one. */
  private volatile Known latest = new Known(0, null);

  private record Known(long id, CudaContext context) {}

  /**
   * Asks a driver for its devices.
   *
   * @throws CudaException if it does not answer
   */
  Cuda(CudaDriver driver) {
    this.driver = driver;
    int[] count = new int[1];
    int status = driver.deviceCount(count);
    if (status != CudaConstants.CUDA_SUCCESS) {
      throw new CudaException(
          status, "cuDeviceGetCount failed: " + CudaContext.describe(driver, status));
    }
    List<CudaDevice> found = new ArrayList<>();
    for (int ordinal = 0; ordinal < count[0]; ordinal++) {
      found.add(CudaDevice.ask(driver, ordinal));
    }
    this.devices = List.copyOf(found);
  }

  CudaDriver driver() {
    return driver;
  }

  List<CudaDevice> devices() {
    return devices;
  }

  /**
   * Returns the context that frameworks share on a device. It is held until the JVM ends.
   *
   * @throws CudaException if the driver does not make it
   */
  CudaContext primary(CudaDevice device) {
    CudaContext known = primary.get(device.ordinal());
    return known != null ? known : retainPrimary(device);
  }

  private synchronized CudaContext retainPrimary(CudaDevice device) {
    CudaContext known = primary.get(device.ordinal());
    if (known != null) {
      return known;
    }
    long[] handle = new long[1];
    check(
        driver.retainPrimaryContext(device.ordinal(), handle), "cuDevicePrimaryCtxRetain", device);
    check(driver.pushContext(handle[0]), "cuCtxPushCurrent", device);
    long id;
    try {
      id = currentId(handle[0]);
    } finally {
      driver.popContext();
    }
    CudaContext made = context(id, handle[0], device);
    primary.put(device.ordinal(), made);
    return made;
  }

  /**
   * Returns the calling thread's current context, or null if it has none.
   *
   * @throws CudaException if the driver does not answer
   */
  CudaContext current() {
    long[] handle = new long[1];
    check(driver.currentContext(handle), "cuCtxGetCurrent", null);
    return handle[0] == 0 ? null : context(currentId(handle[0]), handle[0], null);
  }

  /** Returns a number for the current context, whose handle is given. */
  private long currentId(long handle) {
    long[] id = new long[1];
    // Handles are used again after a context has been destroyed, these numbers are not.
    return driver.currentContextId(id) == CudaConstants.CUDA_SUCCESS ? id[0] : handle;
  }

  /**
   * Returns what is known of a context. This may wait for another thread, so not between push and
   * pop.
   *
   * @param device its device, or null if the context is current and can be asked
   */
  private CudaContext context(long id, long handle, CudaDevice device) {
    Known known = latest;
    if (known.id == id && known.context != null) {
      return known.context;
    }
    CudaContext context =
        contexts.computeIfAbsent(
            id, _ -> new CudaContext(driver, handle, device != null ? device : currentDevice()));
    latest = new Known(id, context);
    return context;
  }

  private CudaDevice currentDevice() {
    int[] ordinal = new int[1];
    check(driver.currentDevice(ordinal), "cuCtxGetDevice", null);
    return devices.get(ordinal[0]);
  }

  private void check(int status, String call, CudaDevice device) {
    if (status != CudaConstants.CUDA_SUCCESS) {
      throw new CudaException(
          status,
          call
              + (device == null ? "" : " of " + device)
              + " failed: "
              + CudaContext.describe(driver, status));
    }
  }
}
