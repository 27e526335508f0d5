package io.github.jdropout.bench.gpu;

import io.github.jdropout.backend.cuda.CudaBindings;
import io.github.jdropout.backend.cuda.CudaDevice;
import io.github.jdropout.backend.cuda.CudaSupport;
import io.github.jdropout.backend.cuda.driver.CudaDriver;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Locale;

/**
 * The first GPU, by the driver's own functions: those that the library has no use for, and with
 * their statuses checked. Its primary context is the calling thread's until the JVM ends.
 */
public final class Gpu {
  /** {@code CU_DEVICE_ATTRIBUTE_PCI_BUS_ID}, as the two below. */
  private static final int PCI_BUS_ID = 33;

  private static final int PCI_DEVICE_ID = 34;
  private static final int PCI_DOMAIN_ID = 50;

  private final CudaDriver driver;
  private final CudaDevice device;

  private Gpu(CudaDriver driver, CudaDevice device) {
    this.driver = driver;
    this.device = device;
  }

  /**
   * Makes the device's context the calling thread's.
   *
   * @throws io.github.jdropout.spec.BackendUnavailableException if no GPU can be used here
   */
  public static Gpu open() {
    CudaDevice device = CudaSupport.devices().getFirst();
    Gpu gpu = new Gpu(CudaBindings.select().driver().orElseThrow(), device);
    long[] context = new long[1];
    gpu.check(gpu.driver.retainPrimaryContext(device.ordinal(), context), "retain context");
    gpu.check(gpu.driver.pushContext(context[0]), "push context");
    return gpu;
  }

  /** Returns the device. */
  public CudaDevice device() {
    return device;
  }

  String bindingDescription() {
    return driver.description();
  }

  /** Returns the newest CUDA that the driver supports, such as 12060. */
  int driverVersion() {
    int[] version = new int[1];
    check(driver.version(version), "version");
    return version[0];
  }

  /** Returns the device's place on the PCI bus, domain, bus and device, as NVIDIA writes it. */
  String busId() {
    return String.format(
        Locale.ROOT,
        "%08x:%02x:%02x.0",
        attribute(PCI_DOMAIN_ID),
        attribute(PCI_BUS_ID),
        attribute(PCI_DEVICE_ID));
  }

  private int attribute(int attribute) {
    int[] value = new int[1];
    check(driver.deviceAttribute(device.ordinal(), attribute, value), "attribute " + attribute);
    return value[0];
  }

  void copy(long target, long source, long bytes, long stream) {
    check(driver.copyOnDevice(target, source, bytes, stream), "copy on device");
  }

  void fill(long address, byte value, long bytes, long stream) {
    check(driver.fill(address, value, bytes, stream), "fill");
  }

  /** Copies to the device and waits. */
  void upload(MemorySegment source, long target, long stream) {
    check(
        driver.copyToDevice(target, source.address(), source.byteSize(), stream), "copy to device");
    synchronize(stream);
  }

  /** Copies from the device and waits. */
  MemorySegment download(long source, long bytes, long stream, Arena arena) {
    MemorySegment target = arena.allocate(bytes, Long.BYTES);
    check(driver.copyToHost(target.address(), source, bytes, stream), "copy to host");
    synchronize(stream);
    return target;
  }

  void synchronize(long stream) {
    check(driver.synchronizeStream(stream), "synchronize");
  }

  /** Returns a new event, for {@link #record}. */
  public long createEvent() {
    long[] event = new long[1];
    check(driver.createEvent(event), "create event");
    return event[0];
  }

  /** Gives an event back. */
  public void destroyEvent(long event) {
    check(driver.destroyEvent(event), "destroy event");
  }

  /** Queues the event: it notes the time when a stream's work has come to it. */
  public void record(long event, long stream) {
    check(driver.recordEvent(event, stream), "record event");
  }

  /** Waits for the second event and returns the time between the two. */
  public double nanosBetween(long start, long end) {
    check(driver.synchronizeEvent(end), "synchronize event");
    float[] milliseconds = new float[1];
    check(driver.elapsedTime(start, end, milliseconds), "elapsed time");
    return milliseconds[0] * 1e6;
  }

  private void check(int status, String call) {
    if (status != 0) {
      throw new IllegalStateException(
          call + " failed: " + driver.errorName(status) + ": " + driver.errorText(status));
    }
  }
}
