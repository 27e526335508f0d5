package io.github.jdropout.backend.cuda;

import io.github.jdropout.backend.cuda.driver.CudaConstants;
import io.github.jdropout.backend.cuda.driver.CudaDriver;
import io.github.jdropout.backend.cuda.driver.KernelArguments;
import io.github.jdropout.backend.cuda.driver.PointerInfo;
import io.github.jdropout.spec.ElementType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * A context of the driver, with the kernels that have been loaded into it.
 *
 * <p>Between {@link #push()} and {@link #pop()} no lock is taken: the driver's stack of contexts is
 * a thread's own, and a virtual thread that parked could go on in another.
 */
final class CudaContext {
  private final CudaDriver driver;
  private final long handle;
  private final CudaDevice device;
  private final Kernels kernels;
  private final EpilogueKernels epilogueKernels;
  private final ProductKernels productKernels;
  private final RecentLaunches recent = new RecentLaunches();
  private final Map<Operator, Long> modules = new EnumMap<>(Operator.class);

  /** Handles of each operator's kernels; 0 where there is none yet. */
  private final Map<Operator, AtomicLongArray> functions = new EnumMap<>(Operator.class);

  /** How the context was lost; null while it is alive. */
  private volatile CudaException loss;

  CudaContext(CudaDriver driver, long handle, CudaDevice device) {
    this.driver = driver;
    this.handle = handle;
    this.device = device;
    LaunchConfig config = LaunchConfig.ofProperty();
    this.kernels = new Kernels(this, config);
    this.epilogueKernels = new EpilogueKernels(this, config);
    this.productKernels = new ProductKernels(this, config);
    for (Operator operator : Operator.values()) {
      functions.put(operator, new AtomicLongArray(Operator.KERNELS));
    }
  }

  CudaDriver driver() {
    return driver;
  }

  long handle() {
    return handle;
  }

  CudaDevice device() {
    return device;
  }

  Kernels kernels() {
    return kernels;
  }

  EpilogueKernels epilogueKernels() {
    return epilogueKernels;
  }

  ProductKernels productKernels() {
    return productKernels;
  }

  /**
   * Makes this the thread's current context, until {@link #pop()}.
   *
   * @throws CudaException if it has been lost
   */
  void push() {
    checkAlive();
    // A thread's first use of these takes a lock of the JDK's cleaner.
    kernels.prepareThread();
    PointerInfo.ofThread();
    check(driver.pushContext(handle), "cuCtxPushCurrent");
  }

  /** Makes the context before {@link #push()} current again. */
  void pop() {
    // Its status tells nothing new: it fails only where the work before it has failed.
    driver.popContext();
  }

  /**
   * Checks that no failure has destroyed the context.
   *
   * @throws CudaException if one has
   */
  void checkAlive() {
    CudaException lost = loss;
    if (lost != null) {
      CudaException again =
          new CudaException(
              lost.status(), "a context of " + device + " was lost before: " + lost.getMessage());
      again.initCause(lost);
      throw again;
    }
  }

  /**
   * Checks a status.
   *
   * @param call what was called, for the message
   * @throws CudaException if it is not success
   */
  void check(int status, String call) {
    if (status != CudaConstants.CUDA_SUCCESS) {
      throw failure(status, call);
    }
  }

  /** Returns what to throw for a status other than success. */
  CudaException failure(int status, String call) {
    String message = call + " failed: " + describe(driver, status);
    if (CudaStatus.losesContext(status)) {
      message +=
          "; so a context of "
              + device
              + " is lost, with all memory in it. The driver reports late: the cause is in one of"
              + " the launches that were not known to be done. "
              + recent;
    }
    CudaException failure = new CudaException(status, message);
    if (failure.isContextLost() && loss == null) {
      loss = failure;
    }
    return failure;
  }

  static String describe(CudaDriver driver, int status) {
    String text = driver.errorText(status);
    return driver.errorName(status) + " (" + status + ")" + (text.isEmpty() ? "" : ": " + text);
  }

  /**
   * Returns a kernel, having loaded it at the first call, which takes the driver's compiler up to a
   * second.
   *
   * @throws CudaException if the driver does not take it; the message has the compiler's log
   */
  long function(Operator operator, ElementType type, boolean hasDeviceKey) {
    int index = Operator.index(type, hasDeviceKey);
    long function = functions.get(operator).get(index);
    return function != 0 ? function : load(operator, type, hasDeviceKey, index);
  }

  private synchronized long load(
      Operator operator, ElementType type, boolean hasDeviceKey, int index) {
    try (Arena arena = Arena.ofConfined()) {
      // Before push: reading takes locks of the class loader.
      MemorySegment image =
          modules.containsKey(operator) ? null : Ptx.read(operator, device.capability(), arena);
      push();
      try {
        if (image != null) {
          modules.put(operator, loadModule(operator, image));
        }
        String kernel = operator.kernel(type, hasDeviceKey);
        long[] function = new long[1];
        check(
            driver.function(modules.get(operator), kernel, function),
            "cuModuleGetFunction(" + kernel + ")");
        functions.get(operator).set(index, function[0]);
        return function[0];
      } finally {
        pop();
      }
    }
  }

  private long loadModule(Operator operator, MemorySegment image) {
    long[] module = new long[1];
    String[] log = {""};
    int status = driver.loadModule(image, module, log);
    if (status != CudaConstants.CUDA_SUCCESS) {
      String text = log[0] == null || log[0].isBlank() ? "(empty)" : log[0].strip();
      throw failure(
          status,
          "cuModuleLoadDataEx("
              + operator.file()
              + ") for "
              + device
              + ", with the compiler's log: "
              + text
              + ";");
    }
    return module[0];
  }

  /**
   * Launches a kernel; the context must be current.
   *
   * @param elementCount for messages
   */
  void launch(
      long function,
      String kernel,
      int blocks,
      int threads,
      long stream,
      KernelArguments arguments,
      long elementCount) {
    int status = driver.launch(function, blocks, threads, stream, arguments);
    if (status != CudaConstants.CUDA_SUCCESS) {
      throw failure(
          status,
          "cuLaunchKernel("
              + kernel
              + "; grid="
              + blocks
              + " block="
              + threads
              + " elements="
              + elementCount
              + ")");
    }
    recent.add(kernel, elementCount, stream);
  }

  /** Remembers work that was queued by other means, for the message of a loss. */
  void noteLaunch(String what, long elementCount, long stream) {
    recent.add(what, elementCount, stream);
  }
}
