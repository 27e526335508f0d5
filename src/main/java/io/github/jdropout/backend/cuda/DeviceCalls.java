package io.github.jdropout.backend.cuda;

import io.github.jdropout.spec.DeviceElements;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.MaskKey;
import java.util.Objects;

/** What calls on device memory have in common: the context they run in, and the driver's checks. */
final class DeviceCalls {
  /** Of calls that draw nothing. */
  static final Key NO_KEY = new Key(new Kernels.Key(new MaskKey(0, 0), 0), null);

  private final CudaDevice device;
  private final boolean isChosen;

  /** Null where each call runs in whatever context is current. */
  private final CudaContext fixedContext;

  private final boolean checksPointers = CudaDropout.checksPointers();

  /**
   * Remembers the device.
   *
   * @param isChosen whether calls in a context of another device fail; else the device is only for
   *     threads without a current context
   */
  DeviceCalls(CudaDevice device, boolean isChosen) {
    this.device = Objects.requireNonNull(device, "device");
    this.isChosen = isChosen;
    this.fixedContext = null;
  }

  /** Remembers a context, in which all calls run whatever is current. */
  DeviceCalls(CudaContext context) {
    this.device = context.device();
    this.isChosen = true;
    this.fixedContext = context;
  }

  /** Returns the device; null if it has not been chosen. */
  CudaDevice chosenDevice() {
    return isChosen ? device : null;
  }

  /** Queues one call's work; the context is current. */
  @FunctionalInterface
  interface Work {
    void queue(CudaContext context);
  }

  /** Checks a call's memory in its context. */
  @FunctionalInterface
  interface MemoryCheck {
    void check(CudaContext context);
  }

  /**
   * A key and where it is.
   *
   * @param device null if it is in the host's memory
   */
  record Key(Kernels.Key key, CudaDevice device) {
    static Key ofHost(MaskKey key) {
      return new Key(new Kernels.Key(Objects.requireNonNull(key, "key"), 0), null);
    }

    static Key ofDevice(DeviceKey key) {
      Objects.requireNonNull(key, "key");
      return new Key(new Kernels.Key(null, key.address()), key.device());
    }
  }

  /**
   * Returns the context that a call uses: the fixed one, the current one, or the device's primary
   * context.
   *
   * @param caller for messages
   * @throws IllegalStateException if it is another device's than the chosen one
   */
  CudaContext context(Object caller) {
    CudaContext context = contextBeside(CudaSupport.cuda().current());
    checkDevice(caller, context);
    return context;
  }

  private CudaContext contextBeside(CudaContext current) {
    if (fixedContext != null) {
      return fixedContext;
    }
    return current != null ? current : CudaSupport.cuda().primary(device);
  }

  /**
   * Runs a call: loads the kernel, checks, then queues.
   *
   * @param caller for messages
   */
  void run(
      Object caller, Operator operator, ElementType type, Key key, MemoryCheck memory, Work work) {
    Cuda cuda = CudaSupport.cuda();
    CudaContext current = cuda.current();
    CudaContext context = contextBeside(current);
    context.checkAlive();
    checkDevice(caller, context);
    checkKey(cuda, key, context);
    context.function(operator, type, key.key.isOnDevice()); // Before push: it takes a lock.
    if (current == context) {
      memory.check(context);
      work.queue(context);
      return;
    }
    context.push();
    try {
      memory.check(context);
      work.queue(context);
    } finally {
      context.pop();
    }
  }

  private void checkDevice(Object caller, CudaContext context) {
    if (isChosen && context.device().ordinal() != device.ordinal()) {
      throw new IllegalStateException(
          caller + " is for " + device + " but the current context is on " + context.device());
    }
  }

  /** Contexts have address spaces of their own, even on one device. */
  private static void checkKey(Cuda cuda, Key key, CudaContext context) {
    if (key.device == null) {
      return;
    }
    if (key.device.ordinal() != context.device().ordinal()) {
      throw new IllegalArgumentException(
          "key is on " + key.device + " but the context is on " + context.device());
    }
    if (context != cuda.primary(key.device)) {
      throw new IllegalArgumentException(
          "key is in the primary context of "
              + key.device
              + " but the current context is another one");
    }
  }

  /**
   * Asks the driver of elements.
   *
   * @param elements null for none
   */
  void checkMemory(CudaContext context, String name, DeviceElements elements) {
    if (elements != null) {
      checkMemory(context, name, elements.address(), elements.byteSize());
    }
  }

  /** Asks the driver of memory. */
  void checkMemory(CudaContext context, Region... memory) {
    for (Region region : memory) {
      checkMemory(context, region.name(), region.address(), region.bytes());
    }
  }

  /** Asks the driver of memory. */
  void checkMemory(CudaContext context, String name, long address, long bytes) {
    if (checksPointers && bytes != 0) {
      PointerCheck.check(context, name, address, bytes);
    }
  }
}
